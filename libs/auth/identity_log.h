// Identity's change log as a directory reads it: what holds now first, by
// ReadSnapshot, and from there on what changes. So a start costs what there is,
// not what has ever happened.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/rpc/invoker.h"
#include "mostove/changes/v1/changes.pb.h"

namespace mostove::auth {

class IdentityLog {
 public:
  // `program`: as which it asks. `services` outlive it.
  IdentityLog(rpc::Invoker& services, std::string program)
      : services_(&services), program_(std::move(program)) {}

  // As ListChanges. The positions of a snapshot's pages are its own; for an identity
  // service that knows no snapshots it reads the log from its beginning.
  absl::StatusOr<changes::v1::ListChangesResponse> Read(
      const changes::v1::ListChangesRequest& request) const;

  // Whether the services have the log at all.
  static bool IsReached(const rpc::Invoker& services);

 private:
  absl::StatusOr<changes::v1::ListChangesResponse> ReadSnapshot(absl::string_view page_token) const;
  template <class Response>
  absl::StatusOr<Response> Ask(const char* method, const google::protobuf::Message& request) const;

  rpc::Invoker* services_;
  std::string program_;
};

}  // namespace mostove::auth
