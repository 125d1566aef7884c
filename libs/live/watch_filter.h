// What one watcher is told of a change, if anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/call/call.h"
#include "libs/live/change.h"
#include "mostove/changes/v1/changes.pb.h"

namespace mostove::live {

class WatchFilter {
 public:
  // INVALID_ARGUMENT for types and names that the store has not.
  static absl::StatusOr<WatchFilter> Make(const store::Store& store, call::Caller caller,
                                          const changes::v1::WatchChangesRequest& request);

  // Kind, type, name, revision, without a position. Depends on the change and the
  // caller alone: who resumes is told the same.
  std::optional<changes::v1::WatchChangesResponse> Tell(const Change& change) const;
  bool Wants(const Change& change) const;

 private:
  // How the change concerns the caller, as far as it was asked for.
  store::Seen SeenOf(const Change& change) const;
  // The resource itself, or something below it, was asked for.
  bool AsksFor(const Change& change) const;
  bool AsksBelow(const Change& change) const;

  call::Caller caller_;
  std::vector<const store::Collection*> collections_;  // empty: all
  std::vector<const store::Collection*> parents_;      // of those
  bool any_type_ = true;
  std::string name_;  // empty: all
};

}  // namespace mostove::live
