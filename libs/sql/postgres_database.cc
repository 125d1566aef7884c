#include "libs/sql/postgres_database.h"
namespace mostove::sql {
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const DatabaseOptions&) {
  return absl::UnimplementedError("PostgreSQL comes with the next commit");
}
}  // namespace mostove::sql
