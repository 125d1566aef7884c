// Waiting on a condition until an absl::Time.
#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace mostove::sql {

// Answers whether `ready` held before the deadline.
template <typename Ready>
bool WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
               absl::Time deadline, Ready ready) {
  // The standard library's clock cannot tell far times.
  if (deadline >= absl::FromUnixSeconds(int64_t{1} << 32)) {
    condition.wait(lock, ready);
    return true;
  }
  return condition.wait_until(lock, absl::ToChronoTime(deadline), ready);
}

}  // namespace mostove::sql
