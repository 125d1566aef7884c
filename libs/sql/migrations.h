// Migrations and the description of the schema, the same for both engines.
#pragma once

#include <string>
#include <vector>

#include "libs/sql/database.h"

namespace mostove::sql {

// See Database::Migrate.
absl::Status RunMigrations(Database& database, absl::string_view space,
                           const std::vector<Migration>& migrations);

// See Database::Columns. `query` answers table, column and type.
absl::StatusOr<std::vector<Database::Column>> ReadColumns(Database& database,
                                                          absl::string_view query);

}  // namespace mostove::sql
