// What the changes of a group do better together, at its end.
#pragma once

#include <functional>

#include "libs/sql/sql.h"

namespace mostove::sql {

// Runs `action` once in the transaction of this change, after all changes that are
// committed with it and outside their savepoints, in the order of the calls; not when
// the change fails. Its error is the change's. Until then the change reads the tables
// without it. SQLite's full-text index needs it: it writes what it has gathered at each
// savepoint. On PostgreSQL nothing is gained, and the action runs at once.
absl::Status BeforeCommit(Transaction& transaction,
                          std::function<absl::Status(Connection&)> action);

}  // namespace mostove::sql
