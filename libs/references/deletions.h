// What a service does when a resource of another one, or of its own, that its
// resources refer to is deleted or taken back, or merged into another.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "libs/follower/follower.h"
#include "libs/store/store.h"

namespace mostove::references {

struct DeletionsOptions {
  const store::Store* store = nullptr;  // of the referrers; outlives this
  call::Caller caller;                  // who ends and takes back: "services/funding"
  std::string source;                   // the service that owns the targets
  bool own = false;                     // it is the store's service itself
  // Types of the targets that references annotated REFUSE or END name.
  std::vector<std::string> guarded;
  // Which of the names are deleted now, not only then: the log may be old.
  std::function<absl::StatusOr<std::vector<std::string>>(const std::vector<std::string>& names)>
      missing;
  // Takes this deletion back, and not a later one.
  std::function<absl::Status(const changes::v1::Change& deletion)> undelete;
  // All names that changed.
  std::function<void(const std::vector<std::string>& names)> changed;
};

class Deletions : public follower::Handler {
 public:
  explicit Deletions(DeletionsOptions options);

  absl::Status Restart(sql::Transaction& transaction) override;
  absl::Status Handle(const follower::Changes& changes, follower::Cursor& cursor) override;

 private:
  absl::StatusOr<absl::flat_hash_set<std::string>> StillDeleted(
      const follower::Changes& changes) const;
  absl::Status HandleAlias(const changes::v1::Change& change, follower::Cursor& cursor) const;
  absl::Status HandleDeletion(const changes::v1::Change& change, follower::Cursor& cursor) const;
  // True when some referrer refuses the deletion.
  absl::StatusOr<bool> MarkGone(const changes::v1::Change& change,
                                const follower::Cursor& cursor) const;
  // True when the target comes back, or has: nothing ends with it.
  absl::StatusOr<bool> TakeBack(const changes::v1::Change& change) const;
  absl::Status EndReferrers(const std::string& target, const follower::Cursor& cursor) const;
  absl::Status End(const std::string& referrer, sql::Transaction& transaction) const;

  const DeletionsOptions options_;
  const absl::flat_hash_set<std::string> guarded_;
};

}  // namespace mostove::references
