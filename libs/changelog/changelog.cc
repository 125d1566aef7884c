#include "libs/changelog/changelog.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::changelog {
namespace {

// How many entries one PostgreSQL transaction can number.
constexpr int kOrdinalsMax = 4096;

constexpr char kAppendSqlite[] = R"sql(
  INSERT INTO change_log (time, caller, request_id, resource_type, name, revision, kind, payload,
                          personal_paths, sight)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  RETURNING sequence)sql";

constexpr char kAppendPostgres[] = R"sql(
  INSERT INTO change_log (time, caller, request_id, resource_type, name, revision, kind, payload,
                          personal_paths, sight, sequence)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))sql";

// Install waits for whoever has read it, before it changes the base.
constexpr char kNumberPostgres[] =
    "SELECT (pg_current_xact_id()::text::bigint + base) * 4096 FROM change_epoch";

#define ENTRY_COLUMNS                                                         \
  "SELECT sequence, time, caller, request_id, resource_type, name, revision," \
  " kind, payload, personal_paths FROM change_log "

constexpr char kReadSqlite[] = ENTRY_COLUMNS "WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";

// Below the oldest transaction that still runs: what it writes will come in
// between.
constexpr char kReadPostgres[] = ENTRY_COLUMNS
    "WHERE sequence > ?1 AND sequence <"
    " (SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + base) * 4096"
    "  FROM change_epoch) "
    "ORDER BY sequence LIMIT ?2";

#define SETTLED                                                               \
  "sequence < (SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint" \
  " + base) * 4096 FROM change_epoch)"
#define HEAD_COLUMNS "SELECT sequence, resource_type, name, revision, kind, sight"

constexpr char kHeadsSqlite[] =
    HEAD_COLUMNS ", 1 FROM change_log WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
constexpr char kSettledHeadsPostgres[] = HEAD_COLUMNS
    ", 1::bigint FROM change_log WHERE sequence > ?1 AND " SETTLED " ORDER BY sequence LIMIT ?2";
constexpr char kAllHeadsPostgres[] = HEAD_COLUMNS
    ", (" SETTLED ")::int::bigint FROM change_log WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";

constexpr char kEndSqlite[] = "SELECT coalesce(max(sequence), 0) FROM change_log";
constexpr char kEndPostgres[] = "SELECT coalesce(max(sequence), 0) FROM change_log WHERE " SETTLED;
#undef HEAD_COLUMNS

constexpr char kHistory[] = ENTRY_COLUMNS
    "WHERE name = ?1 AND revision < ?2 ORDER BY revision DESC, sequence DESC LIMIT ?3";
#undef ENTRY_COLUMNS

Entry ToEntry(const sql::Row& row) {
  Entry entry;
  entry.sequence = row.Int64(0);
  entry.time = absl::FromUnixMicros(row.Int64(1));
  entry.caller = std::string(row.Text(2));
  entry.request_id = std::string(row.Text(3));
  entry.resource_type = std::string(row.Text(4));
  entry.name = std::string(row.Text(5));
  entry.revision = row.Int64(6);
  entry.kind = static_cast<Kind>(row.Int64(7));
  entry.payload = std::string(row.Bytes(8));
  if (!row.Text(9).empty()) entry.personal_paths = absl::StrSplit(row.Text(9), '\n');
  return entry;
}

absl::StatusOr<std::vector<Entry>> ReadEntries(sql::Connection& connection,
                                               absl::string_view statement,
                                               absl::Span<const sql::Value> values) {
  std::vector<Entry> entries;
  RETURN_IF_ERROR(connection.Query(statement, values, [&](const sql::Row& row) {
    entries.push_back(ToEntry(row));
    return true;
  }));
  return entries;
}

absl::StatusOr<std::string> ReadEpoch(sql::Connection& connection) {
  std::string epoch;
  RETURN_IF_ERROR(connection.Query("SELECT id FROM change_epoch", {}, [&](const sql::Row& row) {
    epoch = std::string(row.Text(0));
    return false;
  }));
  if (epoch.empty()) return status::Internal("the change log has no epoch: Install makes it");
  return epoch;
}

// That of the log, if the position is of it.
absl::StatusOr<std::string> CheckEpoch(sql::Connection& connection, const Position& position) {
  ASSIGN_OR_RETURN(const std::string epoch, ReadEpoch(connection));
  if (position.epoch.empty() || position.epoch == epoch) return epoch;
  return status::Precondition("EPOCH_CHANGED",
                              "the database was restored or emptied since this position was "
                              "given: read the change log from its beginning");
}

absl::StatusOr<int64_t> ReadNumber(sql::Connection& connection, absl::string_view statement,
                                   absl::Span<const sql::Value> values) {
  int64_t number = 0;
  RETURN_IF_ERROR(connection.Query(statement, values, [&](const sql::Row& row) {
    number = row.Int64(0);
    return true;
  }));
  if (number == 0) return status::Internal("the change log has no epoch: Install makes it");
  return number;
}

}  // namespace

const char kSettled[] = SETTLED;
#undef SETTLED

const seal::Log& SealedLog() {
  static const auto& log =
      *new seal::Log{"change_log",
                     {"sequence", "time", "caller", "request_id", "resource_type", "name",
                      "revision", "kind", "payload", "personal_paths", "sight"},
                     1,
                     kSettled};
  return log;
}

// The first entry of a transaction asks for its number.
absl::StatusOr<int64_t> NextSequence(sql::Transaction& transaction) {
  if (transaction.number() == 0) {
    ASSIGN_OR_RETURN(transaction.number(),
                     ReadNumber(transaction.connection(), kNumberPostgres, {}));
  }
  const int ordinal = transaction.NextOrdinal();
  if (ordinal >= kOrdinalsMax) {
    return status::Make(absl::StatusCode::kInvalidArgument, "TOO_MANY_CHANGES",
                        absl::StrCat("one transaction changes at most ", kOrdinalsMax,
                                     " resources: send several requests"));
  }
  return transaction.number() + ordinal;
}

absl::StatusOr<int64_t> Append(sql::Transaction& transaction, const Entry& entry,
                               int64_t last_sequence) {
  std::vector<sql::Value> values = {absl::ToUnixMicros(entry.time),
                                    entry.caller,
                                    entry.request_id,
                                    entry.resource_type,
                                    entry.name,
                                    entry.revision,
                                    int64_t{static_cast<int>(entry.kind)},
                                    sql::Blob{entry.payload},
                                    absl::StrJoin(entry.personal_paths, "\n"),
                                    entry.sight};
  sql::Connection& connection = transaction.connection();
  if (connection.engine() == sql::Engine::kSqlite) {
    return ReadNumber(connection, kAppendSqlite, values);
  }
  ASSIGN_OR_RETURN(const int64_t sequence, NextSequence(transaction));
  if (sequence <= last_sequence) {
    return sql::Conflict("the transaction is numbered before the row's last change");
  }
  values.push_back(sequence);
  RETURN_IF_ERROR(connection.Queue(kAppendPostgres, values));
  return sequence;
}

absl::StatusOr<Page> Read(sql::Connection& connection, const Position& after, int limit) {
  ASSIGN_OR_RETURN(const std::string epoch, CheckEpoch(connection, after));
  const bool sqlite = connection.engine() == sql::Engine::kSqlite;
  // Without an epoch from the beginning, whatever else it says.
  const int64_t from = after.epoch.empty() ? std::numeric_limits<int64_t>::min() : after.sequence;
  Page page;
  ASSIGN_OR_RETURN(page.entries, ReadEntries(connection, sqlite ? kReadSqlite : kReadPostgres,
                                             {from, int64_t{limit}}));
  page.next.epoch = epoch;
  page.next.sequence = page.entries.empty() ? from : page.entries.back().sequence;
  return page;
}

absl::StatusOr<Heads> ReadHeads(sql::Connection& connection, const Position& after, int limit,
                                Show show) {
  Heads heads;
  ASSIGN_OR_RETURN(heads.epoch, CheckEpoch(connection, after));
  const char* statement = connection.engine() == sql::Engine::kSqlite ? kHeadsSqlite
                          : show == Show::kAll                        ? kAllHeadsPostgres
                                                                      : kSettledHeadsPostgres;
  const int64_t from = after.epoch.empty() ? std::numeric_limits<int64_t>::min() : after.sequence;
  RETURN_IF_ERROR(connection.Query(statement, {from, int64_t{limit}}, [&](const sql::Row& row) {
    heads.heads.push_back({.sequence = row.Int64(0),
                           .resource_type = std::string(row.Text(1)),
                           .name = std::string(row.Text(2)),
                           .revision = row.Int64(3),
                           .kind = static_cast<Kind>(row.Int64(4)),
                           .sight = std::string(row.Text(5)),
                           .settled = row.Int64(6) != 0});
    return true;
  }));
  return heads;
}

absl::StatusOr<Position> End(sql::Connection& connection) {
  Position end;
  ASSIGN_OR_RETURN(end.epoch, ReadEpoch(connection));
  const bool sqlite = connection.engine() == sql::Engine::kSqlite;
  RETURN_IF_ERROR(
      connection.Query(sqlite ? kEndSqlite : kEndPostgres, {}, [&](const sql::Row& row) {
        end.sequence = row.Int64(0);
        return false;
      }));
  return end;
}

absl::StatusOr<std::vector<Entry>> History(sql::Connection& connection, absl::string_view name,
                                           int64_t below_revision, int limit) {
  const int64_t below = below_revision == 0 ? std::numeric_limits<int64_t>::max() : below_revision;
  return ReadEntries(connection, kHistory, {std::string(name), below, int64_t{limit}});
}

}  // namespace mostove::changelog
