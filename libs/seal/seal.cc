#include "libs/seal/seal.h"

#include <cstring>
#include <limits>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::seal {
namespace {

// One delete of a purge is short, so that writers come in between.
constexpr int kPurgedSealsMax = 5;

const std::vector<sql::Migration>& Migrations() {
  static const auto* migrations = new std::vector<sql::Migration>{{1, "log_seal", R"sql(
    CREATE TABLE log_seal (
      log TEXT NOT NULL,
      ordinal BIGINT NOT NULL,
      kind BIGINT NOT NULL,     -- 1 rows, 2 purge
      version BIGINT NOT NULL,  -- of the columns that are hashed
      first_sequence BIGINT NOT NULL,
      through BIGINT NOT NULL,  -- of a purge: the last row that is gone
      last_sequence BIGINT NOT NULL,
      row_count BIGINT NOT NULL,
      time BIGINT NOT NULL,     -- microseconds since 1970
      leaves BLOB NOT NULL,     -- of each row: sequence, hash; empty when purged
      kept BIGINT NOT NULL,     -- 1: its rows are there, 0: they were purged
      leaves_hash BLOB NOT NULL,
      previous_hash BLOB NOT NULL,
      hash BLOB NOT NULL,
      PRIMARY KEY (log, ordinal)
    );
    CREATE INDEX log_seal_kept ON log_seal (log, kept, ordinal);)sql"}};
  return *migrations;
}

// A text that no two different lists of values share: every value carries its
// type, and its length where that varies.
class Canonical {
 public:
  explicit Canonical(absl::string_view what) { Add(what); }

  Canonical& Add(int64_t number) {
    text_ += 'i';
    AddNumber(static_cast<uint64_t>(number));
    return *this;
  }
  Canonical& Add(absl::string_view text) { return AddBytes('t', text); }
  Canonical& AddBytes(char type, absl::string_view bytes) {
    text_ += type;
    AddNumber(bytes.size());
    absl::StrAppend(&text_, bytes);
    return *this;
  }
  Canonical& AddValue(const sql::Value& value) {
    if (const auto* number = std::get_if<int64_t>(&value)) return Add(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return Add(*text);
    if (const auto* blob = std::get_if<sql::Blob>(&value)) return AddBytes('b', blob->bytes);
    if (const auto* real = std::get_if<double>(&value)) {
      text_ += 'd';
      uint64_t bits;
      static_assert(sizeof(bits) == sizeof(*real));
      std::memcpy(&bits, real, sizeof(bits));
      AddNumber(bits);
      return *this;
    }
    text_ += 'n';
    return *this;
  }
  std::string Hash() const { return digest::Sha256(text_); }

 private:
  void AddNumber(uint64_t number) {
    char bytes[8];
    absl::big_endian::Store64(bytes, number);
    text_.append(bytes, sizeof(bytes));
  }

  std::string text_;
};

struct Leaves {
  std::string text;
  int64_t first = 0, last = 0;
  int rows = 0;
};

absl::StatusOr<Leaves> ReadLeaves(sql::Connection& connection, const Log& log, int64_t after) {
  const bool postgres = connection.engine() == sql::Engine::kPostgres;
  const std::string statement = absl::StrCat(
      "SELECT ", absl::StrJoin(log.columns, ", "), " FROM ", log.table, " WHERE sequence > ?1",
      postgres && !log.settled.empty() ? absl::StrCat(" AND ", log.settled) : "",
      " ORDER BY sequence LIMIT ?2");
  Leaves leaves;
  RETURN_IF_ERROR(connection.Query(statement, {after, int64_t{kRowsMax}}, [&](const sql::Row& row) {
    leaves.last = row.Int64(0);
    if (leaves.rows++ == 0) leaves.first = leaves.last;
    char sequence[8];
    absl::big_endian::Store64(sequence, static_cast<uint64_t>(leaves.last));
    leaves.text.append(sequence, sizeof(sequence));
    leaves.text += HashOf(log, row);
    return true;
  }));
  return leaves;
}

absl::Status Insert(sql::Connection& connection, const Log& log, const Seal& seal) {
  return connection
      .Execute(
          "INSERT INTO log_seal (log, ordinal, kind, version, first_sequence, through, "
          "last_sequence, row_count, time, leaves, kept, leaves_hash, previous_hash, hash) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
          {log.table, seal.ordinal, int64_t{static_cast<int>(seal.kind)}, seal.version,
           seal.first_sequence, seal.through, seal.last_sequence, seal.rows,
           absl::ToUnixMicros(seal.time), sql::Blob{seal.leaves},
           int64_t{seal.kind == Kind::kRows ? 1 : 0}, sql::Blob{seal.leaves_hash},
           sql::Blob{seal.previous_hash}, sql::Blob{seal.hash}})
      .status();
}

// The seal that comes after `last`, without what it says.
Seal After(const Log& log, const Seal& last, absl::Time now) {
  Seal seal;
  seal.ordinal = last.ordinal + 1;
  seal.version = log.version;
  seal.last_sequence = last.last_sequence;
  seal.time = absl::FromUnixMicros(absl::ToUnixMicros(now));
  seal.previous_hash = last.hash;
  return seal;
}

void Close(const Log& log, Seal& seal) {
  seal.leaves_hash = digest::Sha256(seal.leaves);
  seal.hash = HashOf(log, seal);
}

// Up to which row a purge of seals older than `before` goes; 0: none is due.
absl::StatusOr<int64_t> PurgeEnd(sql::Connection& connection, const Log& log, absl::Time before) {
  int64_t end = 0;
  RETURN_IF_ERROR(
      connection.Query("SELECT last_sequence, time FROM log_seal WHERE log = ?1 AND kept = 1 "
                       "ORDER BY ordinal LIMIT ?2",
                       {log.table, int64_t{kPurgedSealsMax}}, [&](const sql::Row& row) {
                         if (row.Int64(1) >= absl::ToUnixMicros(before)) return false;
                         end = row.Int64(0);
                         return true;
                       }));
  return end;
}

}  // namespace

const char kSealColumns[] =
    "ordinal, kind, version, first_sequence, through, last_sequence, row_count, time, leaves, "
    "leaves_hash, previous_hash, hash";

Seal ToSeal(const sql::Row& row) {
  Seal seal;
  seal.ordinal = row.Int64(0);
  seal.kind = static_cast<Kind>(row.Int64(1));
  seal.version = row.Int64(2);
  seal.first_sequence = row.Int64(3);
  seal.through = row.Int64(4);
  seal.last_sequence = row.Int64(5);
  seal.rows = row.Int64(6);
  seal.time = absl::FromUnixMicros(row.Int64(7));
  seal.leaves = std::string(row.Bytes(8));
  seal.leaves_hash = std::string(row.Bytes(9));
  seal.previous_hash = std::string(row.Bytes(10));
  seal.hash = std::string(row.Bytes(11));
  return seal;
}

std::string HashOf(const Log& log, const sql::Row& row) {
  Canonical canonical("mostove row");
  canonical.Add(log.table).Add(int64_t{log.version});
  for (int i = 0; i < row.size(); ++i) canonical.AddValue(row.Get(i));
  return canonical.Hash();
}

std::string HashOf(const Log& log, const Seal& seal) {
  return Canonical("mostove seal 1")
      .Add(log.table)
      .Add(seal.ordinal)
      .Add(int64_t{static_cast<int>(seal.kind)})
      .Add(seal.version)
      .Add(seal.first_sequence)
      .Add(seal.through)
      .Add(seal.last_sequence)
      .Add(seal.rows)
      .Add(absl::ToUnixMicros(seal.time))
      .AddBytes('b', seal.leaves_hash)
      .AddBytes('b', seal.previous_hash)
      .Hash();
}

absl::Status Install(sql::Database& database) { return database.Migrate("seal", Migrations()); }

absl::StatusOr<Seal> Last(sql::Connection& connection, const Log& log) {
  Seal last;
  last.last_sequence = std::numeric_limits<int64_t>::min();
  RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT ", kSealColumns,
                                                " FROM log_seal WHERE log = ?1 "
                                                "ORDER BY ordinal DESC LIMIT 1"),
                                   {log.table}, [&](const sql::Row& row) {
                                     last = ToSeal(row);
                                     return false;
                                   }));
  return last;
}

absl::StatusOr<int> SealNext(sql::Database& database, const Log& log, absl::Time now) {
  Seal seal;
  {
    ASSIGN_OR_RETURN(const sql::Database::Reader reader, database.Read(absl::InfiniteFuture()));
    ASSIGN_OR_RETURN(const Seal last, Last(*reader, log));
    ASSIGN_OR_RETURN(Leaves leaves, ReadLeaves(*reader, log, last.last_sequence));
    if (leaves.rows == 0) return 0;
    seal = After(log, last, now);
    seal.first_sequence = leaves.first;
    seal.last_sequence = leaves.last;
    seal.rows = leaves.rows;
    seal.leaves = std::move(leaves.text);
  }
  Close(log, seal);
  // The number of the seal is taken when another process has made it meanwhile.
  const absl::Status inserted = database.Write(
      absl::InfiniteFuture(),
      [&](sql::Transaction& transaction) { return Insert(transaction.connection(), log, seal); });
  if (absl::IsAlreadyExists(inserted)) return 0;
  RETURN_IF_ERROR(inserted);
  return static_cast<int>(seal.rows);
}

absl::StatusOr<int64_t> Purge(sql::Database& database, const Log& log, absl::Time before,
                              absl::Time now) {
  int64_t purged = 0;
  const absl::Status written =
      database.Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) -> absl::Status {
        purged = 0;
        sql::Connection& connection = transaction.connection();
        ASSIGN_OR_RETURN(const int64_t end, PurgeEnd(connection, log, before));
        if (end == 0) return absl::OkStatus();
        ASSIGN_OR_RETURN(const Seal last, Last(connection, log));
        Seal seal = After(log, last, now);
        seal.kind = Kind::kPurge;
        seal.through = end;
        Close(log, seal);
        RETURN_IF_ERROR(Insert(connection, log, seal));
        RETURN_IF_ERROR(connection
                            .Execute("UPDATE log_seal SET leaves = ?1, kept = 0 WHERE log = ?2 "
                                     "AND kept = 1 AND last_sequence <= ?3",
                                     {sql::Blob{}, log.table, end})
                            .status());
        ASSIGN_OR_RETURN(
            purged, connection.Execute(
                        absl::StrCat("DELETE FROM ", log.table, " WHERE sequence <= ?1"), {end}));
        return absl::OkStatus();
      });
  if (absl::IsAlreadyExists(written)) return 0;
  RETURN_IF_ERROR(written);
  return purged;
}

}  // namespace mostove::seal
