#include "libs/rpc/retry_budget.h"

#include <algorithm>

namespace mostove::rpc {

void RetryBudget::CountSuccess() {
  int level = level_.load(std::memory_order_relaxed);
  while (level < max_ &&
         !level_.compare_exchange_weak(level, level + 1, std::memory_order_relaxed)) {
  }
}

bool RetryBudget::CountFailure() {
  int level = level_.load(std::memory_order_relaxed);
  while (!level_.compare_exchange_weak(level, std::max(0, level - kToken),
                                       std::memory_order_relaxed)) {
  }
  return std::max(0, level - kToken) > max_ / 2;
}

}  // namespace mostove::rpc
