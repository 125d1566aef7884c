#include <utility>
#include <vector>

#include "libs/follower/follower.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::follower {
namespace {

// Nobody waits for it but its own thread.
constexpr absl::Duration kPatience = absl::Seconds(30);

const std::vector<sql::Migration>& Migrations() {
  static const auto* migrations = new std::vector<sql::Migration>{{1, "log_readers", R"sql(
    CREATE TABLE log_readers (
      reader TEXT NOT NULL,
      source TEXT NOT NULL,   -- the service whose log it reads
      position TEXT NOT NULL, -- as that service gave it; '' for the beginning
      PRIMARY KEY (reader, source)
    );)sql"}};
  return *migrations;
}

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

absl::Status Cursor::Prepare(sql::Database& database, const std::string& reader,
                             const std::string& source) {
  RETURN_IF_ERROR(database.Migrate("follower", Migrations()));
  return database.Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) -> absl::Status {
    return transaction.connection()
        .Execute(
            "INSERT INTO log_readers (reader, source, position) VALUES (?1, ?2, '') "
            "ON CONFLICT DO NOTHING",
            {reader, source})
        .status();
  });
}

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
