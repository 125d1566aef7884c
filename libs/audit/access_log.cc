#include "libs/audit/access_log.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/changelog/changelog.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"

namespace mostove::audit {
namespace {

constexpr size_t kBatchMax = 1000;
constexpr size_t kRowsPerStatement = 32;
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);
constexpr absl::Duration kBetweenClosings = absl::Seconds(30);

// A sequence is never given twice, also when all rows were purged.
std::vector<sql::Migration> Migrations(sql::Engine engine) {
  const char* sequence =
      engine == sql::Engine::kSqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT PRIMARY KEY";
  return {{1, "access_log", absl::StrCat("CREATE TABLE access_log (sequence ", sequence, R"sql(,
             time BIGINT NOT NULL, -- microseconds since 1970
             kind BIGINT NOT NULL,
             caller TEXT NOT NULL,
             session TEXT NOT NULL,
             method TEXT NOT NULL,
             resource TEXT NOT NULL,
             owner TEXT NOT NULL,
             request_id TEXT NOT NULL,
             count BIGINT NOT NULL
           );
           CREATE INDEX access_log_owner ON access_log (owner, sequence);)sql")}};
}

// What makes two records alike.
void SetKey(const Record& record, std::string& key) {
  key.clear();
  key.push_back(static_cast<char>(record.kind));
  for (const std::string* part :
       {&record.caller, &record.session, &record.method, &record.resource, &record.owner}) {
    key.append(*part);
    key.push_back('\0');
  }
}

std::string InsertStatement(size_t rows, size_t width, const char* sequence) {
  std::string statement = absl::StrCat(
      "INSERT INTO access_log (time, kind, caller, session, method, resource, owner, "
      "request_id, count",
      sequence, ") VALUES ");
  for (size_t row = 0, value = 0; row < rows; ++row) {
    for (size_t column = 0; column < width; ++column) {
      absl::StrAppend(&statement, column > 0 ? ", ?" : row > 0 ? "), (?" : "(?", ++value);
    }
  }
  return statement + ")";
}

absl::Status Insert(sql::Transaction& transaction, const std::vector<Record>& records) {
  sql::Connection& connection = transaction.connection();
  const bool postgres = connection.engine() == sql::Engine::kPostgres;
  const size_t width = postgres ? 10 : 9;
  std::vector<sql::Value> values;
  for (size_t done = 0, rows = kRowsPerStatement; done < records.size(); done += rows) {
    while (rows > records.size() - done) rows /= 2;
    values.clear();
    for (size_t i = done; i < done + rows; ++i) {
      const Record& record = records[i];
      values.emplace_back(absl::ToUnixMicros(record.time));
      values.emplace_back(int64_t{static_cast<int>(record.kind)});
      for (const std::string* text : {&record.caller, &record.session, &record.method,
                                      &record.resource, &record.owner, &record.request_id}) {
        values.emplace_back(*text);
      }
      values.emplace_back(record.count);
      if (!postgres) continue;
      ASSIGN_OR_RETURN(const int64_t sequence, changelog::NextSequence(transaction));
      values.push_back(sequence);
    }
    RETURN_IF_ERROR(
        connection.Queue(InsertStatement(rows, width, postgres ? ", sequence" : ""), values));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Install(sql::Database& database) {
  return database.Migrate("audit", Migrations(database.engine()));
}

const seal::Log& SealedLog() {
  static const auto& log = *new seal::Log{"access_log",
                                          {"sequence", "time", "kind", "caller", "session",
                                           "method", "resource", "owner", "request_id", "count"},
                                          1,
                                          changelog::kSettled};
  return log;
}

AccessLog::AccessLog(AccessLogOptions options)
    : options_(std::move(options)), thread_([this] { Loop(); }) {}

AccessLog::~AccessLog() {
  CloseWindows(true);
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

AccessLog::ToWrite AccessLog::Remember(const Record& record) {
  thread_local std::string key;
  SetKey(record, key);
  ToWrite write;
  const size_t hash = shards_[0].followers.hash_function()(key);
  // The lowest bits are for the places within a table.
  Shard& shard = shards_[(hash >> 40) % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.followers.find(key, hash);
  if (found == shard.followers.end()) {
    write.record = true;
    if (shard.followers.size() < options_.remembered_max / kShards) {
      shard.followers[key] = {record, record.time + options_.window, 0};
    }
    return write;
  }
  Followers& followers = found->second;
  if (record.time < followers.window_end) {
    followers.count += record.count;
    followers.record.time = record.time;
    followers.record.request_id = record.request_id;
    return write;
  }
  write.record = true;
  write.previous = followers.count > 0;
  followers.record.count = followers.count;
  write.previous_record = std::exchange(followers.record, record);
  followers.window_end = record.time + options_.window;
  followers.count = 0;
  return write;
}

absl::Status AccessLog::Add(const Record& record, absl::Time wait_until) {
  ToWrite write = Remember(record);
  if (write.previous) RETURN_IF_ERROR(Push(std::move(write.previous_record), wait_until));
  return write.record ? Push(record, wait_until) : absl::OkStatus();
}

absl::Status AccessLog::Push(Record record, absl::Time wait_until) {
  std::unique_lock lock(mutex_);
  const auto has_room = [this] { return waiting_.size() + on_their_way_ < options_.waiting_max; };
  const absl::Duration wait =
      std::clamp(wait_until - absl::Now(), absl::ZeroDuration(), absl::Hours(1));
  if (!has_room() && !changed_.wait_for(lock, absl::ToChronoMilliseconds(wait), has_room)) {
    return status::Unavailable("ACCESS_LOG_FULL",
                               "who reads private records has to be recorded, and the records "
                               "wait for the database; try again",
                               absl::Seconds(1));
  }
  waiting_.push_back(std::move(record));
  ++added_;
  if (waiting_.size() == 1) changed_.notify_all();
  return absl::OkStatus();
}

absl::Status AccessLog::AddShown(const call::Call& call, const std::string& method,
                                 const std::vector<call::Shown>& shown, absl::Time wait_until) {
  if (shown.empty()) return absl::OkStatus();
  thread_local Record record;  // keeps its room
  record.time = options_.clock();
  record.caller = call.caller.name;
  record.session = call.caller.session;
  record.method = method;
  record.request_id = call.request_id;
  for (const call::Shown& one : shown) {
    record.kind = one.personal ? Kind::kPersonalRead : Kind::kPrivateRead;
    record.resource = one.resource;
    record.owner = one.owner;
    RETURN_IF_ERROR(Add(record, wait_until));
  }
  return absl::OkStatus();
}

void AccessLog::CloseWindows(bool all) {
  const absl::Time now = options_.clock();
  for (Shard& shard : shards_) {
    std::vector<Record> over;
    {
      const std::lock_guard lock(shard.mutex);
      for (auto one = shard.followers.begin(); one != shard.followers.end();) {
        const auto next = std::next(one);
        if (all || one->second.window_end <= now) {
          one->second.record.count = one->second.count;
          if (one->second.count > 0) over.push_back(std::move(one->second.record));
          shard.followers.erase(one);
        }
        one = next;
      }
    }
    const std::lock_guard lock(mutex_);
    added_ += static_cast<int64_t>(over.size());
    for (Record& record : over) waiting_.push_back(std::move(record));
  }
  changed_.notify_all();
}

bool AccessLog::Flush(absl::Duration limit) {
  std::unique_lock lock(mutex_);
  const int64_t until = added_;
  hurry_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, absl::ToChronoMilliseconds(limit),
                           [&] { return written_ >= until; });
}

void AccessLog::WriteWaiting(std::unique_lock<std::mutex>& lock) {
  while (!waiting_.empty()) {
    const auto end =
        waiting_.begin() + static_cast<ptrdiff_t>(std::min(waiting_.size(), kBatchMax));
    // They take room until they are on disk.
    std::vector<Record> batch(std::make_move_iterator(waiting_.begin()),
                              std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    on_their_way_ = batch.size();
    lock.unlock();
    const absl::Status written = options_.database->Write(
        absl::InfiniteFuture(),
        [&](sql::Transaction& transaction) { return Insert(transaction, batch); });
    if (!written.ok()) {
      const std::string message(written.message());
      telemetry::Log(telemetry::Level::kWarning, "access_log_failed", {{"error", message}});
    }
    lock.lock();
    on_their_way_ = 0;
    if (!written.ok()) {
      waiting_.insert(waiting_.begin(), std::make_move_iterator(batch.begin()),
                      std::make_move_iterator(batch.end()));
      return;
    }
    written_ += static_cast<int64_t>(batch.size());
    changed_.notify_all();
  }
}

void AccessLog::Loop() {
  absl::Time next_closing = absl::Now() + kBetweenClosings;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, absl::ToChronoMilliseconds(kBetweenClosings),
                      [this] { return end_ || !waiting_.empty(); });
    if (!end_ && !hurry_) {
      changed_.wait_for(lock, absl::ToChronoMilliseconds(options_.pause),
                        [this] { return end_ || hurry_; });
    }
    hurry_ = false;
    WriteWaiting(lock);
    if (end_) break;
    if (!waiting_.empty()) {
      changed_.wait_for(lock, absl::ToChronoMilliseconds(kPauseAfterFailure),
                        [this] { return end_; });
    }
    if (absl::Now() < next_closing) continue;
    next_closing = absl::Now() + kBetweenClosings;
    lock.unlock();
    CloseWindows(false);
    lock.lock();
  }
}

absl::StatusOr<std::vector<ListedRecord>> List(sql::Connection& connection,
                                               const ListOptions& options) {
  const std::string all = options.owner.empty() ? "" : "owner = ?3 AND ";
  std::vector<sql::Value> values = {
      options.below == 0 ? std::numeric_limits<int64_t>::max() : options.below,
      int64_t{options.limit}};
  if (!options.owner.empty()) values.push_back(options.owner);
  std::vector<ListedRecord> listed;
  RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT sequence, time, kind, caller, session, method, resource, owner, "
                   "request_id, count FROM access_log WHERE ",
                   all, "sequence < ?1 ORDER BY sequence DESC LIMIT ?2"),
      values, [&](const sql::Row& row) {
        ListedRecord& one = listed.emplace_back();
        one.sequence = row.Int64(0);
        one.record = {.time = absl::FromUnixMicros(row.Int64(1)),
                      .kind = static_cast<Kind>(row.Int64(2)),
                      .caller = std::string(row.Text(3)),
                      .session = std::string(row.Text(4)),
                      .method = std::string(row.Text(5)),
                      .resource = std::string(row.Text(6)),
                      .owner = std::string(row.Text(7)),
                      .request_id = std::string(row.Text(8)),
                      .count = row.Int64(9)};
        return true;
      }));
  return listed;
}

}  // namespace mostove::audit
