// The services that run in this process: all of them, or one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/answers/answers.h"
#include "libs/auth/identity.h"
#include "libs/privacy/part.h"
#include "libs/references/references.h"
#include "libs/rpc/invoker.h"
#include "libs/rpc/peers.h"
#include "libs/rpc/stream_watch.h"
#include "libs/rpc/worker_pool.h"
#include "libs/seal/sealer.h"
#include "libs/service/retention.h"
#include "libs/service/service.h"
#include "libs/service/waker.h"
#include "libs/store/maintenance.h"

namespace mostove::service {

inline constexpr int64_t kAnswersBytesMax = 64 << 20;

struct HostOptions {
  std::vector<Definition> definitions;
  // Opens the database of the service of this name.
  std::function<absl::StatusOr<std::unique_ptr<sql::Database>>(const std::string& name)>
      open_database;
  // Ways to the services of other processes; outlive the host.
  std::vector<rpc::Invoker*> elsewhere;
  rpc::WorkerPoolOptions workers;
  // For calls that services make among themselves: services that wait for each
  // other must not take each other's threads.
  rpc::WorkerPoolOptions peer_workers = {.threads = 16, .queue_max = 1024};
  // Kept answers of reads, all together; 0: none.
  int64_t answers_bytes_max = kAnswersBytesMax;
  // Wakes other processes and is woken by them: see redis::Address; empty: none.
  std::string redis;
  // Follows identity's log through the host; ends streams that its callers may not
  // see any more. May be null; outlives the host.
  auth::Identity* identity = nullptr;
  telemetry::Metrics* metrics = nullptr;
  Retention retention;
};

class Host {
 public:
  // When it returns the services answer, and follow each other's change logs.
  static absl::StatusOr<std::unique_ptr<Host>> Open(HostOptions options);
  ~Host();

  const std::vector<std::unique_ptr<Service>>& services() const { return services_; }
  // For callers from outside, on the host's workers.
  rpc::Invoker& invoker() { return *invoker_; }
  // Whether tokens can be judged and every database answers: UNAVAILABLE, or
  // DEADLINE_EXCEEDED after a second for each. One whose readers are all busy
  // counts as there. Blocks.
  absl::Status Check() const;
  // For other services.
  rpc::Invoker& peer_invoker() { return *peer_invoker_; }

 private:
  Host() = default;
  absl::Status OpenService(HostOptions& options, Definition definition);
  void StartWork(const HostOptions& options);

  auth::Identity* identity_ = nullptr;
  rpc::Peers peers_;
  std::unique_ptr<Waker> waker_;
  std::unique_ptr<answers::Answers> answers_;  // null: none are kept
  std::vector<std::unique_ptr<sql::Database>> databases_;
  std::vector<std::unique_ptr<references::References>> references_;  // one per service
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::unique_ptr<privacy::Part>> privacy_;  // one per service
  std::vector<std::unique_ptr<Worker>> workers_;         // of the services that have one
  std::unique_ptr<store::Maintenance> maintenance_;
  std::unique_ptr<seal::Sealer> sealer_;
  std::unique_ptr<rpc::WorkerPool> pool_;
  std::unique_ptr<rpc::WorkerPool> peer_pool_;
  std::unique_ptr<rpc::StreamWatch> stream_watch_;  // null without an identity
  std::unique_ptr<rpc::Invoker> invoker_;
  std::unique_ptr<rpc::Invoker> peer_invoker_;
};

}  // namespace mostove::service
