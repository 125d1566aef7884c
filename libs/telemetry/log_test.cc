#include "libs/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mostove::telemetry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class LogTest : public ::testing::Test {
 protected:
  LogTest() : file_(absl::StrCat(::testing::TempDir(), "/log_test.", getpid())) { Remove(); }
  ~LogTest() override {
    StopLog();
    Remove();
  }

  void Remove() { unlink(file_.c_str()); }

  // What was written by the time the log has stopped.
  std::vector<std::string> Lines() {
    StopLog();
    std::ifstream in(file_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  const std::string file_;
};

TEST_F(LogTest, ALineIsOneObjectWithTimeLevelAndEvent) {
  StartLog({.level = Level::kInfo, .file = file_});
  Log(Level::kInfo, "rpc", {{"code", absl::string_view("OK")}, {"rows", int64_t{3}}});
  EXPECT_THAT(Lines(), ElementsAre(MatchesRegex(
                           R"(\{"time":"[0-9-]+T[0-9:]+\.[0-9][0-9][0-9]Z","level":"info",)"
                           R"("event":"rpc","code":"OK","rows":3\})")));
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  StartLog({.level = Level::kWarning, .file = file_});
  EXPECT_FALSE(Enabled(Level::kInfo));
  EXPECT_TRUE(Enabled(Level::kWarning));
  Log(Level::kInfo, "small", {});
  Log(Level::kError, "great", {});
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("great")));
}

TEST_F(LogTest, LinesOfManyThreadsStayWhole) {
  StartLog({.level = Level::kDebug, .file = file_});
  constexpr int kThreads = 8, kLines = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < kLines; ++i) Log(Level::kDebug, "line", {{"i", int64_t{i}}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(LinesLost(), 0);
  const std::vector<std::string> lines = Lines();
  ASSERT_THAT(lines, SizeIs(kThreads * kLines));
  for (const std::string& line : lines) {
    EXPECT_THAT(line, MatchesRegex(R"(\{.*"event":"line","i":[0-9]+\})"));
  }
}

TEST_F(LogTest, ASecondStartAppends) {
  for (const char* event : {"first", "second"}) {
    StartLog({.file = file_});
    Log(Level::kInfo, event, {});
    StopLog();
  }
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("first"), HasSubstr("second")));
}

TEST_F(LogTest, AFileThatWasMovedAwayIsOpenedAnew) {
  const std::string moved = file_ + ".1";
  StartLog({.file = file_});
  Log(Level::kInfo, "first", {});
  ASSERT_EQ(rename(file_.c_str(), moved.c_str()), 0);
  ReopenLog();
  Log(Level::kInfo, "second", {});
  // The first line may be written before the move, after it or after the reopening.
  const std::vector<std::string> now = Lines();
  EXPECT_THAT(now, Contains(HasSubstr("second")));
  std::ifstream in(moved);
  const std::string before((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_THAT(before, Not(HasSubstr("second")));
  EXPECT_EQ(before.empty(), now.size() == 2);
  unlink(moved.c_str());
}

TEST_F(LogTest, WithoutAStartErrorsGoToStandardErrorAtOnce) {
  ::testing::internal::CaptureStderr();
  Log(Level::kError, "early", {});
  Log(Level::kInfo, "dropped", {});
  const std::string written = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(written, HasSubstr("\"event\":\"early\"}\n"));
  EXPECT_THAT(written, Not(HasSubstr("dropped")));
}

}  // namespace
}  // namespace mostove::telemetry
