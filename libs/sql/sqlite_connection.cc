#include "libs/sql/sqlite_connection.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/sql/errors.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::sql {
namespace {

constexpr size_t kStatementsMax = 256;
// How many instructions of SQLite's machine pass between two looks at the clock.
constexpr int kInstructionsPerLook = 2000;
constexpr int kBusyTimeoutMs = 5000;
// From this length the log is moved into the file as far as readers allow, and
// from the second one the writer waits a while for the readers.
constexpr int kLogPagesLong = 4000;
constexpr int kLogPagesTooLong = 40000;
constexpr int kCheckpointWaitMs = 100;

constexpr char kBothPragmas[] =
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA mmap_size = 268435456;";
constexpr char kReaderPragmas[] = "PRAGMA cache_size = -8192;";
// What is deleted or replaced is overwritten in its page, for it may have been
// about a person.
// Room for all pages that a large group changes: what does not fit is written
// to the log before the commit, and again with it.
constexpr char kWriterPragmas[] =
    "PRAGMA secure_delete = ON;"
    "PRAGMA cache_size = -65536;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA journal_size_limit = 67108864;";

absl::Status ToStatus(int code, absl::string_view words) {
  switch (code) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return UniqueViolation(words);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ForeignKeyViolation(words);
    case SQLITE_CONSTRAINT_NOTNULL:
      return NotNullViolation(words);
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return CheckViolation(words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Conflict(words);
    case SQLITE_INTERRUPT:
      return DeadlineExceeded("the statement ran until its deadline");
    default:
      return status::Internal(absl::StrCat("SQLite: ", words, " (", code, ")"));
  }
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  int size() const override { return sqlite3_column_count(statement_); }
  bool IsNull(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  int64_t Int64(int column) const override { return sqlite3_column_int64(statement_, column); }
  double Double(int column) const override { return sqlite3_column_double(statement_, column); }
  absl::string_view Text(int column) const override {
    // The text before its length: SQLite may convert it at the first call.
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return absl::string_view(text, sqlite3_column_bytes(statement_, column));
  }
  absl::string_view Bytes(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return absl::string_view(bytes, sqlite3_column_bytes(statement_, column));
  }
  Value Get(int column) const override {
    switch (sqlite3_column_type(statement_, column)) {
      case SQLITE_INTEGER:
        return Int64(column);
      case SQLITE_FLOAT:
        return Double(column);
      case SQLITE_TEXT:
        return std::string(Text(column));
      case SQLITE_BLOB:
        return Blob{std::string(Bytes(column))};
      default:
        return Null{};
    }
  }

 private:
  sqlite3_stmt* const statement_;
};

int BindValue(sqlite3_stmt* statement, int index, const Value& value) {
  // SQLITE_STATIC: the values outlive the run of the statement.
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    int operator()(const Null&) const { return sqlite3_bind_null(statement, index); }
    int operator()(int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    int operator()(const std::string& text) const {
      return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    int operator()(const Blob& blob) const {
      // A null pointer would bind NULL.
      const char* bytes = blob.bytes.empty() ? "" : blob.bytes.data();
      return sqlite3_bind_blob64(statement, index, bytes, blob.bytes.size(), SQLITE_STATIC);
    }
  };
  return std::visit(Binder{statement, index}, value);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(
    const std::string& path, Mode mode, absl::Duration statement_limit, Timed* reads) {
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (mode == Mode::kWriter ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<SqliteConnection> connection(
      new SqliteConnection(database, statement_limit, reads));
  if (code != SQLITE_OK) {
    return status::Make(
        absl::StatusCode::kFailedPrecondition, "DATABASE_NOT_OPENED",
        absl::StrCat("cannot open the SQLite file ", path, ": ",
                     database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database)));
  }
  if (absl::Status configured = connection->Configure(mode); !configured.ok()) {
    return status::Make(
        absl::StatusCode::kFailedPrecondition, "DATABASE_NOT_OPENED",
        absl::StrCat("cannot use ", path, " as an SQLite database: ", configured.message()));
  }
  return connection;
}

SqliteConnection::SqliteConnection(sqlite3* database, absl::Duration statement_limit, Timed* reads)
    : database_(database),
      statements_(kStatementsMax),
      statement_limit_(statement_limit),
      reads_(reads) {}

absl::Status SqliteConnection::Configure(Mode mode) {
  sqlite3* database = database_.get();
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  // "x" is a column and never a text, as on PostgreSQL.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  RETURN_IF_ERROR(Script(kBothPragmas));
  RETURN_IF_ERROR(Script(mode == Mode::kWriter ? kWriterPragmas : kReaderPragmas));
  sqlite3_wal_hook(
      database,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteConnection*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  sqlite3_progress_handler(
      database, kInstructionsPerLook,
      [](void* self) {
        return absl::Now() >= static_cast<SqliteConnection*>(self)->statement_deadline_ ? 1 : 0;
      },
      this);
  return absl::OkStatus();
}

absl::Status SqliteConnection::LastError() const {
  return ToStatus(sqlite3_extended_errcode(database_.get()), sqlite3_errmsg(database_.get()));
}

absl::StatusOr<SqliteConnection::Statement> SqliteConnection::Prepare(absl::string_view text) {
  Statement* cached = statements_.Find(text);
  // One that runs already belongs to a caller further up: make a second one.
  if (cached != nullptr && !sqlite3_stmt_busy(cached->get())) return *cached;
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, &rest);
  Statement statement(prepared, sqlite3_finalize);
  if (code != SQLITE_OK) return LastError();
  const absl::string_view unread = text.substr(rest - text.data());
  if (prepared == nullptr || !absl::StripAsciiWhitespace(unread).empty()) {
    return status::Internal(absl::StrCat("not one statement but none or several: ", text));
  }
  if (cached == nullptr) {
    statements_.MakeRoom();
    statements_.Insert(text, statement);
  }
  return statement;
}

absl::Status SqliteConnection::Bind(sqlite3_stmt* statement, absl::Span<const Value> values) {
  const int expected = sqlite3_bind_parameter_count(statement);
  if (static_cast<size_t>(expected) != values.size()) {
    return status::Internal(absl::StrCat("a statement of ", expected, " values got ", values.size(),
                                         ": ", sqlite3_sql(statement)));
  }
  RETURN_IF_ERROR(CheckValues(values));
  for (int i = 0; i < expected; ++i) {
    if (const int code = BindValue(statement, i + 1, values[i]); code != SQLITE_OK) {
      return ToStatus(code, sqlite3_errstr(code));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<SqliteConnection::Statement> SqliteConnection::Start(
    absl::string_view text, absl::Span<const Value> values) {
  if (change_error_.failed()) return TransactionFailed();
  const absl::Time now = absl::Now();
  if (now >= deadline_) return DeadlineExceeded("the deadline passed before the statement");
  statement_deadline_ = std::min(deadline_, now + statement_limit_);
  ASSIGN_OR_RETURN(Statement statement, Prepare(text));
  RETURN_IF_ERROR(Bind(statement.get(), values));
  return statement;
}

absl::Status SqliteConnection::Run(absl::string_view text, absl::Span<const Value> values,
                                   absl::FunctionRef<bool(const Row&)> each) {
  ASSIGN_OR_RETURN(const Statement statement, Start(text, values));
  const absl::Cleanup reset = [&] { sqlite3_reset(statement.get()); };
  const SqliteRow row(statement.get());
  while (true) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return absl::OkStatus();
    if (code != SQLITE_ROW) return LastError();
    if (!each(row)) return absl::OkStatus();
  }
}

absl::Status SqliteConnection::Query(absl::string_view statement, absl::Span<const Value> values,
                                     absl::FunctionRef<bool(const Row&)> each) {
  if (reads_ == nullptr) return change_error_.Note(Run(statement, values, each));
  const Stopwatch stopwatch(*reads_);
  return Run(statement, values, each);
}

absl::StatusOr<int64_t> SqliteConnection::Execute(absl::string_view statement,
                                                  absl::Span<const Value> values) {
  const int64_t changes_before = sqlite3_total_changes64(database_.get());
  RETURN_IF_ERROR(change_error_.Note(Run(statement, values, [](const Row&) { return true; })));
  // sqlite3_changes64 keeps the number of the statement before when this one
  // cannot change rows.
  const bool changed = sqlite3_total_changes64(database_.get()) != changes_before;
  return changed ? sqlite3_changes64(database_.get()) : 0;
}

absl::Status SqliteConnection::Queue(absl::string_view statement, absl::Span<const Value> values,
                                     Explain explain) {
  absl::Status run = Run(statement, values, [](const Row&) { return true; });
  if (!run.ok() && explain) run = explain(std::move(run));
  return change_error_.Note(std::move(run));
}

absl::Status SqliteConnection::Script(absl::string_view statements) {
  if (change_error_.failed()) return TransactionFailed();
  statement_deadline_ = deadline_;
  const std::string text(statements);
  const int code = sqlite3_exec(database_.get(), text.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : change_error_.Note(LastError());
}

void SqliteConnection::CheckpointWhenLong() {
  if (log_pages_ < kLogPagesLong) return;
  const int mode =
      log_pages_ < kLogPagesTooLong ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  statement_deadline_ = absl::InfiniteFuture();
  sqlite3_busy_timeout(database_.get(), kCheckpointWaitMs);
  // A failure is no harm: the log stays and the next commit tries again.
  sqlite3_wal_checkpoint_v2(database_.get(), nullptr, mode, nullptr, nullptr);
  sqlite3_busy_timeout(database_.get(), kBusyTimeoutMs);
  log_pages_ = 0;
}

}  // namespace mostove::sql
