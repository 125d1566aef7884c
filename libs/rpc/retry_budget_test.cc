#include "libs/rpc/retry_budget.h"

#include <gtest/gtest.h>

namespace mostove::rpc {
namespace {

// How many failures in a row may be tried again.
int RetriesLeft(RetryBudget& budget) {
  int retries = 0;
  while (budget.CountFailure()) ++retries;
  return retries;
}

TEST(RetryBudgetTest, HalfTheTokensAreForRetries) {
  RetryBudget budget(10);
  EXPECT_EQ(RetriesLeft(budget), 4) << "the fifth failure leaves half";
  EXPECT_EQ(RetriesLeft(budget), 0);
}

TEST(RetryBudgetTest, TenSuccessesPayForAFailure) {
  RetryBudget budget(10);
  RetriesLeft(budget);
  for (int i = 0; i < 10; ++i) budget.CountSuccess();
  EXPECT_EQ(RetriesLeft(budget), 0) << "back at half";
  for (int i = 0; i < 20; ++i) budget.CountSuccess();
  EXPECT_EQ(RetriesLeft(budget), 1);
}

TEST(RetryBudgetTest, ItNeitherOverflowsNorGoesBelowNothing) {
  RetryBudget budget(4);
  for (int i = 0; i < 1000; ++i) budget.CountSuccess();
  EXPECT_EQ(RetriesLeft(budget), 1);
  for (int i = 0; i < 1000; ++i) budget.CountFailure();
  for (int i = 0; i < 40; ++i) budget.CountSuccess();
  EXPECT_EQ(RetriesLeft(budget), 1) << "full again";
}

}  // namespace
}  // namespace mostove::rpc
