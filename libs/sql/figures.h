// What a database has been asked since it was opened, for metrics.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace mostove::sql {

// How often something happened, and how long it took in all.
struct Timed {
  std::atomic<int64_t> count = 0;
  std::atomic<int64_t> nanoseconds = 0;

  void Add(absl::Duration took) {
    count.fetch_add(1, std::memory_order_relaxed);
    nanoseconds.fetch_add(absl::ToInt64Nanoseconds(took), std::memory_order_relaxed);
  }
};

// Adds the time until the end of its life.
class Stopwatch {
 public:
  explicit Stopwatch(Timed& timed) : timed_(timed), begin_(absl::Now()) {}
  ~Stopwatch() { timed_.Add(absl::Now() - begin_); }
  Stopwatch(const Stopwatch&) = delete;

 private:
  Timed& timed_;
  const absl::Time begin_;
};

// Written by all threads of a database.
struct Figures {
  // Waits for the database's answer: on PostgreSQL a round trip each, with what
  // was queued before it; on SQLite, reads are whole statements and changes are
  // those of a group together.
  Timed reads, changes, commits;
  Timed connection_waits;  // for a free connection with PostgreSQL, or one that is being made
  std::atomic<int64_t> grouped_changes = 0;   // committed together with others, or so meant
  std::atomic<int64_t> groups = 0;            // in so many transactions
  std::atomic<int64_t> separate_changes = 0;  // each in a transaction of its own
};

}  // namespace mostove::sql
