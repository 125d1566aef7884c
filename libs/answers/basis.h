// What an answer rests on, as the function says that reads it.
#pragma once

#include <atomic>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/changelog/versions.h"

namespace mostove::answers {

// For one thread until the read has ended; immutable afterwards.
class Basis {
 public:
  // Before the read: the answer holds until `key` changes. The versions outlive
  // the basis.
  void RestOn(const changelog::Versions& versions, absl::string_view key) {
    const auto& counter = versions.CounterOf(key);
    stones_.push_back({&versions, &counter, counter.load(std::memory_order_acquire)});
  }

  // Nobody said what the answer rests on: it cannot be kept.
  bool empty() const { return stones_.empty(); }
  // Whether nothing of it has changed, and the process knows that.
  bool Holds(absl::Time now) const {
    for (const Stone& stone : stones_) {
      if (stone.counter->load(std::memory_order_acquire) != stone.stamp) return false;
      if (!stone.versions->Fresh(now)) return false;
    }
    return !stones_.empty();
  }

 private:
  struct Stone {
    const changelog::Versions* versions;
    const std::atomic<changelog::Versions::Stamp>* counter;
    changelog::Versions::Stamp stamp;
  };
  absl::InlinedVector<Stone, 2> stones_;
};

}  // namespace mostove::answers
