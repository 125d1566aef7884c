#include "libs/sql/postgres_link.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/sql/errors.h"

namespace mostove::sql {
namespace {

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

// What stands before dbname gives way to the address, what follows does not.
class Address {
 public:
  explicit Address(const std::string& url)
      : values_{"2", "10", "5", "15000", "mostove", url.c_str(), "UTF8", nullptr} {}

  const char* const* keywords() const { return kKeywords.data(); }
  const char* const* values() const { return values_.data(); }

 private:
  static constexpr int kCount = 8;
  static constexpr std::array<const char*, kCount> kKeywords = {
      "connect_timeout",           "keepalives_idle", "keepalives_interval", "tcp_user_timeout",
      "fallback_application_name", "dbname",          "client_encoding",     nullptr};
  const std::array<const char*, kCount> values_;
};

// So often who waits looks whether the server is still there.
constexpr absl::Duration kPulseWait = absl::Milliseconds(100);

int PollMilliseconds(absl::Time until) {
  const absl::Duration left = until - absl::Now();
  if (left > absl::Hours(1)) return until == absl::InfiniteFuture() ? -1 : 3'600'000;
  // Up, lest the last millisecond is spent spinning.
  return std::max<int>(0, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
}

bool Failed(const PGresult* result) { return PQresultStatus(result) == PGRES_FATAL_ERROR; }

}  // namespace

Oid TypeOf(const Value& value) {
  constexpr Oid kUnspecified = 0;
  constexpr std::array<Oid, 5> kTypes = {kUnspecified, kInt8, kFloat8, kText, kBytea};
  return kTypes[value.index()];
}

absl::StatusOr<PostgresLink> PostgresLink::Open(const std::string& url, absl::Time until,
                                                const PostgresPulse* pulse) {
  const Address address(url);
  PostgresLink link(PQconnectStartParams(address.keywords(), address.values(), /*expand_dbname=*/1),
                    pulse);
  if (!link.AwaitConnection(until)) {
    return ConnectionLost(absl::StrCat("cannot connect with PostgreSQL: ", link.Words()));
  }
  PGconn* raw = link.connection_.get();
  PQsetNoticeProcessor(
      raw, [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(raw, 1) != 0 || PQenterPipelineMode(raw) != 1) {
    return ConnectionLost(absl::StrCat("no pipeline with PostgreSQL: ", link.Words()));
  }
  return link;
}

bool PostgresLink::Listens(const std::string& url) {
  const Address address(url);
  return PQpingParams(address.keywords(), address.values(), /*expand_dbname=*/1) == PQPING_OK;
}

bool PostgresLink::AwaitConnection(absl::Time until) {
  PGconn* raw = connection_.get();
  if (PQstatus(raw) == CONNECTION_BAD) return false;
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
       state = PQconnectPoll(raw)) {
    if (state == PGRES_POLLING_FAILED) return false;
    if (!AwaitSocket(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until)) return false;
  }
  return true;
}

bool PostgresLink::Prepare(const std::string& name, const std::string& text,
                           const std::vector<Oid>& types) {
  return !silent_ && PQsendPrepare(connection_.get(), name.c_str(), text.c_str(),
                                   static_cast<int>(types.size()), types.data()) == 1;
}

bool PostgresLink::Run(const std::string& name, absl::Span<const Value> values) {
  const Parameters parameters(values);
  return !silent_ &&
         PQsendQueryPrepared(connection_.get(), name.c_str(), parameters.size(), parameters.texts(),
                             parameters.lengths(), parameters.formats(), /*binary*/ 1) == 1;
}

bool PostgresLink::Text(const char* statement) {
  return !silent_ && PQsendQueryParams(connection_.get(), statement, 0, nullptr, nullptr, nullptr,
                                       nullptr, /*binary*/ 1) == 1;
}

bool PostgresLink::Sync() { return !silent_ && PQpipelineSync(connection_.get()) == 1; }

bool PostgresLink::AwaitSocket(short events, absl::Time until) {
  while (true) {
    const absl::Time slice = pulse_ == nullptr ? until : std::min(until, absl::Now() + kPulseWait);
    pollfd socket = {PQsocket(connection_.get()), events, 0};
    const int ready = poll(&socket, 1, PollMilliseconds(slice));
    if (ready > 0 || (ready < 0 && errno == EINTR)) return true;
    away_ = pulse_ != nullptr && !pulse_->alive();
    silent_ = away_ || (ready == 0 && absl::Now() >= until);
    if (silent_ || ready < 0) return !silent_;
  }
}

bool PostgresLink::AwaitAnswer(absl::Time until) {
  PGconn* raw = connection_.get();
  while (PQisBusy(raw) == 1) {
    const int unsent = PQflush(raw);
    if (unsent < 0) return false;
    const short events = unsent == 0 ? POLLIN : POLLIN | POLLOUT;
    if (!AwaitSocket(events, until)) return false;
    // Reads what there is, which may be nothing.
    if (PQconsumeInput(raw) == 0) return false;
  }
  return true;
}

PostgresResult PostgresLink::Next(absl::Time until) {
  if (silent_ || !AwaitAnswer(until)) return nullptr;
  PostgresResult result(PQgetResult(connection_.get()));
  if (result == nullptr) return nullptr;
  if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
    // Says that there is nothing more; libpq knows then that it is idle.
    if (PQisBusy(connection_.get()) == 0) PostgresResult(PQgetResult(connection_.get()));
    return result;
  }
  // A null ends the answer to each statement.
  while (AwaitAnswer(until)) {
    if (PostgresResult(PQgetResult(connection_.get())) == nullptr) return result;
  }
  return nullptr;
}

PostgresResult PostgresLink::Script(const std::string& statements, absl::Time until) {
  PGconn* raw = connection_.get();
  if (silent_ || PQexitPipelineMode(raw) != 1 || PQsendQuery(raw, statements.c_str()) != 1) {
    return nullptr;
  }
  PostgresResult answer;
  bool complete = false;
  while (AwaitAnswer(until)) {
    PostgresResult result(PQgetResult(raw));
    complete = result == nullptr;
    if (complete) break;
    if (answer == nullptr || !Failed(answer.get())) answer = std::move(result);
  }
  if (!complete || PQenterPipelineMode(raw) != 1) return nullptr;
  return answer;
}

bool PostgresLink::healthy() const {
  if (lost()) return false;
  // A server says nothing unasked but that it goes away.
  pollfd socket = {PQsocket(connection_.get()), POLLIN, 0};
  return poll(&socket, 1, 0) == 0;
}

std::string PostgresLink::Words() const {
  if (away_) return "the server does not answer";
  if (silent_) return "the server did not answer in time";
  return std::string(absl::StripTrailingAsciiWhitespace(PQerrorMessage(connection_.get())));
}

}  // namespace mostove::sql
