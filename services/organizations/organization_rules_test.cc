#include "services/organizations/organization_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace mostove::organizations {
namespace {

using v1::Organization;

constexpr absl::CivilDay kToday(2026, 3, 15);

Organization Parse(const std::string& text) {
  Organization organization;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &organization)) << text;
  return organization;
}

TEST(PrepareOrganizationTest, ANameAloneMakesADraft) {
  Organization organization = Parse(R"(legal_name: "x")");
  PrepareOrganization(organization);
  EXPECT_EQ(organization.state(), Organization::DRAFT);
  EXPECT_FALSE(organization.has_refugee_leadership());
  EXPECT_FALSE(organization.has_display_name());
}

TEST(PrepareOrganizationTest, KeepsWhatIsGiven) {
  Organization organization = Parse(R"(state: LISTED refugee_leadership { basis: ATTESTED })");
  PrepareOrganization(organization);
  EXPECT_EQ(organization.state(), Organization::LISTED);
  EXPECT_EQ(organization.refugee_leadership().basis(), v1::RefugeeLeadership::ATTESTED);
}

TEST(PrepareOrganizationTest, LeadershipIsDeclaredByTheOrganizationItself) {
  Organization organization = Parse("refugee_leadership { board_share: 0.6 }");
  PrepareOrganization(organization);
  EXPECT_EQ(organization.refugee_leadership().basis(), v1::RefugeeLeadership::SELF_DECLARED);
}

TEST(CheckOrganizationTest, ReportsWhatTheAnnotationsCannotSay) {
  const struct {
    std::string organization;
    std::vector<std::string> expected;
  } cases[] = {
      {R"(legal_name: "x")", {}},
      {R"(identifiers { scheme: "BG-EIK" value: "1" } identifiers { scheme: "UA-EDR" value: "2" })",
       {}},
      {R"(identifiers { scheme: "BG-EIK" value: "1" } identifiers { scheme: "BG-EIK" value: "2" })",
       {"o.identifiers[1].scheme DUPLICATE"}},
      {"identifiers { } identifiers { }", {}},
      {"refugee_leadership { basis: SELF_DECLARED }", {}},
      {"refugee_leadership { basis: ATTESTED }", {"o.refugee_leadership.attested_by REQUIRED"}},
      {R"(name: "organizations/a"
          refugee_leadership { basis: ATTESTED attested_by: "organizations/b" })",
       {}},
      {R"(name: "organizations/a"
          refugee_leadership { basis: ATTESTED attested_by: "organizations/a" })",
       {"o.refugee_leadership.attested_by SELF_ATTESTED"}},
      {R"(refugee_leadership { basis: ATTESTED attested_by: "b" })",
       {"o.refugee_leadership.attested_by NAME"}},
      {"founding_date { year: 2026 month: 3 day: 15 }", {}},
      {"founding_date { year: 2026 month: 3 }", {}},
      {"founding_date { year: 2026 }", {}},
      {"founding_date { year: 2026 month: 3 day: 16 }", {"o.founding_date FUTURE"}},
      {"founding_date { year: 2027 }", {"o.founding_date FUTURE"}},
      {R"(languages: "bg" languages: "zh-Hant")", {}},
      {R"(languages: "bg" languages: "en-")", {"o.languages[1] LANGUAGE_TAG"}},
      {R"(website: "https://www.unhcr.org/bg/")", {}},
      {R"(website: "http://example.org?x")", {}},
      {R"(website: "ftp://example.org")", {}},  // the annotation's pattern
      {R"(website: "https://")", {"o.website WEBSITE"}},
      {R"(website: "https://?q")", {"o.website WEBSITE"}},
      {R"(website: "https://localhost")", {"o.website WEBSITE"}},
      {R"(website: "https://.org")", {"o.website WEBSITE"}},
      {R"(website: "https://user:secret@example.org")", {"o.website WEBSITE"}},
  };
  for (const auto& [text, expected] : cases) {
    status::Violations violations;
    CheckOrganization(Parse(text), kToday, "o", violations);
    std::vector<std::string> found;
    for (const auto& v : violations.all()) found.push_back(absl::StrCat(v.field, " ", v.reason));
    EXPECT_EQ(found, expected) << text;
  }
}

TEST(CheckOrganizationChangeTest, PublicBenefitStays) {
  const struct {
    std::string before, after;
    bool allowed;
  } cases[] = {
      {"", "benefit_status: PUBLIC_BENEFIT", true},
      {"benefit_status: PRIVATE_BENEFIT", "benefit_status: PUBLIC_BENEFIT", true},
      {"benefit_status: PRIVATE_BENEFIT", "", true},
      {"benefit_status: PUBLIC_BENEFIT", "benefit_status: PUBLIC_BENEFIT", true},
      {"benefit_status: PUBLIC_BENEFIT", "benefit_status: PRIVATE_BENEFIT", false},
      {"benefit_status: PUBLIC_BENEFIT", "", false},
  };
  for (const auto& [before, after, allowed] : cases) {
    const absl::Status status = CheckOrganizationChange(Parse(before), Parse(after));
    EXPECT_EQ(status.ok(), allowed) << before << " to " << after;
    if (allowed) continue;
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(status::Reason(status), "PUBLIC_BENEFIT_IRREVOCABLE");
  }
}

TEST(OrganizationAudienceTest, FollowsTheState) {
  EXPECT_EQ(OrganizationAudience(Parse("")), resource::v1::OWNER);
  EXPECT_EQ(OrganizationAudience(Parse("state: DRAFT")), resource::v1::OWNER);
  EXPECT_EQ(OrganizationAudience(Parse("state: LISTED")), resource::v1::PUBLIC);
  EXPECT_EQ(OrganizationAudience(Parse("state: ARCHIVED")), resource::v1::NETWORK);
}

}  // namespace
}  // namespace mostove::organizations
