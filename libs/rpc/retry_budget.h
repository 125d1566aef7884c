// How much of the load may be repeated calls: when most calls fail, trying them
// again only adds to what is wrong.
#pragma once

#include <atomic>

namespace mostove::rpc {

// A bucket of tokens, as gRPC's retryThrottling: a failure takes one, a success
// gives a tenth, and no call is repeated while it is half empty or more. Safe
// for all threads.
class RetryBudget {
 public:
  explicit RetryBudget(int tokens_max) : max_(tokens_max * kToken), level_(max_) {}

  void CountSuccess();
  // Whether the failed call may be tried again.
  bool CountFailure();

 private:
  static constexpr int kToken = 10;  // in tenths

  const int max_;
  std::atomic<int> level_;
};

}  // namespace mostove::rpc
