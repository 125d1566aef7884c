// How many calls a gateway has under way: beyond a bound new ones are refused at once, before
// anything is done for them, so that those under way end in time.
#pragma once

#include <atomic>

namespace mostove::gateway {

class Admission {
 public:
  // Reads go on up to twice the bound: they cost less than what people try again for.
  explicit Admission(int calls_max) : calls_max_(calls_max) {}

  // False: refused. Else Leave() follows when the call was answered.
  bool TryEnter(bool reads) {
    const int now = under_way_.fetch_add(1, std::memory_order_relaxed);
    if (now < (reads ? 2 * calls_max_ : calls_max_)) return true;
    Leave();
    return false;
  }
  // What TryEnter would say now.
  bool IsFull(bool reads) const { return under_way() >= (reads ? 2 * calls_max_ : calls_max_); }
  void Leave() { under_way_.fetch_sub(1, std::memory_order_relaxed); }
  int under_way() const { return under_way_.load(std::memory_order_relaxed); }

 private:
  const int calls_max_;
  std::atomic<int> under_way_ = 0;
};

}  // namespace mostove::gateway
