#include "services/organizations/location_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "mostove/organizations/v1/organization.pb.h"

namespace mostove::organizations {
namespace {

TEST(CheckLocationsTest, ReportsWhatTheAnnotationsCannotSay) {
  const struct {
    std::string locations;
    std::vector<std::string> expected;
  } cases[] = {
      {"locations {} locations {}", {}},
      {R"(locations { id: "a" } locations { id: "b" })", {}},
      {R"(locations { id: "a" } locations { id: "a" })", {"l[1].id DUPLICATE"}},
      {R"(locations { languages: "uk" languages: "q" phones { languages: "xx-" } })",
       {"l[0].languages[1] LANGUAGE_TAG", "l[0].phones[0].languages[0] LANGUAGE_TAG"}},
      {R"(locations { addresses { country_code: "BG" } addresses { country_code: "ZZ" } })",
       {"l[0].addresses[1].country_code COUNTRY_CODE"}},
      {R"(locations { url: "https://user@example.org" })", {"l[0].url WEBSITE"}},
      {R"(locations { schedules { url: "https://x" } accessibility { url: "https://x" } })",
       {"l[0].schedules[0].url WEBSITE", "l[0].accessibility[0].url WEBSITE"}},
  };
  for (const auto& [text, expected] : cases) {
    v1::Organization organization;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &organization)) << text;
    status::Violations violations;
    CheckLocations(organization.locations(), "l", violations);
    std::vector<std::string> found;
    for (const auto& v : violations.all()) found.push_back(absl::StrCat(v.field, " ", v.reason));
    EXPECT_EQ(found, expected) << text;
  }
}

}  // namespace
}  // namespace mostove::organizations
