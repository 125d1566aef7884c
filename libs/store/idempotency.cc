#include "libs/store/idempotency.h"

#include <mutex>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/cleanup/cleanup.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/changelog/changelog.h"
#include "libs/digest/digest.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::store {
namespace {

using google::protobuf::Message;

constexpr absl::Duration kKept = absl::Hours(24);

const std::vector<sql::Migration>& Migrations() {
  static const auto* migrations = new std::vector<sql::Migration>{{1, "idempotency", R"sql(
    CREATE TABLE idempotency (
      caller TEXT NOT NULL,
      method TEXT NOT NULL,
      key TEXT NOT NULL,
      request_hash BLOB NOT NULL,
      response BLOB NOT NULL,
      create_time BIGINT NOT NULL, -- microseconds since 1970
      PRIMARY KEY (caller, method, key)
    );
    CREATE INDEX idempotency_create_time ON idempotency (create_time);)sql"}};
  return *migrations;
}

// One text for the three; the lengths keep ("a", "bc") apart from ("ab", "c").
std::string FullKey(const call::Call& call) {
  return absl::StrCat(call.caller.name.size(), ":", call.method.size(), ":", call.caller.name,
                      call.method, call.idempotency_key);
}

int64_t LockNumber(absl::string_view full_key) {
  return static_cast<int64_t>(absl::big_endian::Load64(digest::Sha256(full_key).data()));
}

absl::Status InProgress() {
  return status::WithRetryAfter(
      status::Aborted("IDEMPOTENCY_IN_PROGRESS",
                      "the first request with this idempotency key still runs: repeat it later"),
      absl::Seconds(1));
}

// Between processes; within this one `running_` decides.
absl::Status LockOutOthers(sql::Connection& connection, const std::string& full_key) {
  if (connection.engine() == sql::Engine::kSqlite) return absl::OkStatus();
  bool locked = false;
  RETURN_IF_ERROR(connection.Query("SELECT pg_try_advisory_xact_lock(?1)", {LockNumber(full_key)},
                                   [&](const sql::Row& row) {
                                     locked = row.Int64(0) != 0;
                                     return true;
                                   }));
  return locked ? absl::OkStatus() : InProgress();
}

// The same without an answer: who holds the lock long, or kept its answer
// meanwhile, makes the transaction fail.
absl::Status QueueBehindOthers(sql::Connection& connection, const std::string& full_key) {
  return connection.Queue("SELECT pg_advisory_xact_lock(?1)", {LockNumber(full_key)});
}

enum class Found { kNothing, kAnswer };

// Fills `response` when the request was accepted before.
absl::StatusOr<Found> Replay(sql::Connection& connection, const call::Call& call,
                             Message& response) {
  Found found = Found::kNothing;
  absl::Status replayed;
  RETURN_IF_ERROR(connection.Query(
      "SELECT request_hash, response FROM idempotency "
      "WHERE caller = ?1 AND method = ?2 AND key = ?3",
      {call.caller.name, call.method, call.idempotency_key}, [&](const sql::Row& row) {
        found = Found::kAnswer;
        const absl::string_view kept = row.Bytes(1);
        if (row.Bytes(0) != call.request_hash) {
          replayed = status::Aborted("IDEMPOTENCY_KEY_REUSED",
                                     "this idempotency key belongs to a request with another "
                                     "body: take a new key for a new request");
        } else if (!response.ParseFromArray(kept.data(), static_cast<int>(kept.size()))) {
          replayed = status::Internal(absl::StrCat("the kept answer of ", call.method, " is not a ",
                                                   response.GetTypeName()));
        }
        return false;
      }));
  RETURN_IF_ERROR(replayed);
  return found;
}

absl::Status Keep(sql::Connection& connection, const call::Call& call, const Message& response) {
  const std::unique_ptr<Message> kept(response.New());
  kept->CopyFrom(response);
  resource::TakeOutPersonal(*kept);
  return connection.Queue(
      "INSERT INTO idempotency (caller, method, key, request_hash, response, create_time) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      {call.caller.name, call.method, call.idempotency_key, sql::Blob{call.request_hash},
       sql::Blob{kept->SerializeAsString()}, absl::ToUnixMicros(call.Now())});
}

class DatabaseIdempotency final : public Idempotency {
 public:
  explicit DatabaseIdempotency(sql::Database& database) : database_(database) {}

  absl::StatusOr<bool> Find(const call::Call& call, Message& response) override {
    if (call.idempotency_key.empty()) return false;
    ASSIGN_OR_RETURN(sql::Database::Reader reader, database_.Read(call.deadline));
    ASSIGN_OR_RETURN(const Found found, Replay(*reader, call, response));
    if (found == Found::kNothing) return false;
    if (call.outcome != nullptr) {
      // Not before the write, of whose own place nothing is kept.
      ASSIGN_OR_RETURN(const changelog::Position end, changelog::End(*reader));
      call.outcome->position = end.ToString();
    }
    return true;
  }

  absl::StatusOr<Answer> Write(
      const call::Call& call, sql::Extent extent, Message& response,
      const std::function<absl::Status(sql::Transaction&, Message&)>& change) override {
    const auto run = [&](sql::Transaction& transaction) {
      response.Clear();  // of what an earlier run left
      return change(transaction, response);
    };
    Answer answer = Answer::kFirst;
    if (call.idempotency_key.empty()) {
      RETURN_IF_ERROR(database_.Write(call.deadline, run, extent));
      return answer;
    }
    const std::string full_key = FullKey(call);
    if (!Enter(full_key)) return InProgress();
    const absl::Cleanup leave = [&] { Leave(full_key); };
    const auto run_once = [&](sql::Transaction& transaction) -> absl::Status {
      sql::Connection& connection = transaction.connection();
      answer = Answer::kFirst;
      if (transaction.optimistic()) {
        RETURN_IF_ERROR(QueueBehindOthers(connection, full_key));
      } else {
        RETURN_IF_ERROR(LockOutOthers(connection, full_key));
        ASSIGN_OR_RETURN(const Found found, Replay(connection, call, response));
        if (found == Found::kAnswer) {
          answer = Answer::kKept;
          return absl::OkStatus();
        }
      }
      absl::Status done = run(transaction);
      if (done.ok()) done = Keep(connection, call, response);
      // Only behind the look for a kept answer an error is worth something.
      if (transaction.optimistic() && !done.ok()) return sql::Conflict("to be looked at again");
      return done;
    };
    RETURN_IF_ERROR(database_.Write(call.deadline, run_once, extent));
    return answer;
  }

  absl::StatusOr<int64_t> Purge(absl::Time now, int limit) override {
    int64_t purged = 0;
    RETURN_IF_ERROR(
        database_.Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(purged, transaction.connection().Execute(
                                       "DELETE FROM idempotency WHERE (caller, method, key) IN "
                                       "(SELECT caller, method, key FROM idempotency "
                                       "WHERE create_time < ?1 ORDER BY create_time LIMIT ?2)",
                                       {absl::ToUnixMicros(now - kKept), int64_t{limit}}));
          return absl::OkStatus();
        }));
    return purged;
  }

 private:
  bool Enter(const std::string& full_key) {
    const std::lock_guard lock(mutex_);
    return running_.insert(full_key).second;
  }
  void Leave(const std::string& full_key) {
    const std::lock_guard lock(mutex_);
    running_.erase(full_key);
  }

  sql::Database& database_;
  std::mutex mutex_;
  absl::flat_hash_set<std::string> running_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Idempotency>> Idempotency::Install(sql::Database& database) {
  RETURN_IF_ERROR(database.Migrate("idempotency", Migrations()));
  return std::make_unique<DatabaseIdempotency>(database);
}

}  // namespace mostove::store
