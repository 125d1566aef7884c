#include "services/organizations/activity_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace mostove::organizations {
namespace {

TEST(CheckActivityTest, NeedsAWhatAndAnOrderOfDays) {
  const struct {
    std::string activity;
    std::vector<std::string> expected;
  } cases[] = {
      {R"(sector { label: "Food" })", {}},
      {R"(description { texts { key: "en" value: "x" } })", {}},
      {"", {"a.sector REQUIRED"}},
      {R"(sector { label: "x" } start_date { year: 2024 } end_date { year: 2024 })", {}},
      {R"(sector { label: "x" } start_date { year: 2024 month: 5 } end_date { year: 2024 })", {}},
      {R"(sector { label: "x" } start_date { year: 2024 month: 5 day: 2 }
          end_date { year: 2024 month: 5 day: 1 })",
       {"a.end_date END_BEFORE_START"}},
      {R"(sector { label: "x" } start_date { year: 2024 } end_date { year: 2023 month: 12 })",
       {"a.end_date END_BEFORE_START"}},
      {R"(sector { label: "x" } end_date { year: 2023 })", {}},
  };
  for (const auto& [text, expected] : cases) {
    v1::Activity activity;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &activity)) << text;
    status::Violations violations;
    CheckActivity(activity, "a", violations);
    std::vector<std::string> found;
    for (const auto& v : violations.all()) found.push_back(absl::StrCat(v.field, " ", v.reason));
    EXPECT_EQ(found, expected) << text;
  }
}

}  // namespace
}  // namespace mostove::organizations
