#include "libs/telemetry/counters.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace mostove::telemetry {

int ThreadStripe() {
  static std::atomic<unsigned> threads{0};
  thread_local const int stripe =
      static_cast<int>(threads.fetch_add(1, std::memory_order_relaxed) % kStripes);
  return stripe;
}

uint64_t Counter::Value() const {
  uint64_t value = 0;
  for (const Stripe& stripe : stripes_) value += stripe.count.load(std::memory_order_relaxed);
  return value;
}

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)) {
  if (bounds_.size() > kBoundsMax || !std::is_sorted(bounds_.begin(), bounds_.end())) std::abort();
}

void Histogram::Observe(double value) {
  Stripe& stripe = stripes_[ThreadStripe()];
  const size_t bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  stripe.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  stripe.sum.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Values Histogram::Read() const {
  Values values;
  values.counts.resize(bounds_.size() + 1);
  for (const Stripe& stripe : stripes_) {
    values.sum += stripe.sum.load(std::memory_order_relaxed);
    for (size_t i = 0; i < values.counts.size(); ++i) {
      values.counts[i] += stripe.counts[i].load(std::memory_order_relaxed);
    }
  }
  return values;
}

}  // namespace mostove::telemetry
