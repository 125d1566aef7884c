// Whether what a program depends on is there, asked again and again on a thread
// of its own, so that the answer costs nothing and comes at once.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mostove::service {

class Readiness {
 public:
  // `check` may block, some seconds at most; it is asked every second, more often
  // until it has been OK for the first time. `changed` (may be empty) is told when
  // OK has become an error or the other way round, and never after StartDraining;
  // it must not block. What both use outlives this.
  explicit Readiness(std::function<absl::Status()> check,
                     std::function<void(bool ready)> changed = nullptr);
  ~Readiness();

  // The last answer, not older than three seconds; UNAVAILABLE before the first,
  // when a check hangs, and after StartDraining. For all threads.
  absl::Status status() const;
  // Not ready from now on.
  void StartDraining();

 private:
  void Loop();

  const std::function<absl::Status()> check_;
  const std::function<void(bool)> changed_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  absl::Status status_;    // guarded by mutex_
  absl::Time known_at_;    // guarded by mutex_
  bool draining_ = false;  // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace mostove::service
