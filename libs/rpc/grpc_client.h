// What the calls of one gRPC client share. Private to the invoker.
//
// One completion queue with one thread. While calls are under way a tick every
// 10 ms looks after those that wait for something which gRPC does not tell: a
// connection, the end of a pause, a caller that goes away.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/random/random.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/rpc/grpc_tag.h"
#include "libs/rpc/retry_budget.h"

namespace mostove::rpc {

// One program that serves.
struct Copy {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<grpc::GenericStub> stub;

  // One that is not begins to connect.
  bool connected() const { return channel->GetState(true) == GRPC_CHANNEL_READY; }
};

class RemoteCall;

class GrpcClient {
 public:
  explicit GrpcClient(GrpcInvokerOptions options);
  ~GrpcClient();  // cancels the calls and waits for their end

  const GrpcInvokerOptions& options() const { return options_; }
  grpc::CompletionQueue* queue() { return &queue_; }
  RetryBudget& budget() { return budget_; }
  absl::BitGen& random() { return random_; }  // on the queue's thread only

  // The next connected copy, another than `avoided` if there is one; null if
  // none is.
  const Copy* Pick(const Copy* avoided);
  bool AnyConnected() const;

  // From here on the call is looked after, until it is removed. UNAVAILABLE
  // when there are too many.
  absl::Status Add(std::shared_ptr<RemoteCall> call);
  void Remove(RemoteCall* call);

 private:
  void Loop();
  void OnTick(bool ok);
  void SetAlarm();

  const GrpcInvokerOptions options_;
  std::vector<Copy> copies_;
  std::atomic<unsigned> next_copy_ = 0;
  RetryBudget budget_;
  absl::BitGen random_;
  grpc::CompletionQueue queue_;
  grpc::Alarm alarm_;
  MemberTag<GrpcClient> tick_{this, &GrpcClient::OnTick};

  std::mutex mutex_;
  std::condition_variable idle_;
  absl::flat_hash_set<std::shared_ptr<RemoteCall>> calls_;  // guarded by mutex_
  bool ticking_ = false;                                    // guarded by mutex_
  bool stopping_ = false;                                   // guarded by mutex_
  std::thread thread_;
};

}  // namespace mostove::rpc
