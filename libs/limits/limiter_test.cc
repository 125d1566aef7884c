#include "libs/limits/limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/redis/redis_server.h"

namespace mostove::limits {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kStart = absl::FromUnixSeconds(1'760'000'000);

std::vector<Budget> Ten() { return {{.name = "calls", .quota = 10, .window = absl::Seconds(10)}}; }

int Admitted(Limiter& limiter, absl::string_view key, int tries, absl::Time now,
             size_t budget = 0) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) admitted += limiter.Take(budget, key, now).admitted;
  return admitted;
}

TEST(LimiterTest, TheQuotaMayComeAtOnceAndComesBackAtItsRate) {
  Limiter limiter(Ten(), {});
  for (int i = 9; i >= 0; --i) {
    const Verdict verdict = limiter.Take(0, "users/a", kStart);
    EXPECT_TRUE(verdict.admitted);
    EXPECT_EQ(verdict.remaining, i);
    EXPECT_EQ(verdict.reset, absl::Seconds(10 - i));
  }
  const Verdict refused = limiter.Take(0, "users/a", kStart + absl::Milliseconds(400));
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.retry_after, absl::Milliseconds(600));
  EXPECT_EQ(refused.reset, absl::Milliseconds(9'600));

  EXPECT_EQ(Admitted(limiter, "users/a", 5, kStart + absl::Seconds(1)), 1);
  EXPECT_EQ(Admitted(limiter, "users/a", 5, kStart + absl::Milliseconds(3'999)), 2);
  EXPECT_EQ(Admitted(limiter, "users/a", 20, kStart + absl::Seconds(60)), 10) << "never more";
}

TEST(LimiterTest, ARefusalCostsNothing) {
  Limiter limiter(Ten(), {});
  Admitted(limiter, "users/a", 10'000, kStart);
  EXPECT_TRUE(limiter.Take(0, "users/a", kStart + absl::Seconds(1)).admitted);
}

TEST(LimiterTest, KeysAndBudgetsCountApart) {
  Limiter limiter({{.name = "calls", .quota = 3}, {.name = "signIn", .quota = 1}}, {});
  EXPECT_EQ(Admitted(limiter, "a", 9, kStart), 3);
  EXPECT_EQ(Admitted(limiter, "b", 9, kStart), 3);
  EXPECT_EQ(Admitted(limiter, "a", 9, kStart, 1), 1);
}

TEST(LimiterTest, ABudgetOfZeroIsNone) {
  Limiter limiter({{.name = "calls", .quota = 0}}, {});
  EXPECT_EQ(Admitted(limiter, "a", 10'000, kStart), 10'000);
  EXPECT_EQ(limiter.keys(), 0u);
}

TEST(LimiterTest, AClockThatGoesBackRefusesNobodyForLong) {
  Limiter limiter(Ten(), {});
  EXPECT_EQ(Admitted(limiter, "a", 5, kStart), 5);
  EXPECT_TRUE(limiter.Take(0, "a", kStart - absl::Seconds(2)).admitted);
}

TEST(LimiterTest, WhatItRemembersIsBounded) {
  Limiter limiter(Ten(), {.keys_max = 1'600});
  for (int i = 0; i < 50'000; ++i) limiter.Take(0, absl::StrCat("192.0.2.", i), kStart);
  EXPECT_LE(limiter.keys(), 1'600u);
  EXPECT_GE(limiter.keys(), 800u);
}

TEST(LimiterTest, RefusalsAreCountedByBudget) {
  const auto metrics = telemetry::Metrics::Make();
  Limiter limiter(Ten(), {.metrics = metrics.get()});
  Admitted(limiter, "users/secret", 14, kStart);
  EXPECT_THAT(metrics->Text(), HasSubstr("mostove_limits_refused_total{budget=\"calls\"} 4"));
  EXPECT_THAT(metrics->Text(), Not(HasSubstr("secret")));
}

TEST(LimiterTest, ManyThreadsTakeNoMoreThanTheQuota) {
  Limiter limiter({{.name = "calls", .quota = 1'000}}, {});
  std::atomic<int> admitted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { admitted += Admitted(limiter, "a", 1'000, kStart); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 1'000);
}

class SharedTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  void SetUp() override {
    auto server = redis::RedisServer::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = std::make_unique<redis::Client>(ClientOptions());
  }

  redis::ClientOptions ClientOptions() const {
    return {.address = redis::Address::Parse(server_->address()).value(),
            .command_time = absl::Seconds(5),
            .connect_time = absl::Seconds(5),
            .pause = absl::Milliseconds(1)};
  }
  // Shares when it is told to: its thread would do so in an hour.
  std::unique_ptr<Limiter> Gateway(redis::Client* client) {
    return std::make_unique<Limiter>(
        std::vector<Budget>{{.name = "calls", .quota = 10, .window = absl::Hours(10)}},
        LimiterOptions{.redis = client, .share_interval = absl::Hours(1)});
  }

  std::unique_ptr<redis::RedisServer> server_;
  std::unique_ptr<redis::Client> client_;
};

TEST_F(SharedTest, WhatOneGatewayLetPassCountsAtTheOther) {
  const auto one = Gateway(client_.get());
  const auto two = Gateway(client_.get());
  EXPECT_EQ(Admitted(*one, "a", 7, absl::Now()), 7);
  ASSERT_TRUE(one->Share().ok());
  EXPECT_EQ(Admitted(*two, "a", 1, absl::Now()), 1);
  ASSERT_TRUE(two->Share().ok());
  EXPECT_EQ(two->Take(0, "a", absl::Now()).remaining, 1);
  EXPECT_EQ(Admitted(*two, "a", 5, absl::Now()), 1);
  ASSERT_TRUE(two->Share().ok());
  EXPECT_EQ(Admitted(*two, "b", 20, absl::Now()), 10) << "another key";
}

TEST_F(SharedTest, SharingTwiceCountsOnce) {
  const auto one = Gateway(client_.get());
  EXPECT_EQ(Admitted(*one, "a", 4, absl::Now()), 4);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(one->Share().ok());
  EXPECT_EQ(Admitted(*one, "a", 20, absl::Now()), 6);
}

TEST_F(SharedTest, TheThreadSharesAFirstRequestByItself) {
  const auto one = Gateway(client_.get());
  one->Take(0, "a", absl::Now());
  const auto keys = [&] {
    const auto reply = client_->Do({"DBSIZE"}, absl::Now() + absl::Seconds(5));
    return reply.ok() ? reply->integer : 0;
  };
  while (keys() == 0) std::this_thread::yield();
}

TEST_F(SharedTest, NoKeyInRedisNamesACallerAndAllOfThemEnd) {
  const auto one = Gateway(client_.get());
  one->Take(0, "198.51.100.7", absl::Now());
  ASSERT_TRUE(one->Share().ok());
  const auto keys = client_->Do({"KEYS", "*"}, absl::Now() + absl::Seconds(5));
  ASSERT_TRUE(keys.ok());
  ASSERT_EQ(keys->elements.size(), 1u);
  EXPECT_THAT(keys->elements[0].text, Not(HasSubstr("198.51")));
  const auto left = client_->Do({"PTTL", keys->elements[0].text}, absl::Now() + absl::Seconds(5));
  EXPECT_GT(left->integer, 0);
  EXPECT_LE(left->integer, 3'600'000);
}

TEST_F(SharedTest, WithoutRedisEachProcessHoldsTheLimitAndItIsSharedAgainLater) {
  const auto one = Gateway(client_.get());
  const auto two = Gateway(client_.get());
  server_->Kill();
  EXPECT_EQ(Admitted(*one, "a", 20, absl::Now()), 10);
  EXPECT_FALSE(one->Share().ok());
  EXPECT_FALSE(one->Take(0, "a", absl::Now()).admitted);
  EXPECT_EQ(Admitted(*two, "a", 20, absl::Now()), 10);
  ASSERT_TRUE(server_->Restart().ok());
  while (!one->Share().ok()) std::this_thread::yield();
  EXPECT_FALSE(one->Take(0, "a", absl::Now()).admitted);
  const auto three = Gateway(client_.get());
  three->Take(0, "a", absl::Now());
  while (!three->Share().ok()) std::this_thread::yield();
  EXPECT_FALSE(three->Take(0, "a", absl::Now()).admitted)
      << "it learned what the first had let pass";
}

}  // namespace
}  // namespace mostove::limits
