// Who looked at what: a service's append-only log of reads of private records,
// refusals and what concerns access itself. It holds names of callers and
// resources, never a value, and is sealed like the change log (libs/seal).
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/clock.h"
#include "libs/audit/record.h"
#include "libs/call/call.h"
#include "libs/call/method.h"
#include "libs/seal/seal.h"
#include "libs/sql/database.h"

namespace mostove::audit {

// Makes the table.
absl::Status Install(sql::Database& database);

// What of it is sealed.
const seal::Log& SealedLog();

struct AccessLogOptions {
  sql::Database* database = nullptr;  // outlives the log
  // What is alike within this time is one record, and at its end one more that
  // says how many followed.
  absl::Duration window = absl::Minutes(10);
  // Between a record and its way to the disk, so that many travel together.
  absl::Duration pause = absl::Milliseconds(100);
  // Records that wait for the disk. When they are so many, reads wait.
  size_t waiting_max = 20000;
  // Different records that are remembered; more of them within the window are
  // each written by itself.
  size_t remembered_max = 100000;
  std::function<absl::Time()> clock = [] { return absl::Now(); };
};

// Safe for all threads. The way to the disk is taken by a thread of its own, so
// a process that is killed hard loses what it added in its last tenth of a
// second (or for as long as the database does not answer); one that ends
// writes everything, with what followed in the windows.
class AccessLog {
 public:
  explicit AccessLog(AccessLogOptions options);
  ~AccessLog();

  // Equal is what differs in time, request and count alone. UNAVAILABLE, reason
  // ACCESS_LOG_FULL, when there is no room until `wait_until`: then the answer
  // must not go out.
  absl::Status Add(const Record& record, absl::Time wait_until);
  // The same for every shown thing of an answer to this call.
  absl::Status AddShown(const call::Call& call, const std::string& method,
                        const std::vector<call::Shown>& shown, absl::Time wait_until);

  // Waits until what was added is on disk; false when it is not after `limit`.
  bool Flush(absl::Duration limit = absl::Seconds(10));
  // What followed in windows that are over becomes records; all of them: in any.
  void CloseWindows(bool all);

 private:
  struct Followers {
    Record record;  // the last one
    absl::Time window_end;
    int64_t count = 0;
  };
  struct alignas(64) Shard {
    std::mutex mutex;
    absl::flat_hash_map<std::string, Followers> followers;
  };
  static constexpr size_t kShards = 16;

  // What has to be written for this record, if anything: of a window that is over
  // also what followed in it.
  struct ToWrite {
    bool record = false;
    bool previous = false;
    Record previous_record;
  };
  ToWrite Remember(const Record& record);
  absl::Status Push(Record record, absl::Time wait_until);
  void Loop();
  void WriteWaiting(std::unique_lock<std::mutex>& lock);

  const AccessLogOptions options_;
  std::array<Shard, kShards> shards_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Record> waiting_;
  size_t on_their_way_ = 0;  // to the disk, no more in waiting_
  int64_t added_ = 0, written_ = 0;
  bool end_ = false;
  bool hurry_ = false;
  std::thread thread_;
};

// Newest first.
struct ListOptions {
  std::string owner;  // "": all
  int64_t below = 0;  // sequences below it; 0: all
  int limit = 100;
};
struct ListedRecord {
  int64_t sequence = 0;
  Record record;
};
absl::StatusOr<std::vector<ListedRecord>> List(sql::Connection& connection,
                                               const ListOptions& options);

}  // namespace mostove::audit
