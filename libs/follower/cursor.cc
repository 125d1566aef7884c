#include <utility>

#include "libs/follower/follower.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::follower {
namespace {

// Nobody waits for it but its own thread.
constexpr absl::Duration kPatience = absl::Seconds(30);

absl::StatusOr<std::string> ReadPosition(sql::Connection& connection, const std::string& reader,
                                         const std::string& source, bool lock) {
  std::string position;
  const char* statement =
      lock && connection.engine() == sql::Engine::kPostgres
          ? "SELECT position FROM log_readers WHERE reader = ?1 AND source = ?2 FOR UPDATE"
          : "SELECT position FROM log_readers WHERE reader = ?1 AND source = ?2";
  RETURN_IF_ERROR(connection.Query(statement, {reader, source}, [&](const sql::Row& row) {
    position = std::string(row.Text(0));
    return false;
  }));
  return position;
}

}  // namespace

absl::StatusOr<Cursor> Cursor::Load(sql::Database& database, const std::string& reader,
                                    const std::string& source) {
  Cursor cursor(database, reader, source);
  ASSIGN_OR_RETURN(sql::Database::Reader connection, database.Read(absl::Now() + kPatience));
  ASSIGN_OR_RETURN(cursor.position_, ReadPosition(*connection, reader, source, /*lock=*/false));
  return cursor;
}

absl::Status Cursor::Check(sql::Connection& connection) const {
  ASSIGN_OR_RETURN(const std::string stored,
                   ReadPosition(connection, reader_, source_, /*lock=*/true));
  if (stored == position_) return absl::OkStatus();
  return status::Aborted("OVERTAKEN", "another copy of this service has read on");
}

absl::Status Cursor::Run(const sql::Change& change) const {
  return database_->Write(absl::Now() + kPatience, [&](sql::Transaction& transaction) {
    RETURN_IF_ERROR(Check(transaction.connection()));
    return change(transaction);
  });
}

absl::Status Cursor::Advance(const std::string& position, const sql::Change& change) {
  RETURN_IF_ERROR(Run([&](sql::Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(change(transaction));
    return transaction.connection()
        .Execute("UPDATE log_readers SET position = ?3 WHERE reader = ?1 AND source = ?2",
                 {reader_, source_, position})
        .status();
  }));
  position_ = position;
  return absl::OkStatus();
}

}  // namespace mostove::follower
