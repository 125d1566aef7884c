#include "libs/service/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "absl/time/clock.h"
#include "libs/testing/matchers.h"

namespace mostove::service {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::HasSubstr;

// Waits as long as it takes; a hang is for the test's own limit.
void Await(const std::function<bool()>& condition) {
  while (!condition()) absl::SleepFor(absl::Milliseconds(1));
}

TEST(ReadinessTest, SaysWhatTheCheckSaidLast) {
  std::atomic<bool> there = false;
  std::atomic<int> told_ready = 0, told_away = 0;
  Readiness readiness([&] { return there ? absl::OkStatus() : absl::UnavailableError("away"); },
                      [&](bool ready) { ++(ready ? told_ready : told_away); });
  EXPECT_THAT(readiness.status(), StatusIs(absl::StatusCode::kUnavailable));
  there = true;
  Await([&] { return readiness.status().ok(); });
  EXPECT_EQ(told_ready, 1);
  there = false;
  Await([&] { return !readiness.status().ok(); });
  EXPECT_THAT(readiness.status(), HasMessage(HasSubstr("away")));
  EXPECT_EQ(told_away, 1);
}

TEST(ReadinessTest, ACheckThatHangsIsNotReady) {
  std::atomic<bool> hang = false, hangs = false;
  Readiness readiness([&] {
    hangs = hang.load();
    Await([&] { return !hang; });
    return absl::OkStatus();
  });
  Await([&] { return readiness.status().ok(); });
  hang = true;
  Await([&] { return hangs.load() && !readiness.status().ok(); });
  EXPECT_THAT(readiness.status(), HasMessage(HasSubstr("does not answer")));
  hang = false;
  Await([&] { return readiness.status().ok(); });
}

TEST(ReadinessTest, NobodyIsReadyWhileItEnds) {
  Readiness readiness([] { return absl::OkStatus(); });
  Await([&] { return readiness.status().ok(); });
  readiness.StartDraining();
  EXPECT_THAT(readiness.status(), HasMessage(HasSubstr("ending")));
}

}  // namespace
}  // namespace mostove::service
