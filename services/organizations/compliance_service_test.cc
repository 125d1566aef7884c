// Legal standing on both engines.
#include "absl/strings/str_cat.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/organizations_fixture.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::ComplianceRule;
using v1::LegalStanding;
using v1::Obligation;

constexpr char kRule[] = R"(title { texts { key: "en" value: "Report" } } country_code: "BG"
    source_note: "A law" schedule: YEARLY due_month: 9 due_day: 30 years_after: 1
    moves_to_working_day: true at_risk_after_days: 0 cannot_sign_after_days: 300 )";

class ComplianceTest : public OrganizationsTest {
 protected:
  void SetUp() override {
    now_ = absl::FromUnixSeconds(1'700'000'000);  // 2023-11-14
    OrganizationsTest::SetUp();
    for (const std::string& rule : List<ComplianceRule>("", "")) {
      ASSERT_THAT(Do<ComplianceRule>("Delete", rule), IsOk());
    }
    // Made now: the fixture's own calls are of today.
    ASSERT_THAT(CreateAt<v1::Organization>("CreateOrganization", R"(organization_id: "x"
        organization { legal_name: "Sdruzhenie" seat { country_code: "BG" } })"),
                IsOk());
  }
  template <class Resource>
  absl::StatusOr<Resource> CreateAt(const std::string& method, const std::string& request) {
    return Call<Resource>(method, request);
  }
  absl::StatusOr<ComplianceRule> AddRule(const std::string& id, const std::string& more = "") {
    return CreateAt<ComplianceRule>(
        "CreateComplianceRule",
        absl::StrCat("compliance_rule_id: '", id, "' compliance_rule { ", kRule, more, " }"));
  }
  // "GOOD", or "AT_RISK 2022" with the years of its reasons.
  std::string StandingAt(const std::string& date, int64_t known = 0) {
    const auto standing = Call<LegalStanding>(
        "ReadLegalStanding",
        absl::StrCat("name: 'organizations/x' date { ", date, " } ",
                     known == 0 ? "" : absl::StrCat("known_time { seconds: ", known, " }")));
    EXPECT_THAT(standing, IsOk());
    if (!standing.ok()) return "";
    std::string text = LegalStanding::Standing_Name(standing->standing());
    for (const auto& reason : standing->reasons()) absl::StrAppend(&text, " ", reason.year());
    return text;
  }

  const call::Caller x_ = MemberOf({"organizations/x"});
};
INSTANTIATE_ON_BOTH_ENGINES(ComplianceTest);

TEST_P(ComplianceTest, ARuleThatIsAddedLaterDoesNotRewriteWhatWasKnown) {
  const int64_t before = absl::ToUnixSeconds(now_);
  now_ += absl::Hours(24 * 400);  // 2024-12-18
  ASSERT_THAT(AddRule("report"), IsOk());
  const int64_t with_rule = absl::ToUnixSeconds(now_);
  EXPECT_EQ(StandingAt("year: 2024 month: 9 day: 30"), "GOOD");
  EXPECT_EQ(StandingAt("year: 2024 month: 10 day: 1"), "AT_RISK 2023");
  EXPECT_EQ(StandingAt("year: 2024 month: 10 day: 1", before), "GOOD");
  EXPECT_EQ(StandingAt("year: 2024 month: 10 day: 1", with_rule), "AT_RISK 2023");

  now_ += absl::Hours(24);
  const auto made = Call<v1::GenerateObligationsResponse>(
      "GenerateObligations", "parent: 'organizations/x' year: 2024", x_);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->created(), 1);
  ASSERT_THAT(Call<Obligation>("FulfillObligation",
                               R"(name: "organizations/x/obligations/report-2023" evidence: "no. 5"
                                  fulfill_date { year: 2024 month: 9 day: 20 })",
                               x_),
              IsOk());
  EXPECT_EQ(StandingAt("year: 2024 month: 10 day: 1"), "GOOD");
  EXPECT_EQ(StandingAt("year: 2024 month: 10 day: 1", with_rule), "AT_RISK 2023");
  // A rule that changes changes the years to come, and what was known stays.
  const int64_t fulfilled = absl::ToUnixSeconds(now_);
  now_ += absl::Hours(24);
  ASSERT_THAT(Call<ComplianceRule>("UpdateComplianceRule", R"(compliance_rule {
      name: "complianceRules/report" due_month: 3 due_day: 31 })"),
              IsOk());
  EXPECT_EQ(StandingAt("year: 2025 month: 4 day: 1"), "AT_RISK 2024");
  EXPECT_EQ(StandingAt("year: 2025 month: 4 day: 1", fulfilled), "GOOD");
  EXPECT_EQ(StandingAt("year: 2025 month: 10 day: 1", fulfilled), "AT_RISK 2024");
  // And one that is deleted was known until then.
  now_ += absl::Hours(24);
  EXPECT_THAT(Do<ComplianceRule>("Delete", "complianceRules/report"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("REFERENCED")));
}

TEST_P(ComplianceTest, FutureDaysAreAnsweredFromWhatIsKnown) {
  ASSERT_THAT(AddRule("report"), IsOk());
  EXPECT_EQ(StandingAt("year: 2025 month: 10 day: 1"), "CANNOT_SIGN 2023 2024");
  EXPECT_EQ(StandingAt("year: 2024 month: 7 day: 1"), "GOOD");
}

TEST_P(ComplianceTest, ObligationsAreMadeOnceForEveryOrganization) {
  ASSERT_THAT(AddRule("report"), IsOk());
  ASSERT_THAT(AddRule("foundations", "legal_forms: FOUNDATION"), IsOk());
  for (const int created : {4, 0}) {
    const auto made = Call<v1::GenerateObligationsResponse>("GenerateObligations",
                                                            "parent: 'organizations/-' year: 2026");
    ASSERT_THAT(made, IsOk());
    EXPECT_EQ(made->organizations(), 4);
    EXPECT_EQ(made->created(), created);
  }
  EXPECT_THAT(List<Obligation>("organizations/-", ""), SizeIs(4));
  EXPECT_THAT(List<Obligation>("organizations/-", "", owner_), SizeIs(1));
  const auto one = Do<Obligation>("Get", "organizations/a/obligations/report-2025", owner_);
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->due_date().ShortDebugString(), "year: 2026 month: 9 day: 30");
  EXPECT_THAT(Call<v1::GenerateObligationsResponse>("GenerateObligations",
                                                    "parent: 'organizations/-' year: 2026", owner_),
              StatusIs(absl::StatusCode::kPermissionDenied));
  // Not twice by other ways.
  EXPECT_THAT(Create<Obligation>("organizations/a", "again",
                                 "rule: 'complianceRules/report' year: 2025", owner_),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       HasMessage("organizations/a/obligations/report-2025 exists already")));
  EXPECT_THAT(
      Create<Obligation>("organizations/a", "other",
                         "rule: 'complianceRules/foundations' year: 2025", owner_),
      StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("obligation.year", "PERIOD")));
}

TEST_P(ComplianceTest, WhatFallsDueForOneAndForTheNetwork) {
  ASSERT_THAT(AddRule("report"), IsOk());
  ASSERT_THAT(Call<v1::GenerateObligationsResponse>("GenerateObligations",
                                                    "parent: 'organizations/-' year: 2026"),
              IsOk());
  const auto due = [&](const std::string& request, const call::Caller& caller) {
    const auto found = Call<v1::ReadDueObligationsResponse>("ReadDueObligations", request, caller);
    EXPECT_THAT(found, IsOk());
    return found.ok() ? found->due_size() : -1;
  };
  const std::string all = "parent: 'organizations/-' ";
  EXPECT_EQ(due(all + "date { year: 2026 month: 8 day: 30 }", Administrator()), 0);
  EXPECT_EQ(due(all + "date { year: 2026 month: 8 day: 31 }", Administrator()), 4);
  EXPECT_EQ(due(all + "days: 1 date { year: 2026 month: 10 day: 9 }", Administrator()), 4);
  EXPECT_EQ(due(all + "date { year: 2026 month: 8 day: 31 }", owner_), 1);
  EXPECT_EQ(due("parent: 'organizations/a' date { year: 2026 month: 8 day: 31 }", owner_), 1);
  ASSERT_THAT(Call<Obligation>("ExemptObligation", R"(reason: "no activity"
      name: "organizations/a/obligations/report-2025")"),
              IsOk());
  EXPECT_THAT(Call<Obligation>("ExemptObligation", R"(reason: "no activity"
      name: "organizations/b/obligations/report-2025")",
                               other_),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(due("parent: 'organizations/a' date { year: 2026 month: 8 day: 31 }", owner_), 0);
}

TEST_P(ComplianceTest, StandingIsForTheOrganizationAndForPrograms) {
  ASSERT_THAT(Update<v1::Organization>("organizations/x", "state: LISTED"), IsOk());
  const std::string request = "name: 'organizations/x'";
  EXPECT_THAT(Call<LegalStanding>("ReadLegalStanding", request, x_), IsOk());
  EXPECT_THAT(Call<LegalStanding>("ReadLegalStanding", request,
                                  {.name = "services/coalitions", .service = true}),
              IsOk());
  EXPECT_THAT(Call<LegalStanding>("ReadLegalStanding", request, other_),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Call<LegalStanding>("ReadLegalStanding", request, Anonymous()),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_P(ComplianceTest, RulesAndCalendarsAreThereFromTheBeginning) {
  EXPECT_THAT(List<v1::WorkCalendar>("", "year = 2026", Anonymous()),
              ::testing::ElementsAre("workCalendars/bg-2026"));
  ASSERT_THAT(Do<ComplianceRule>("Undelete", "complianceRules/bg-financial-statement"), IsOk());
  const auto rule =
      Do<ComplianceRule>("Get", "complianceRules/bg-financial-statement", Anonymous());
  ASSERT_THAT(rule, IsOk());
  EXPECT_EQ(rule->title().texts_size(), 3);
  EXPECT_EQ(rule->source_note(), "ЗСч чл. 38");
}

}  // namespace
}  // namespace mostove::organizations
