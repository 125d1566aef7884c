#include "libs/telemetry/json_line.h"

#include <gtest/gtest.h>

#include <limits>

namespace mostove::telemetry {
namespace {

TEST(JsonLineTest, FieldsStandInTheirOrder) {
  JsonLine line;
  line.Add("event", absl::string_view("rpc"));
  line.Add("rows", int64_t{-3});
  line.Add("seconds", 0.25);
  line.Add("slow", true);
  EXPECT_EQ(line.Take(), R"({"event":"rpc","rows":-3,"seconds":0.25,"slow":true})");
  EXPECT_EQ(line.Take(), "{}") << "it is empty afterwards";
}

TEST(JsonLineTest, TextsAreEscaped) {
  struct Case {
    absl::string_view text;
    const char* json;
  };
  const Case cases[] = {
      {"plain", R"("plain")"},
      {"a \"quote\" and \\", R"("a \"quote\" and \\")"},
      {"two\nlines\r\tand\x7f", "\"two\\u000alines\\u000d\\u0009and\\u007f\""},
      {absl::string_view("nul\0nul", 7), R"("nul\u0000nul")"},
      {"Мостове", R"("Мостове")"},
      {"\xF0\x9F\x8C\x89", "\"\xF0\x9F\x8C\x89\""},
      {"bad \xFF byte", "\"bad \xEF\xBF\xBD byte\""},
      {"cut \xD0", "\"cut \xEF\xBF\xBD\""},
      {"overlong \xC0\xAF", "\"overlong \xEF\xBF\xBD\xEF\xBF\xBD\""},
  };
  for (const Case& c : cases) {
    JsonLine line;
    line.Add("t", c.text);
    EXPECT_EQ(line.Take(), std::string("{\"t\":") + c.json + "}");
  }
}

TEST(JsonLineTest, NumbersThatJsonDoesNotKnowAreNull) {
  JsonLine line;
  line.Add("nan", std::numeric_limits<double>::quiet_NaN());
  line.Add("infinity", std::numeric_limits<double>::infinity());
  EXPECT_EQ(line.Take(), R"({"nan":null,"infinity":null})");
}

}  // namespace
}  // namespace mostove::telemetry
