// A database in a SQLite file.
#pragma once

#include <memory>
#include <string>

#include "libs/sql/database.h"

namespace mostove::sql {

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path,
                                                     const DatabaseOptions& options);

}  // namespace mostove::sql
