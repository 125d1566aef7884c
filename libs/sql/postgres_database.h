// A database on a PostgreSQL server.
#pragma once

#include <memory>

#include "libs/sql/database.h"

namespace mostove::sql {

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const DatabaseOptions& options);

}  // namespace mostove::sql
