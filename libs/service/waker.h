// Who has to know soon that a service has written: its copies, and those who
// follow its log, in this process and, over Redis, in the others.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/auth/identity.h"
#include "libs/live/tail.h"
#include "libs/redis/wakeups.h"
#include "libs/references/references.h"

namespace mostove::service {

class Waker {
 public:
  // `redis`: an address as redis::Address::Parse reads it; empty: none, and the
  // other processes look by themselves.
  // `identity`: follows a log too; may be null, outlives Stop.
  static absl::StatusOr<std::unique_ptr<Waker>> Make(const std::string& redis,
                                                     auth::Identity* identity,
                                                     telemetry::Metrics* metrics);
  ~Waker();

  // Before Start, for everybody of this process; they outlive Stop. Services are
  // named as in protos: "mostove.funding.v1.FundingService".
  void Add(const std::string& service, live::Tail* tail, references::References* references);
  void Start();
  void Stop();

  // A service of this process has written. From any thread; does not block.
  void Written(const std::string& service);

 private:
  explicit Waker(auth::Identity* identity) : identity_(identity) {}
  // Another process says so; "": any service.
  void WrittenElsewhere(const std::string& service);

  struct Local {
    std::string service;
    live::Tail* tail;
    references::References* references;
  };
  auth::Identity* const identity_;
  std::vector<Local> locals_;
  std::unique_ptr<redis::Client> client_;  // null without Redis
  std::unique_ptr<redis::Wakeups> wakeups_;
};

}  // namespace mostove::service
