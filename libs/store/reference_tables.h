// The tables about references that every store's database has. Statements
// only; who asks them when is ReferenceKeeper's.
//   resource_references: of each living resource, what it refers to
//   gone_targets: deleted resources of other services, as the reader of their
//     change logs found them
//   reference_layout: which fields the rows were made from
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/sql/database.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::store {

class Store;

absl::Status InstallReferenceTables(sql::Database& database);

// Makes the rows of a store's resources anew when they were made from other
// fields, or never. Writers of other processes wait for it.
absl::Status SettleReferences(const Store& store);

// Turns the rows of `before` into those of `after`; null where the resource
// does not live. Costs nothing where the two hold the same.
absl::Status UpdateReferences(sql::Connection& connection, const std::string& referrer,
                              const google::protobuf::Message* before,
                              const google::protobuf::Message* after);

// Living resources that refer to the target, in the order of their names, above
// `after`. ON_DELETE_UNSPECIFIED: whatever the reference is worth.
absl::StatusOr<std::vector<std::string>> ReadReferrers(sql::Connection& connection,
                                                       const std::string& target,
                                                       resource::v1::OnDelete on_delete,
                                                       const std::string& after, int limit);

// Until the end of the transaction. Whoever adds references to targets holds
// them shared, and whoever deletes one, or marks it as gone, holds it
// exclusive: so one of the two sees what the other did. Take it after the locks
// of rows, so that nobody waits in a circle. Does nothing on SQLite, where one
// transaction writes at a time.
absl::Status LockTargets(sql::Connection& connection, const std::vector<std::string>& targets);
absl::Status LockTargetAlone(sql::Connection& connection, const std::string& target);

// When the target was deleted; nothing while it is not marked as gone.
absl::StatusOr<std::optional<absl::Time>> ReadGone(sql::Connection& connection,
                                                   const std::string& target);
// `source` is the service that owns the target.
absl::Status MarkGone(sql::Connection& connection, const std::string& source,
                      const std::string& target, absl::Time deleted);
absl::Status UnmarkGone(sql::Connection& connection, const std::string& target);
absl::Status UnmarkAllGone(sql::Connection& connection, const std::string& source);

}  // namespace mostove::store
