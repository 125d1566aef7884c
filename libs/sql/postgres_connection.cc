#include "libs/sql/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/sql/errors.h"
#include "libs/sql/placeholders.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::sql {
namespace {

constexpr size_t kStatementsMax = 256;

// A transaction that waits for its program this long has lost it.
constexpr char kBothSettings[] =
    "SET statement_timeout = 0;"
    "SET idle_in_transaction_session_timeout = '30s';"
    "SET default_transaction_isolation = 'read committed';"
    "SET client_min_messages = 'error';"
    "SET extra_float_digits = 1;";
constexpr char kReaderSettings[] = "SET default_transaction_read_only = on;";

constexpr Oid kUnspecified = 0;

Oid TypeOf(const Value& value) {
  constexpr std::array<Oid, 5> kTypes = {kUnspecified, kInt8, kFloat8, kText, kBytea};
  return kTypes[value.index()];
}

bool Takes(const std::vector<Oid>& types, absl::Span<const Value> values) {
  return std::equal(types.begin(), types.end(), values.begin(), values.end(),
                    [](Oid type, const Value& value) {
                      return std::holds_alternative<Null>(value) || type == TypeOf(value);
                    });
}

// The parameters in the form in which libpq takes them.
class Parameters {
 public:
  explicit Parameters(absl::Span<const Value> values)
      : numbers_(values.size()),
        texts_(values.size()),
        lengths_(values.size()),
        formats_(values.size(), /*binary*/ 1) {
    for (size_t i = 0; i < values.size(); ++i) Set(i, values[i]);
  }

  int size() const { return static_cast<int>(texts_.size()); }
  const char* const* texts() const { return texts_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void Set(size_t i, const Value& value) {
    if (const auto* integer = std::get_if<int64_t>(&value)) {
      SetNumber(i, static_cast<uint64_t>(*integer));
    } else if (const auto* number = std::get_if<double>(&value)) {
      SetNumber(i, std::bit_cast<uint64_t>(*number));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      SetBytes(i, *text);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      SetBytes(i, blob->bytes);
    }
  }
  void SetNumber(size_t i, uint64_t bits) {
    absl::big_endian::Store64(numbers_[i].data(), bits);
    texts_[i] = numbers_[i].data();
    lengths_[i] = sizeof bits;
  }
  void SetBytes(size_t i, const std::string& bytes) {
    texts_[i] = bytes.data();
    lengths_[i] = static_cast<int>(bytes.size());
  }

  static constexpr size_t kUsual = 16;
  absl::InlinedVector<std::array<char, 8>, kUsual> numbers_;
  absl::InlinedVector<const char*, kUsual> texts_;
  absl::InlinedVector<int, kUsual> lengths_;
  absl::InlinedVector<int, kUsual> formats_;
};

// Down to one of sixteen steps per doubling, so that it seldom changes while a
// deadline comes nearer.
int64_t RoundDown(int64_t milliseconds) {
  const int width = std::bit_width(static_cast<uint64_t>(milliseconds));
  const int shift = std::max(width - 5, 0);
  return milliseconds >> shift << shift;
}

absl::string_view SqlState(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

bool ChangesRows(absl::string_view command) {
  return absl::StartsWith(command, "INSERT") || absl::StartsWith(command, "UPDATE") ||
         absl::StartsWith(command, "DELETE");
}

absl::Status FromState(absl::string_view state, absl::string_view words) {
  if (state == "23505") return UniqueViolation(words);
  if (state == "23503") return ForeignKeyViolation(words);
  if (state == "23502") return NotNullViolation(words);
  if (absl::StartsWith(state, "23")) return CheckViolation(words);
  // Serialization failure, deadlock, lock not available.
  if (state == "40001" || state == "40P01" || state == "55P03") return Conflict(words);
  if (state == "57014") return DeadlineExceeded("the statement ran until its deadline");
  // Being shut down, too many connections, the connection itself. 08P01 is a
  // statement with a wrong number of values.
  const bool away = absl::StartsWith(state, "57P") || state == "53300" ||
                    (absl::StartsWith(state, "08") && state != "08P01");
  if (away) return ConnectionLost(words);
  return status::Internal(absl::StrCat("PostgreSQL: ", words, " (", state, ")"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const std::string& url, Mode mode, absl::Duration statement_limit) {
  // What stands before dbname gives way to the address, what follows does not.
  constexpr int kCount = 8;
  const std::array<const char*, kCount> keywords = {
      "connect_timeout",           "keepalives_idle", "keepalives_interval", "tcp_user_timeout",
      "fallback_application_name", "dbname",          "client_encoding",     nullptr};
  const std::array<const char*, kCount> values = {"5",       "10",        "5",    "15000",
                                                  "mostove", url.c_str(), "UTF8", nullptr};
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(
      PQconnectdbParams(keywords.data(), values.data(), /*expand_dbname=*/1), statement_limit));
  PGconn* raw = connection->connection_.get();
  if (PQstatus(raw) != CONNECTION_OK) {
    return ConnectionLost(absl::StrCat("cannot connect with PostgreSQL: ",
                                       absl::StripTrailingAsciiWhitespace(PQerrorMessage(raw))));
  }
  RETURN_IF_ERROR(connection->Configure(mode));
  return connection;
}

PostgresConnection::PostgresConnection(PGconn* connection, absl::Duration statement_limit)
    : connection_(connection), statements_(kStatementsMax), statement_limit_(statement_limit) {}

absl::Status PostgresConnection::Configure(Mode mode) {
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  return RunText(absl::StrCat(kBothSettings, mode == Mode::kReader ? kReaderSettings : ""));
}

bool PostgresConnection::healthy() const {
  if (PQstatus(connection_.get()) != CONNECTION_OK) return false;
  // A server says nothing unasked but that it goes away.
  pollfd socket = {PQsocket(connection_.get()), POLLIN, 0};
  return poll(&socket, 1, 0) == 0;
}

absl::Status PostgresConnection::ToStatus(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return absl::OkStatus();
    case PGRES_EMPTY_QUERY:
      return status::Internal("an empty statement");
    default:
      break;
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    return ConnectionLost(PQerrorMessage(connection_.get()));
  }
  const char* words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (words == nullptr) words = PQerrorMessage(connection_.get());
  // The plan of a statement from before a migration.
  if (SqlState(result) == "0A000" && absl::StrContains(words, "cached plan")) {
    statements_.Clear();
    return Conflict(words);
  }
  return FromState(SqlState(result), words);
}

absl::Status PostgresConnection::RunText(const std::string& statements) {
  const bool in_transaction_before = in_transaction();
  const PostgresResult result(PQexec(connection_.get(), statements.c_str()));
  if (!in_transaction()) {
    const bool undone =
        in_transaction_before && absl::string_view(PQcmdStatus(result.get())) != "COMMIT";
    (undone ? timeout_ms_ : timeout_before_transaction_ms_) =
        undone ? timeout_before_transaction_ms_ : timeout_ms_;
  }
  if (PQresultStatus(result.get()) == PGRES_EMPTY_QUERY) return absl::OkStatus();
  return ToStatus(result.get());
}

absl::Status PostgresConnection::ApplyDeadline() {
  const absl::Duration left = std::min(deadline_ - absl::Now(), statement_limit_);
  if (left < absl::Milliseconds(1)) {
    return DeadlineExceeded("the deadline passed before the statement");
  }
  const bool endless = left > absl::Hours(24);
  const int64_t wanted_ms = endless ? 0 : RoundDown(absl::ToInt64Milliseconds(left));
  if (wanted_ms == timeout_ms_) return absl::OkStatus();
  timeout_ms_ = wanted_ms;
  return RunText(absl::StrCat("SET statement_timeout = ", wanted_ms));
}

absl::StatusOr<std::string> PostgresConnection::Prepare(absl::string_view text,
                                                        absl::Span<const Value> values) {
  Prepared* cached = statements_.Find(text);
  if (cached != nullptr && Takes(cached->types, values)) return cached->name;
  Prepared fresh = {absl::StrCat("s", next_name_++), std::vector<Oid>(values.size())};
  for (size_t i = 0; i < values.size(); ++i) {
    fresh.types[i] = TypeOf(values[i]);
    // A NULL leaves it to what came in its place before.
    if (fresh.types[i] == kUnspecified && cached != nullptr && i < cached->types.size()) {
      fresh.types[i] = cached->types[i];
    }
  }
  const PostgresResult result(PQprepare(connection_.get(), fresh.name.c_str(),
                                        ToDollarPlaceholders(text).c_str(),
                                        static_cast<int>(fresh.types.size()), fresh.types.data()));
  RETURN_IF_ERROR(ToStatus(result.get()));
  const std::string name = fresh.name;
  if (cached != nullptr) {
    std::swap(*cached, fresh);
    RETURN_IF_ERROR(RunText(absl::StrCat("DEALLOCATE ", fresh.name)));
    return name;
  }
  if (const auto oldest = statements_.MakeRoom(); oldest.has_value()) {
    RETURN_IF_ERROR(RunText(absl::StrCat("DEALLOCATE ", oldest->name)));
  }
  statements_.Insert(text, std::move(fresh));
  return name;
}

absl::StatusOr<PostgresResult> PostgresConnection::RunPrepared(const std::string& name,
                                                               absl::Span<const Value> values) {
  const Parameters parameters(values);
  PostgresResult result(PQexecPrepared(connection_.get(), name.c_str(), parameters.size(),
                                       parameters.texts(), parameters.lengths(),
                                       parameters.formats(), /*binary*/ 1));
  RETURN_IF_ERROR(ToStatus(result.get()));
  return result;
}

absl::StatusOr<PostgresResult> PostgresConnection::Run(absl::string_view text,
                                                       absl::Span<const Value> values) {
  if (change_error_.failed()) return TransactionFailed();
  RETURN_IF_ERROR(CheckValues(values));
  RETURN_IF_ERROR(ApplyDeadline());
  // Outside of a transaction a stale plan is simply made anew.
  for (int attempts_left = in_transaction() ? 1 : 2;; --attempts_left) {
    ASSIGN_OR_RETURN(const std::string name, Prepare(text, values));
    auto result = RunPrepared(name, values);
    if (!IsConflict(result.status()) || attempts_left == 1) return result;
  }
}

absl::Status PostgresConnection::Query(absl::string_view statement, absl::Span<const Value> values,
                                       absl::FunctionRef<bool(const Row&)> each) {
  absl::StatusOr<PostgresResult> result = Run(statement, values);
  if (result.ok()) {
    if (absl::Status known = CheckColumnTypes(result->get()); !known.ok()) result = known;
  }
  if (!result.ok()) return change_error_.Note(result.status());
  PostgresRow row(result->get());
  const int rows = PQntuples(result->get());
  for (int i = 0; i < rows; ++i) {
    row.MoveTo(i);
    if (!each(row)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> PostgresConnection::Execute(absl::string_view statement,
                                                    absl::Span<const Value> values) {
  const absl::StatusOr<PostgresResult> result = Run(statement, values);
  if (!result.ok()) return change_error_.Note(result.status());
  int64_t changed = 0;
  if (ChangesRows(PQcmdStatus(result->get()))) {
    (void)absl::SimpleAtoi(PQcmdTuples(result->get()), &changed);
  }
  return changed;
}

absl::Status PostgresConnection::Script(absl::string_view statements) {
  if (change_error_.failed()) return TransactionFailed();
  RETURN_IF_ERROR(change_error_.Note(ApplyDeadline()));
  return change_error_.Note(RunText(std::string(statements)));
}

absl::Status PostgresConnection::Commit() {
  const absl::Status committed = RunText("COMMIT");
  if (PQstatus(connection_.get()) != CONNECTION_OK) return OutcomeUnknown(committed.message());
  return committed;
}

void PostgresConnection::Rollback() {
  if (PQstatus(connection_.get()) == CONNECTION_OK && in_transaction()) {
    (void)RunText("ROLLBACK");
  }
}

}  // namespace mostove::sql
