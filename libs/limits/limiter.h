// How often somebody may: so many in a window of time, all of them at once if need be, then at the
// rate at which they come back (GCRA, the generic cell rate algorithm).
//
//   limits::Limiter limiter({{.name = "calls", .quota = 600, .window = absl::Minutes(1)}}, {});
//   const limits::Verdict verdict = limiter.Take(0, "users/…", absl::Now());
//   if (!verdict.admitted) return refuse(verdict.retry_after);
//
// Asked in memory: Take never waits. Processes that have the same Redis tell each other, from a
// thread of the limiter, what they have let pass: the limit holds for all of them together, but for
// what they let pass while the word travels (`share_interval` at most, a first request at once).
// While Redis is away each process holds the limit by itself.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/redis/client.h"
#include "libs/telemetry/metrics.h"

namespace mostove::limits {

struct Budget {
  std::string name;                          // in figures, and in Redis
  int64_t quota = 0;                         // at most 10^9; 0: no limit
  absl::Duration window = absl::Minutes(1);  // a millisecond to a day
};

struct Verdict {
  bool admitted = true;
  int64_t remaining = 0;                              // that could come at this moment
  absl::Duration reset = absl::ZeroDuration();        // until the whole quota is there again
  absl::Duration retry_after = absl::ZeroDuration();  // of a refusal
};

struct LimiterOptions {
  redis::Client* redis = nullptr;  // null: no other process; outlives the limiter
  absl::Duration share_interval = absl::Milliseconds(100);
  // Keys that are remembered, some 100 bytes each; beyond it arbitrary ones are forgotten.
  size_t keys_max = 200'000;
  telemetry::Metrics* metrics = nullptr;  // may be null; outlives the limiter
};

// Safe for all threads.
class Limiter {
 public:
  Limiter(std::vector<Budget> budgets, LimiterOptions options);
  ~Limiter();
  Limiter(const Limiter&) = delete;

  const Budget& budget(size_t index) const { return budgets_[index].budget; }
  // Takes one of the budget's quota for `key`, unless none is left: a refusal costs nothing.
  Verdict Take(size_t budget, absl::string_view key, absl::Time now);
  // Tells Redis what was taken here, and learns what others took; its thread does that by itself.
  // The error of Redis: what was taken here still counts here.
  absl::Status Share();
  // Keys that are remembered.
  size_t keys() const;

 private:
  // Times are nanoseconds since 1970.
  struct Entry {
    int64_t full_at = 0;   // the quota is whole again then
    int64_t unshared = 0;  // the part of it that other processes do not know of
    bool listed = false;   // in Shard::unshared_keys
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    absl::flat_hash_map<std::string, Entry> entries;
    std::vector<std::string> unshared_keys;
  };
  struct BudgetState {
    Budget budget;
    int64_t window = 0;
    int64_t step = 0;  // nanoseconds until one comes back
    std::unique_ptr<Shard[]> shards;
    telemetry::Counter* refused = nullptr;
  };
  // Something of one key to tell Redis.
  struct Report {
    BudgetState* budget;
    std::string key;
    int64_t taken;
  };

  static Shard& ShardOf(const BudgetState& state, absl::string_view key);
  Entry& EntryOf(Shard& shard, absl::string_view key);
  std::vector<Report> Collect();
  absl::Status Send(const std::vector<Report>& reports, size_t begin, size_t end);
  void Learn(const Report& report, int64_t debt, absl::Time now);
  void Relist(const Report& report);
  void Forget(absl::Time now);
  void WakeThread();
  void Run();

  const LimiterOptions options_;
  const size_t keys_per_shard_max_;
  std::vector<BudgetState> budgets_;

  std::mutex share_mutex_;  // one Share at a time
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wanted_ = false;  // there is something to share soon
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace mostove::limits
