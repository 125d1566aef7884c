// What a service does about exports and erasures: it follows identity's log for
// operations, asks identity whom one is about, goes through its own records and
// tells identity that its part is done.
#pragma once

#include <memory>
#include <string>

#include "libs/follower/follower.h"
#include "libs/privacy/person.h"
#include "libs/rpc/invoker.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/identity_service.pb.h"

namespace mostove::privacy {

struct PartOptions {
  const store::Store* store = nullptr;  // outlives this
  std::string name;                     // of the service: "funding"
  rpc::Invoker* peers = nullptr;        // reaches identity; outlives this
  absl::Duration patience = absl::Seconds(10);
  absl::Duration interval = absl::Seconds(1);
};

class Part : public follower::Handler {
 public:
  static absl::StatusOr<std::unique_ptr<Part>> Open(PartOptions options);
  ~Part() override;

  void Start() { follower_->Start(); }
  void Stop() { follower_->Stop(); }
  // The service has written (see Waker): "" is any.
  void Wake(const std::string& service);
  // For tests without Start.
  follower::Follower& follower() { return *follower_; }

  absl::Status Restart(sql::Transaction&) override { return absl::OkStatus(); }
  absl::Status Handle(const follower::Changes& changes, follower::Cursor& cursor) override;

 private:
  explicit Part(PartOptions options) : options_(std::move(options)) {}
  call::Call SystemCall() const;
  absl::StatusOr<call::MessagePtr> Ask(const char* method,
                                       const google::protobuf::Message& request) const;
  // Does it if it is still to be done.
  absl::Status Do(const std::string& operation);

  const PartOptions options_;
  std::unique_ptr<follower::Follower> follower_;
};

// What a store has about a person: JSON texts by resource.
struct Findings {
  int resources = 0;
  std::string data;  // a JSON array; cut off, and marked so, where it would be too long
};
absl::StatusOr<Findings> Export(const store::Store& store, const call::Call& call,
                                const Person& person);
// Takes it out of all rows, and its traces out of the database's files. Answers
// in how many resources there was something.
absl::StatusOr<int> Erase(const store::Store& store, const call::Call& call, const Person& person);

}  // namespace mostove::privacy
