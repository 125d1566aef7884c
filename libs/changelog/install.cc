// The tables of the log, and the epoch of a database.
#include <openssl/rand.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/changelog/changelog.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::changelog {
namespace {

// `sequence` must be SQLite's own row number there.
std::vector<sql::Migration> Migrations(sql::Engine engine) {
  const char* sequence_type = engine == sql::Engine::kSqlite ? "INTEGER" : "BIGINT";
  return {{1, "change_log",
           absl::StrCat("CREATE TABLE change_log (sequence ", sequence_type, " PRIMARY KEY,", R"sql(
             time BIGINT NOT NULL, -- microseconds since 1970
             caller TEXT NOT NULL,
             request_id TEXT NOT NULL,
             resource_type TEXT NOT NULL,
             name TEXT NOT NULL,
             revision BIGINT NOT NULL,
             kind BIGINT NOT NULL,
             payload BLOB NOT NULL,
             personal_paths TEXT NOT NULL -- one a line
           );
           CREATE INDEX change_log_name ON change_log (name, revision);
           CREATE TABLE change_epoch (
             only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
             id TEXT NOT NULL,
             home TEXT NOT NULL,  -- the server and database that it was made in
             base BIGINT NOT NULL -- added to the number of a transaction
           );)sql")},
          {2, "sight",
           "ALTER TABLE change_log ADD COLUMN sight TEXT NOT NULL DEFAULT ''; -- who sees it"}};
}

// A random UUID.
absl::StatusOr<std::string> NewEpoch() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) {
    return status::Internal("no random bytes for the epoch of the change log");
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const std::string hex = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

struct Epoch {
  std::string id, home;
};

absl::StatusOr<std::string> Home(sql::Connection& connection) {
  std::string home = "file";
  if (connection.engine() == sql::Engine::kSqlite) return home;
  RETURN_IF_ERROR(connection.Query(
      "SELECT s.system_identifier::text || '/' || d.oid::text "
      "FROM pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database()",
      {}, [&](const sql::Row& row) {
        home = std::string(row.Text(0));
        return false;
      }));
  return home;
}

// Raises the base when the next sequence would not be above all others.
absl::StatusOr<bool> RaiseBase(sql::Connection& connection) {
  if (connection.engine() == sql::Engine::kSqlite) return false;
  ASSIGN_OR_RETURN(
      const int64_t raised,
      connection.Execute(
          "UPDATE change_epoch SET base = last.number + 1 - pg_current_xact_id()::text::bigint "
          "FROM (SELECT max(sequence) / 4096 AS number FROM change_log) AS last "
          "WHERE last.number >= base + pg_current_xact_id()::text::bigint",
          {}));
  return raised > 0;
}

absl::Status SettleEpoch(sql::Connection& connection) {
  if (connection.engine() == sql::Engine::kPostgres) {
    // Waits for writers that count with the present base.
    RETURN_IF_ERROR(connection.Script("LOCK TABLE change_epoch IN ACCESS EXCLUSIVE MODE"));
  }
  ASSIGN_OR_RETURN(const std::string home, Home(connection));
  ASSIGN_OR_RETURN(const std::string fresh, NewEpoch());
  RETURN_IF_ERROR(connection
                      .Execute("INSERT INTO change_epoch (only_row, id, home, base) "
                               "VALUES (1, ?1, ?2, 0) ON CONFLICT DO NOTHING",
                               {fresh, home})
                      .status());
  ASSIGN_OR_RETURN(const bool raised, RaiseBase(connection));
  return connection
      .Execute(absl::StrCat("UPDATE change_epoch SET id = ?1, home = ?2 WHERE home <> ?2",
                            raised ? " OR TRUE" : ""),
               {fresh, home})
      .status();
}

}  // namespace

absl::Status Install(sql::Database& database) {
  RETURN_IF_ERROR(database.Migrate("changelog", Migrations(database.engine())));
  return database.Write(absl::InfiniteFuture(), [](sql::Transaction& transaction) {
    return SettleEpoch(transaction.connection());
  });
}

}  // namespace mostove::changelog
