#include "libs/sql/postgres_connection.h"

#include <algorithm>
#include <bit>
#include <utility>

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

constexpr size_t kStatementsMax = 512;

// A transaction that waits for its program this long has lost it.
constexpr char kAllSettings[] =
    "SET idle_in_transaction_session_timeout = '30s';"
    "SET default_transaction_isolation = 'read committed';"
    "SET client_min_messages = 'error';"
    "SET extra_float_digits = 1;";
constexpr char kReaderSettings[] = "SET default_transaction_read_only = on;";
// Who waits for a lock in a group makes all of it wait.
constexpr char kGroupSettings[] = "SET lock_timeout = '50ms';";

constexpr absl::Duration kConnectWait = absl::Seconds(2);
// What a server that is there, if overloaded, needs to tell that a statement
// ran too long.
constexpr absl::Duration kGrace = absl::Seconds(2);
// The end of a transaction is waited for so long at least, whatever the deadline.
constexpr absl::Duration kEndWaitMin = absl::Seconds(2);

bool Takes(const std::vector<Oid>& types, absl::Span<const Value> values) {
  return std::equal(types.begin(), types.end(), values.begin(), values.end(),
                    [](Oid type, const Value& value) {
                      return std::holds_alternative<Null>(value) || type == TypeOf(value);
                    });
}

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
    const std::string& url, Mode mode, absl::Duration statement_limit, Figures& figures,
    const PostgresPulse* pulse) {
  ASSIGN_OR_RETURN(PostgresLink link, PostgresLink::Open(url, absl::Now() + kConnectWait, pulse));
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(std::move(link), mode, statement_limit, figures));
  RETURN_IF_ERROR(connection->Configure());
  return connection;
}

PostgresConnection::PostgresConnection(PostgresLink link, Mode mode, absl::Duration statement_limit,
                                       Figures& figures)
    : link_(std::move(link)),
      mode_(mode),
      statements_(kStatementsMax),
      statement_limit_(statement_limit),
      figures_(figures) {}

absl::Status PostgresConnection::Configure() {
  const char* own = mode_ == Mode::kReader  ? kReaderSettings
                    : mode_ == Mode::kGroup ? kGroupSettings
                                            : "";
  const PostgresResult result =
      link_.Script(absl::StrCat(kAllSettings, own), absl::Now() + absl::Seconds(2));
  return ToStatus(result.get());
}

absl::Status PostgresConnection::Lost() const { return ConnectionLost(link_.Words()); }

absl::Status PostgresConnection::ToStatus(const PGresult* result) {
  if (result == nullptr || link_.lost()) {
    return link_.silent() && !link_.away() ? DeadlineExceeded(link_.Words()) : Lost();
  }
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_SYNC:
      return absl::OkStatus();
    case PGRES_EMPTY_QUERY:
      return status::Internal("an empty statement");
    case PGRES_PIPELINE_ABORTED:
      return TransactionFailed();
    default:
      break;
  }
  const char* words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string text = words == nullptr ? link_.Words() : words;
  // The plan of a statement from before a migration.
  if (SqlState(result) == "0A000" && absl::StrContains(text, "cached plan")) {
    statements_.Clear();
    return Conflict(text);
  }
  return FromState(SqlState(result), text);
}

absl::Status PostgresConnection::Fail(absl::Status status, int change) {
  if (begun_ && failure_.ok() && !status.ok()) {
    failure_ = status;
    failed_change_ = change;
  }
  return status;
}

absl::Time PostgresConnection::AnswerDeadline() const {
  const absl::Time now = absl::Now();
  return std::max(now, std::min(deadline_, now + statement_limit_)) + kGrace;
}

absl::Status PostgresConnection::SendText(const char* statement) {
  if (!link_.Text(statement)) return Lost();
  pending_.push_back({change_, nullptr});
  return absl::OkStatus();
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
  return SendText(absl::StrCat("SET statement_timeout = ", wanted_ms).c_str());
}

absl::Status PostgresConnection::MakePrepared(const Prepared& prepared, absl::string_view text) {
  if (!link_.Prepare(prepared.name, ToDollarPlaceholders(text), prepared.types)) return Lost();
  pending_.push_back({change_, nullptr});
  return Receive(AnswerDeadline()).status();
}

absl::StatusOr<std::string> PostgresConnection::Prepare(absl::string_view text,
                                                        absl::Span<const Value> values) {
  Prepared* cached = statements_.Find(text);
  if (cached != nullptr && Takes(cached->types, values)) return cached->name;
  Prepared fresh = {absl::StrCat("s", next_name_++), std::vector<Oid>(values.size())};
  for (size_t i = 0; i < values.size(); ++i) {
    fresh.types[i] = TypeOf(values[i]);
    // A NULL leaves it to what came in its place before.
    if (fresh.types[i] == 0 && cached != nullptr && i < cached->types.size()) {
      fresh.types[i] = cached->types[i];
    }
  }
  RETURN_IF_ERROR(MakePrepared(fresh, text));
  const std::string name = fresh.name;
  // The failure of a statement before may have thrown all of them away.
  cached = statements_.Find(text);
  if (cached != nullptr) {
    std::swap(*cached, fresh);
    RETURN_IF_ERROR(SendText(absl::StrCat("DEALLOCATE ", fresh.name).c_str()));
    return name;
  }
  if (const auto oldest = statements_.MakeRoom(); oldest.has_value()) {
    RETURN_IF_ERROR(SendText(absl::StrCat("DEALLOCATE ", oldest->name).c_str()));
  }
  statements_.Insert(text, std::move(fresh));
  return name;
}

absl::StatusOr<PostgresResult> PostgresConnection::Receive(absl::Time until) {
  return Receive(until, mode_ == Mode::kReader ? figures_.reads : figures_.changes);
}

absl::StatusOr<PostgresResult> PostgresConnection::Receive(absl::Time until, Timed& timed) {
  const Stopwatch stopwatch(timed);
  if (!link_.Sync()) {
    pending_.clear();
    return Fail(Lost(), kNoChange);
  }
  absl::Status first_error;
  PostgresResult last;
  while (!pending_.empty()) {
    const Pending pending = std::move(pending_.front());
    pending_.pop_front();
    last = link_.Next(until);
    absl::Status status = ToStatus(last.get());
    if (status.ok() || !first_error.ok()) continue;
    if (pending.explain && last != nullptr) status = pending.explain(std::move(status));
    first_error = Fail(std::move(status), last == nullptr ? kNoChange : pending.change);
  }
  const PostgresResult synced = link_.Next(until);
  if (first_error.ok() && synced == nullptr) first_error = Fail(ToStatus(nullptr), kNoChange);
  if (first_error.ok()) return last;
  timeout_ms_ = -1;  // the SET may have been skipped or undone
  return first_error;
}

absl::Status PostgresConnection::Send(absl::string_view text, absl::Span<const Value> values,
                                      Explain explain) {
  if (!failure_.ok()) return TransactionFailed();
  RETURN_IF_ERROR(CheckValues(values));
  RETURN_IF_ERROR(ApplyDeadline());
  ASSIGN_OR_RETURN(const std::string name, Prepare(text, values));
  if (!link_.Run(name, values)) return Lost();
  pending_.push_back({change_, std::move(explain)});
  return absl::OkStatus();
}

absl::StatusOr<PostgresResult> PostgresConnection::Run(absl::string_view text,
                                                       absl::Span<const Value> values) {
  // Outside of a transaction a stale plan is simply made anew.
  for (int attempts_left = begun_ || link_.in_transaction() ? 1 : 2;; --attempts_left) {
    if (absl::Status sent = Send(text, values, nullptr); !sent.ok()) return Fail(sent, change_);
    auto result = Receive(AnswerDeadline());
    if (!IsConflict(result.status()) || attempts_left == 1) return result;
  }
}

absl::Status PostgresConnection::Query(absl::string_view statement, absl::Span<const Value> values,
                                       absl::FunctionRef<bool(const Row&)> each) {
  ASSIGN_OR_RETURN(const PostgresResult result, Run(statement, values));
  if (absl::Status known = CheckColumnTypes(result.get()); !known.ok()) {
    return Fail(known, change_);
  }
  if (ChangesRows(PQcmdStatus(result.get()))) last_writer_ = change_;
  PostgresRow row(result.get());
  const int rows = PQntuples(result.get());
  for (int i = 0; i < rows; ++i) {
    row.MoveTo(i);
    if (!each(row)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> PostgresConnection::Execute(absl::string_view statement,
                                                    absl::Span<const Value> values) {
  last_writer_ = change_;
  ASSIGN_OR_RETURN(const PostgresResult result, Run(statement, values));
  int64_t changed = 0;
  if (ChangesRows(PQcmdStatus(result.get()))) {
    (void)absl::SimpleAtoi(PQcmdTuples(result.get()), &changed);
  }
  return changed;
}

absl::Status PostgresConnection::Queue(absl::string_view statement, absl::Span<const Value> values,
                                       Explain explain) {
  last_writer_ = change_;
  if (begun_) return Fail(Send(statement, values, std::move(explain)), change_);
  absl::Status run = Run(statement, values).status();
  return run.ok() || !explain ? run : explain(std::move(run));
}

absl::Status PostgresConnection::Flush() {
  return pending_.empty() ? failure_ : Receive(AnswerDeadline()).status();
}

absl::Status PostgresConnection::Script(absl::string_view statements) {
  if (!failure_.ok()) return TransactionFailed();
  if (absl::Status applied = ApplyDeadline(); !applied.ok()) return Fail(applied, change_);
  RETURN_IF_ERROR(Flush());
  const PostgresResult result = link_.Script(std::string(statements), AnswerDeadline());
  last_writer_ = change_;
  if (!link_.lost() && PQresultStatus(result.get()) == PGRES_EMPTY_QUERY) return absl::OkStatus();
  absl::Status status = ToStatus(result.get());
  if (!status.ok() || !link_.in_transaction()) timeout_ms_ = -1;
  return Fail(std::move(status), change_);
}

absl::Status PostgresConnection::Begin() {
  begun_ = true;
  change_ = kNoChange;
  last_writer_ = kNoChange;
  failed_change_ = kNoChange;
  failure_ = absl::OkStatus();
  return SendText("BEGIN");
}

absl::Status PostgresConnection::Commit(absl::Time deadline) {
  RETURN_IF_ERROR(failure_);
  ++change_;  // what goes wrong now is of none of the changes
  RETURN_IF_ERROR(SendText("COMMIT"));
  const auto committed = Receive(std::max(deadline, absl::Now() + kEndWaitMin), figures_.commits);
  if (!committed.ok()) {
    // Behind a statement that failed the server skips the COMMIT.
    if (failed_change_ != kNoChange) return committed.status();
    return OutcomeUnknown(committed.status().message());
  }
  begun_ = false;
  if (absl::string_view(PQcmdStatus(committed->get())) != "COMMIT") {
    return status::Internal("PostgreSQL answered COMMIT with a rollback");
  }
  return absl::OkStatus();
}

void PostgresConnection::Rollback() {
  const absl::Time until = absl::Now() + kEndWaitMin;
  if (!pending_.empty()) (void)Receive(until);
  begun_ = false;
  failure_ = absl::OkStatus();
  if (link_.lost() || !link_.in_transaction()) return;
  timeout_ms_ = -1;
  if (SendText("ROLLBACK").ok()) (void)Receive(until);
}

}  // namespace mostove::sql
