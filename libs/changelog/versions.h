// What a process knows of the changes in a database: lets it keep answers and
// tell, without asking the database, whether they still hold.
//
//   const Versions::Stamp stamp = versions.Of(name);   // before reading
//   answer = Read(name);
//   ...
//   if (versions.Of(name) == stamp) reuse answer;
//
// Whoever commits a change says so after the commit and before anybody is told
// that it was accepted; changes of other processes are said by who follows the
// log. So an answer that was read late keeps an old stamp and never passes for
// a newer one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mostove::changelog {

// Safe for all threads.
class Versions {
 public:
  using Stamp = uint64_t;

  // `exclusive`: no other process writes to this database.
  explicit Versions(bool exclusive) : exclusive_(exclusive) {}

  // Of a resource ("organizations/x") or of all of a type
  // ("mostove.org/Organization"). Different keys may share a counter: then an
  // answer is thrown away too early, never too late.
  Stamp Of(absl::string_view key) const { return CounterOf(key).load(std::memory_order_acquire); }
  // Where the stamp stands, for who asks often.
  const std::atomic<Stamp>& CounterOf(absl::string_view key) const {
    return counters_[SlotOf(key)];
  }
  void Changed(absl::string_view key) {
    counters_[SlotOf(key)].fetch_add(1, std::memory_order_acq_rel);
  }
  // Everything may have changed: the log began anew.
  void AllChanged() {
    for (auto& counter : counters_) counter.fetch_add(1, std::memory_order_acq_rel);
  }

  // Up to this moment all changes of other processes were said.
  void CaughtUp(absl::Time now) {
    caught_up_.store(absl::ToUnixMicros(now), std::memory_order_release);
  }
  // The log was read through this sequence: kept answers know of all up to there.
  void KnowsThrough(int64_t sequence) { known_through_.store(sequence, std::memory_order_release); }
  bool Knows(int64_t sequence) const {
    return exclusive_ || sequence <= known_through_.load(std::memory_order_acquire);
  }
  // Whether kept answers may be used: what others wrote more than `age_max`
  // ago is known.
  bool Fresh(absl::Time now, absl::Duration age_max = absl::Milliseconds(900)) const {
    return exclusive_ ||
           absl::FromUnixMicros(caught_up_.load(std::memory_order_acquire)) + age_max >= now;
  }

 private:
  static constexpr size_t kSlots = 1 << 16;
  static size_t SlotOf(absl::string_view key) {
    return absl::Hash<absl::string_view>()(key) % kSlots;
  }

  const bool exclusive_;
  std::atomic<int64_t> caught_up_ = 0;
  std::atomic<int64_t> known_through_ = 0;
  std::array<std::atomic<Stamp>, kSlots> counters_ = {};
};

}  // namespace mostove::changelog
