// The end of a store's change log, as one reader of the process sees it: for
// everybody here who has to know soon what was accepted.
//
// It tells the store's Versions what other processes wrote, and keeps the last
// changes in memory for its watchers, so that a thousand of them cost one query
// for each stretch of changes and nothing while nothing happens. Own commits
// wake it; those of other processes are seen within `interval`, or sooner where
// something wakes it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/live/change.h"
#include "libs/store/store.h"

namespace mostove::telemetry {
class Metrics;
}

namespace mostove::live {

struct TailOptions {
  const store::Store* store = nullptr;  // outlives the tail
  telemetry::Metrics* metrics = nullptr;
  // Between two looks for what other processes wrote.
  absl::Duration interval = absl::Milliseconds(400);
  // Watchers that are further behind read the log.
  size_t recent_max = 8192;
  int watchers_max = 10'000;
};

class Tail {
 public:
  // One who waits for changes. What is not said otherwise belongs to the tail
  // between Join and Leave.
  struct Waiter {
    // Asked on the tail's thread while the waiter waits.
    std::function<bool(const Change&)> wants;
    // All up to here are dealt with. The waiter's own while it does not wait.
    changelog::Position after;
    // When it wants to be woken at the latest. The same.
    absl::Time due;

    bool waits = false;
    std::function<void()> wake;
  };

  explicit Tail(TailOptions options);
  ~Tail();  // Stop
  Tail(const Tail&) = delete;

  void Start();
  // Everybody who waits is woken and told that it is over.
  void Stop();

  // There may be something new in the log. From any thread; does not block, and
  // costs nothing where nobody waits for own changes.
  void Wake();
  // The same for what this store has committed.
  void WakeForOwn(int64_t sequence);

  const store::Store& store() const { return *options_.store; }

  // ---- for watchers, from any thread

  // RESOURCE_EXHAUSTED, reason TOO_MANY_WATCHERS.
  absl::Status Join(Waiter* waiter);
  void Leave(Waiter* waiter);

  enum class Found {
    kChanges,  // behind `after`, in `changes`
    kNothing,  // `wake` is called when there is, or when it is due
    kDue,      // nothing, and it is due
    kBehind,   // read the log: these are not in memory any more
  };
  // UNAVAILABLE, reason DRAINING, after Stop; FAILED_PRECONDITION, reason
  // EPOCH_CHANGED.
  absl::StatusOr<Found> Take(Waiter& waiter, const std::function<void()>& wake,
                             std::vector<ChangePtr>& changes);

 private:
  using Wakes = std::vector<std::function<void()>>;

  void Loop();
  bool WaitForWork();
  bool NeedsToLook() const;
  // Reads to the end of the log.
  absl::Status Look();
  absl::Status Settle(sql::Connection& connection);
  // True when there is more to be read at once.
  absl::StatusOr<bool> ReadPage(sql::Connection& connection);
  void Tell(const changelog::Head& head);
  void Publish(std::vector<ChangePtr> changes);
  // Those who are due by then.
  void WakeWaiting(absl::Time due);
  void StartAnew();
  void Report(const absl::Status& status);
  void AddMetrics();

  const TailOptions options_;
  const bool exclusive_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  bool end_ = false;
  bool woken_ = false;
  std::atomic<bool> asleep_ = false;  // nobody needs to know of own commits
  // Those below `base_` are not in `recent_`.
  bool settled_ = false;
  changelog::Position base_;
  std::deque<ChangePtr> recent_;
  absl::flat_hash_set<Waiter*> waiters_;
  absl::flat_hash_set<int64_t> own_;  // committed here, not yet read

  // The thread's own.
  changelog::Position position_;
  absl::flat_hash_set<int64_t> told_;  // above position_: their place is not final
  bool failing_ = false;
  absl::Time woke_due_;

  std::atomic<int64_t> caught_up_micros_ = 0;
  std::thread thread_;
};

}  // namespace mostove::live
