#include "services/organizations/activity_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace mostove::organizations {
namespace {

TEST(CheckActivityTest, NeedsAWhat) {
  const struct {
    std::string activity;
    std::vector<std::string> expected;
  } cases[] = {
      {R"(sector { label: "Food" })", {}},
      {R"(description { texts { key: "en" value: "x" } })", {}},
      {"", {"a.sector REQUIRED"}},
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
