#include "libs/rpc/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mostove::rpc {
namespace {

TEST(WorkerPoolTest, ThreadsWorkAtTheSameTime) {
  std::latch together(3);
  std::atomic<int> done = 0;
  {
    const auto pool = WorkerPool::Start({.threads = 3, .queue_max = 3});
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(pool->TryRun([&] {
        together.arrive_and_wait();  // passes only when all three have come
        ++done;
      }));
    }
  }
  EXPECT_EQ(done, 3);
}

TEST(WorkerPoolTest, AFullQueueSaysSoAtOnce) {
  std::promise<void> begun, release;
  std::atomic<int> ran = 0;
  {
    const auto pool = WorkerPool::Start({.threads = 1, .queue_max = 2});
    ASSERT_TRUE(pool->TryRun([&] {
      begun.set_value();
      release.get_future().wait();
    }));
    begun.get_future().wait();
    EXPECT_TRUE(pool->TryRun([&] { ++ran; }));
    EXPECT_TRUE(pool->TryRun([&] { ++ran; }));
    EXPECT_EQ(pool->queued(), 2);
    EXPECT_FALSE(pool->TryRun([&] { ++ran; }));
    EXPECT_TRUE(pool->Run([&] { ran += 10; })) << "for work that is bounded elsewhere";
    release.set_value();
  }
  EXPECT_EQ(ran, 12) << "what was taken is run before the pool ends, what was refused is not";
}

TEST(WorkerPoolTest, WorkThatThrowsTakesNoThreadAway) {
  std::promise<void> ran;
  const auto pool = WorkerPool::Start({.threads = 1, .queue_max = 2});
  ASSERT_TRUE(pool->TryRun([] { throw std::runtime_error("oops"); }));
  ASSERT_TRUE(pool->TryRun([&] { ran.set_value(); }));
  ran.get_future().wait();
}

TEST(WorkerPoolTest, EverythingTakenIsRunOnce) {
  constexpr int kThreads = 4, kEach = 1000;
  std::atomic<int> taken = 0, ran = 0;
  {
    const auto pool = WorkerPool::Start({.threads = 3, .queue_max = 50});
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) taken += pool->TryRun([&] { ++ran; });
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_GT(taken, 0);
  EXPECT_EQ(ran, taken);
}

}  // namespace
}  // namespace mostove::rpc
