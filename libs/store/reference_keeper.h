// Keeps the references of a store's resources right: when they are written, and
// when their targets go.
//
// Before a transaction opens every added reference has to name a living
// resource that the caller sees; within it, targets of references annotated
// REFUSE or END are held, so that none goes unnoticed between the two.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/civil_time.h"
#include "libs/call/call.h"
#include "libs/sql/database.h"
#include "libs/status/status.h"
#include "libs/store/references.h"

namespace mostove::store {

class Store;

// What a write adds, and where its resource stands in the request.
struct AddedReference {
  Reference reference;
  std::string path;  // "requests[3].loan.recipient"
};

class ReferenceKeeper {
 public:
  // Makes and settles the tables. The store has its collections.
  static absl::StatusOr<ReferenceKeeper> Open(const Store& store);

  // What `after` holds and `before` (may be null) does not. `root` is the path
  // of the resource in the request.
  std::vector<AddedReference> Added(const google::protobuf::Message* before,
                                    const google::protobuf::Message& after,
                                    absl::string_view root) const;

  // Before the transaction. A violation for each reference that is no name of
  // its type (NAME) or names nothing that the caller may see
  // (REFERENCE_NOT_FOUND). One question to each service that owns some of them;
  // UNAVAILABLE if one is away.
  absl::Status Check(const call::Call& call, const std::vector<AddedReference>& added,
                     status::Violations& violations) const;

  // Before the transaction: FAILED_PRECONDITION, reason REFERENCED, when a
  // resource here or elsewhere refuses that this one is deleted. The caller may
  // delete it otherwise.
  absl::Status CheckDeletable(const call::Call& call, const resource::Type& type,
                              const std::string& name) const;

  // In the transaction: `after` took the place of `before`; null where the
  // resource does not live.
  absl::Status Record(sql::Connection& connection, const std::string& referrer,
                      const google::protobuf::Message* before,
                      const google::protobuf::Message* after) const;
  // In the transaction, after the rows are written. An error of its own when a
  // target went meanwhile: give it to Explain after the transaction.
  absl::Status Hold(sql::Connection& connection, const std::vector<AddedReference>& added) const;
  // What is to be told the caller of a write that failed with `status`.
  absl::Status Explain(const call::Call& call, const std::vector<AddedReference>& added,
                       absl::Status status) const;

  // In the transaction of a deletion, after the row is written: as
  // CheckDeletable, of the resources of this store.
  absl::Status HoldForDeletion(const call::Call& call, sql::Connection& connection,
                               const resource::Type& type, const std::string& name) const;

  // Sets the end of a resource whose END target is gone to the day on which
  // that was deleted, unless it ended before.
  absl::Status EndWithTargets(sql::Connection& connection,
                              google::protobuf::Message& resource) const;
  // In the transaction that takes the resource back from deletion: ends it, or
  // refuses with FAILED_PRECONDITION, reason REFERENCE_NOT_FOUND, where targets
  // are gone.
  absl::Status Revive(sql::Connection& connection, google::protobuf::Message& resource) const;

 private:
  explicit ReferenceKeeper(const Store& store) : store_(&store) {}
  const resource::Type* TypeOf(const Reference& reference) const;
  absl::StatusOr<absl::flat_hash_set<std::string>> Missing(
      const call::Call& call, const std::vector<AddedReference>& added) const;
  absl::StatusOr<Referrers> OwnRefusing(const call::Call& call, sql::Connection& connection,
                                        const std::string& name) const;
  absl::StatusOr<std::optional<absl::CivilDay>> GoneSince(sql::Connection& connection,
                                                          const std::string& name) const;
  bool MayRefer(const google::protobuf::Message& resource) const;

  const Store* store_;
  // By resource type; those without reference fields are not in it.
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::vector<ReferenceField>> fields_;
  // Types that resources of this store refer to with REFUSE or END; "*" too.
  absl::flat_hash_set<std::string> guarded_types_;
};

// Living resources of the store that refer to the target, those first that the
// caller sees.
absl::StatusOr<Referrers> FindReferrers(const Store& store, const call::Call& call,
                                        sql::Connection& connection, const std::string& target,
                                        resource::v1::OnDelete on_delete);

// Those of the names that are no living resources of the store that the caller
// may see. Names of other stores are missing.
absl::StatusOr<std::vector<std::string>> FindMissing(const Store& store, const call::Call& call,
                                                     const std::vector<std::string>& names);

}  // namespace mostove::store
