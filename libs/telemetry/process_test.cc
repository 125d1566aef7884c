#include "libs/telemetry/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/numbers.h"

namespace mostove::telemetry {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Lt;

// Of a metric without labels; -1 if it is not there.
double ValueOf(const std::string& text, const std::string& name) {
  const size_t line = text.find("\n" + name + " ");
  if (line == std::string::npos) return -1;
  const size_t begin = line + name.size() + 2;
  double value = -1;
  EXPECT_TRUE(absl::SimpleAtod(text.substr(begin, text.find('\n', begin) - begin), &value));
  return value;
}

TEST(ProcessTest, FiguresAreThoseOfThisProcess) {
  const auto metrics = Metrics::Make();
  AddProcessFigures(*metrics, "process-test");
  const std::string text = metrics->Text();
  EXPECT_THAT(ValueOf(text, "process_cpu_seconds_total"), AllOf(Ge(0), Lt(1e6)));
  EXPECT_THAT(ValueOf(text, "process_resident_memory_bytes"), AllOf(Gt(1e6), Lt(1e12)));
  EXPECT_THAT(ValueOf(text, "process_open_fds"), AllOf(Ge(3), Lt(1e6)));
  EXPECT_THAT(ValueOf(text, "process_max_fds"), Gt(3));
  EXPECT_THAT(ValueOf(text, "process_threads"), AllOf(Ge(1), Lt(1000)));
  EXPECT_THAT(ValueOf(text, "process_start_time_seconds"), Gt(1.7e9));
  EXPECT_EQ(ValueOf(text, "mostove_log_lines_lost_total"), 0);
  EXPECT_THAT(text, HasSubstr("program=\"process-test\""));
}

}  // namespace
}  // namespace mostove::telemetry
