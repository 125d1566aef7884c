#include "libs/sql/migrations.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::sql {
namespace {

constexpr char kTable[] = R"sql(
  CREATE TABLE IF NOT EXISTS migrations (
    space TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied BIGINT NOT NULL, -- microseconds since 1970
    PRIMARY KEY (space, number)
  ))sql";

// Any number that nobody else uses.
constexpr int64_t kLock = 0x6d6f73746f7665;  // "mostove"

struct Applied {
  std::string name;
  std::string checksum;
};

std::string FileName(absl::string_view space, int64_t number, absl::string_view name) {
  return absl::StrFormat("%s/%04d_%s.sql", space, number, name);
}

// SQLite's writer holds the file's lock already.
absl::Status LockOutOthers(Connection& connection) {
  if (connection.engine() == Engine::kSqlite) return absl::OkStatus();
  return connection.Query("SELECT pg_advisory_xact_lock(?1)", {kLock},
                          [](const Row&) { return true; });
}

absl::StatusOr<std::map<int64_t, Applied>> ReadApplied(Connection& connection,
                                                       absl::string_view space) {
  std::map<int64_t, Applied> applied;
  RETURN_IF_ERROR(connection.Query(
      "SELECT number, name, checksum FROM migrations WHERE space = ?1", {std::string(space)},
      [&](const Row& row) {
        applied[row.Int64(0)] = {std::string(row.Text(1)), std::string(row.Text(2))};
        return true;
      }));
  return applied;
}

absl::Status CheckNumbers(absl::string_view space, const std::vector<Migration>& migrations) {
  for (size_t i = 0; i < migrations.size(); ++i) {
    const int expected = static_cast<int>(i) + 1;
    if (migrations[i].number == expected) continue;
    return status::Precondition(
        "MIGRATION_GAP",
        absl::StrFormat("%s stands where migration %d of %s should be: number them 1, 2, 3, ... "
                        "without gaps",
                        FileName(space, migrations[i].number, migrations[i].name), expected,
                        space));
  }
  return absl::OkStatus();
}

absl::Status CheckApplied(absl::string_view space, const std::vector<Migration>& migrations,
                          const std::map<int64_t, Applied>& applied) {
  for (const auto& [number, before] : applied) {
    const std::string file = FileName(space, number, before.name);
    if (number < 1 || number > static_cast<int64_t>(migrations.size())) {
      return status::Precondition(
          "MIGRATION_MISSING",
          absl::StrCat(file, " was applied to this database but this program does not have it: ",
                       "start the program version that made it, or a later one"));
    }
    if (digest::Sha256Hex(migrations[number - 1].script) != before.checksum) {
      return status::Precondition(
          "MIGRATION_CHANGED",
          absl::StrCat(file,
                       " was changed after it had been applied to this database: restore "
                       "its text and write the change as a new migration"));
    }
  }
  return absl::OkStatus();
}

// The script without what stands between "-- only sqlite:" or "-- only postgresql:",
// of the other engine, and "-- both:", each a line.
std::string ScriptFor(Engine engine, absl::string_view script) {
  const absl::string_view other =
      engine == Engine::kSqlite ? "-- only postgresql:" : "-- only sqlite:";
  std::string text;
  bool skipped = false;
  for (const absl::string_view line : absl::StrSplit(script, '\n')) {
    if (absl::StartsWith(line, "-- only ") || line == "-- both:") skipped = line == other;
    if (!skipped) absl::StrAppend(&text, line, "\n");
  }
  return text;
}

absl::Status Apply(Connection& connection, absl::string_view space, const Migration& migration) {
  if (absl::Status applied = connection.Script(ScriptFor(connection.engine(), migration.script));
      !applied.ok()) {
    if (IsConflict(applied)) return applied;
    return status::Precondition("MIGRATION_FAILED",
                                absl::StrCat(FileName(space, migration.number, migration.name),
                                             " could not be applied: ", applied.message()));
  }
  return connection
      .Execute(
          "INSERT INTO migrations (space, number, name, checksum, applied) "
          "VALUES (?1, ?2, ?3, ?4, ?5)",
          {std::string(space), int64_t{migration.number}, migration.name,
           digest::Sha256Hex(migration.script), absl::ToUnixMicros(absl::Now())})
      .status();
}

// Applies the first that is not applied yet. `done`: there was none.
absl::Status ApplyNext(Connection& connection, absl::string_view space,
                       const std::vector<Migration>& migrations, bool& done) {
  RETURN_IF_ERROR(LockOutOthers(connection));
  RETURN_IF_ERROR(connection.Script(kTable));
  ASSIGN_OR_RETURN(const auto applied, ReadApplied(connection, space));
  RETURN_IF_ERROR(CheckApplied(space, migrations, applied));
  done = true;
  for (const Migration& migration : migrations) {
    if (applied.count(migration.number) > 0) continue;
    done = false;
    return Apply(connection, space, migration);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunMigrations(Database& database, absl::string_view space,
                           const std::vector<Migration>& migrations) {
  RETURN_IF_ERROR(CheckNumbers(space, migrations));
  for (bool done = false; !done;) {
    RETURN_IF_ERROR(database.Write(absl::InfiniteFuture(), [&](Transaction& transaction) {
      return ApplyNext(transaction.connection(), space, migrations, done);
    }));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Database::Column>> ReadColumns(Database& database,
                                                          absl::string_view query) {
  ASSIGN_OR_RETURN(const Database::Reader reader, database.Read(absl::InfiniteFuture()));
  std::vector<Database::Column> columns;
  RETURN_IF_ERROR(reader->Query(query, {}, [&](const Row& row) {
    columns.push_back(
        {std::string(row.Text(0)), std::string(row.Text(1)), std::string(row.Text(2))});
    return true;
  }));
  return columns;
}

}  // namespace mostove::sql
