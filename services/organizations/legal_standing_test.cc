#include "services/organizations/legal_standing.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/domain/date.h"
#include "libs/testing/matchers.h"
#include "libs/testing/rule_cases.h"
#include "services/organizations/compliance_rules.h"
#include "services/organizations/obligation_rules.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::ExpectChanges;
using ::mostove::testing::ExpectViolations;
using ::mostove::testing::Parse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::ComplianceRule;
using v1::LegalStanding;
using v1::Organization;

constexpr char kStatement[] = R"(name: "complianceRules/statement" country_code: "BG"
    legal_forms: ASSOCIATION schedule: YEARLY due_month: 9 due_day: 30 years_after: 1
    first_year: 2019 moves_to_working_day: true at_risk_after_days: 0 )";
constexpr char kOldStatement[] = R"(name: "complianceRules/old-statement" country_code: "BG"
    legal_forms: ASSOCIATION schedule: YEARLY due_month: 6 due_day: 30 years_after: 1
    last_year: 2018 moves_to_working_day: true at_risk_after_days: 0 )";
constexpr char kMandate[] = R"(name: "complianceRules/mandate" country_code: "BG"
    schedule: MANDATE_END at_risk_after_days: 0 cannot_sign_after_days: 180 )";
constexpr char kReRegistration[] = R"(name: "complianceRules/re-registration" country_code: "BG"
    register: COURT schedule: ONCE due_date { year: 2026 month: 12 day: 31 }
    at_risk_after_days: 0 cannot_sign_after_days: 0 )";
constexpr char kAssociation[] = R"(name: "organizations/a" legal_form: ASSOCIATION
    seat { country_code: "BG" } )";

TEST(CheckComplianceRuleTest, EachScheduleHasItsOwnFields) {
  ExpectViolations<ComplianceRule>(
      CheckComplianceRule,
      {
          {kStatement, {}},
          {kMandate, {}},
          {kReRegistration, {}},
          {"schedule: YEARLY", {"due_month REQUIRED", "due_day REQUIRED"}},
          {"schedule: ONCE", {"due_date REQUIRED"}},
          {"schedule: ONCE due_date { year: 2026 month: 12 }", {"due_date REQUIRED"}},
          {"schedule: MANDATE_END due_month: 1 first_year: 2000 due_date { year: 2026 }",
           {"due_month SCHEDULE", "first_year SCHEDULE", "due_date SCHEDULE"}},
          {absl::StrCat(kStatement, "last_year: 2018"), {"last_year END_BEFORE_START"}},
      });
}

TEST(CheckWorkCalendarTest, DaysAreOfItsYearAndStandOnce) {
  ExpectViolations<v1::WorkCalendar>(
      CheckWorkCalendar, {
                             {R"(year: 2026 days_off { date { year: 2026 month: 5 day: 6 } })", {}},
                             {R"(year: 2026 days_off { date { year: 2027 month: 5 day: 6 } }
              days_worked { date { year: 2026 month: 5 } })",
                              {"days_off[0].date YEAR", "days_worked[0].date YEAR"}},
                             {R"(year: 2026 days_off { date { year: 2026 month: 5 day: 6 } }
              days_off { date { year: 2026 month: 5 day: 6 } })",
                              {"days_off[1].date DUPLICATE"}},
                         });
}

TEST(WorkDaysTest, DaysOffAndWorkedSaturdays) {
  const WorkDays days({Parse<v1::WorkCalendar>(R"(country_code: "BG" year: 2026
      days_off { date { year: 2026 month: 5 day: 6 } }
      days_worked { date { year: 2026 month: 5 day: 9 } })")});
  struct Case {
    absl::CivilDay day, worked;
  };
  for (const auto& [day, worked] : std::vector<Case>{
           {absl::CivilDay(2026, 5, 5), absl::CivilDay(2026, 5, 5)},
           {absl::CivilDay(2026, 5, 6), absl::CivilDay(2026, 5, 7)},    // a holiday
           {absl::CivilDay(2026, 5, 9), absl::CivilDay(2026, 5, 9)},    // a worked Saturday
           {absl::CivilDay(2026, 5, 10), absl::CivilDay(2026, 5, 11)},  // a Sunday
           {absl::CivilDay(2026, 5, 16), absl::CivilDay(2026, 5, 18)},
           {absl::CivilDay(2028, 5, 6), absl::CivilDay(2028, 5, 8)}}) {  // without a calendar
    EXPECT_EQ(days.NextWorked("BG", day), worked) << day;
  }
  EXPECT_TRUE(days.IsWorked("UA", absl::CivilDay(2026, 5, 6)));
}

std::vector<std::string> TextOf(const std::vector<Period>& periods) {
  std::vector<std::string> text;
  for (const Period& period : periods) {
    text.push_back(absl::StrCat(period.year, ": ", absl::FormatCivilTime(period.due_date)));
  }
  return text;
}

TEST(PeriodsOfTest, FollowTheRuleOfTheYear) {
  const auto organization = Parse<Organization>(kAssociation);
  const WorkDays no_holidays({});
  const auto due = [&](const std::string& rule, int first, int last) {
    return TextOf(PeriodsOf(Parse<ComplianceRule>(rule), organization, no_holidays,
                            absl::CivilDay(first, 1, 1), absl::CivilDay(last, 12, 31)));
  };
  // 2023-09-30 is a Saturday; the rule before holds to the year 2018.
  EXPECT_THAT(due(kStatement, 2019, 2024),
              ElementsAre("2019: 2020-09-30", "2020: 2021-09-30", "2021: 2022-09-30",
                          "2022: 2023-10-02", "2023: 2024-09-30"));
  EXPECT_THAT(due(kOldStatement, 2018, 2024), ElementsAre("2017: 2018-07-02", "2018: 2019-07-01"));
  EXPECT_THAT(due(kReRegistration, 2026, 2026), ElementsAre("2026: 2026-12-31"));
  EXPECT_THAT(due(kReRegistration, 2027, 2027), IsEmpty());
  EXPECT_THAT(due(kMandate, 2000, 2100), IsEmpty());  // no mandate is recorded
  // The last day of February.
  const std::string february = R"(schedule: YEARLY due_month: 2 due_day: 31 years_after: 0)";
  EXPECT_THAT(due(february, 2027, 2028), ElementsAre("2027: 2027-02-28", "2028: 2028-02-29"));
  // A due date that moves into the next year belongs to that one.
  const std::string new_year =
      R"(schedule: YEARLY due_month: 12 due_day: 31 moves_to_working_day: true)";
  EXPECT_THAT(due(new_year, 2022, 2022), IsEmpty());
  EXPECT_THAT(due(new_year, 2023, 2023), ElementsAre("2022: 2023-01-02"));
}

TEST(PeriodsOfTest, AskNothingOfTheYearsBeforeItWasFounded) {
  const auto organization =
      Parse<Organization>(absl::StrCat(kAssociation, "founding_date { year: 2022 month: 5 }"));
  EXPECT_THAT(TextOf(PeriodsOf(Parse<ComplianceRule>(kStatement), organization, WorkDays({}),
                               absl::CivilDay(2020, 1, 1), absl::CivilDay(2024, 12, 31))),
              ElementsAre("2022: 2023-10-02", "2023: 2024-09-30"));
}

TEST(AppliesTest, ByCountryFormStatusAndRegister) {
  struct Case {
    std::string rule, organization;
    bool applies;
  };
  for (const auto& [rule, organization, applies] : std::vector<Case>{
           {kStatement, kAssociation, true},
           {kStatement, R"(legal_form: ASSOCIATION seat { country_code: "UA" })", false},
           {kStatement, R"(legal_form: INFORMAL_GROUP seat { country_code: "BG" })", false},
           {kReRegistration, kAssociation, false},
           {kReRegistration, absl::StrCat(kAssociation, "registration { register: COURT }"), true},
           {absl::StrCat(kStatement, "benefit_status: PUBLIC_BENEFIT"), kAssociation, false},
           {absl::StrCat(kStatement, "benefit_status: PUBLIC_BENEFIT"),
            absl::StrCat(kAssociation, "benefit_status: PUBLIC_BENEFIT"), true}}) {
    EXPECT_EQ(Applies(Parse<ComplianceRule>(rule), Parse<Organization>(organization)), applies)
        << rule << " / " << organization;
  }
}

class StandingTest : public ::testing::Test {
 protected:
  // Recorded on 2022-01-01.
  LegalFacts Facts(const std::string& organization, const std::vector<std::string>& rules) {
    LegalFacts facts{.organization = Parse<Organization>(absl::StrCat(
                         kAssociation, "create_time { seconds: 1641031200 }", organization))};
    for (const std::string& rule : rules) facts.rules.push_back(Parse<ComplianceRule>(rule));
    return facts;
  }
  static void ExpectOn(const LegalFacts& facts, absl::CivilDay day,
                       LegalStanding::Standing standing, std::vector<std::string> reasons) {
    const LegalStanding found = StandingOn(facts, day);
    EXPECT_EQ(found.standing(), standing) << day << found.ShortDebugString();
    std::vector<std::string> texts;
    for (const auto& reason : found.reasons()) {
      texts.push_back(absl::StrCat(reason.rule().substr(reason.rule().find('/') + 1), " ",
                                   reason.year(), " ", reason.days_overdue()));
    }
    EXPECT_EQ(texts, reasons) << day;
  }
};

TEST_F(StandingTest, BeforeOnAndAfterTheDueDate) {
  const LegalFacts facts = Facts("", {kStatement});
  ExpectOn(facts, absl::CivilDay(2022, 1, 1), LegalStanding::GOOD, {});
  ExpectOn(facts, absl::CivilDay(2022, 9, 29), LegalStanding::GOOD, {});
  ExpectOn(facts, absl::CivilDay(2022, 9, 30), LegalStanding::GOOD, {});
  ExpectOn(facts, absl::CivilDay(2022, 10, 1), LegalStanding::AT_RISK, {"statement 2021 1"});
  // 2023-09-30 and 10-01 are days off.
  ExpectOn(facts, absl::CivilDay(2023, 10, 2), LegalStanding::AT_RISK, {"statement 2021 367"});
  ExpectOn(facts, absl::CivilDay(2023, 10, 3), LegalStanding::AT_RISK,
           {"statement 2021 368", "statement 2022 1"});
  // Through the 29 February of 2024.
  ExpectOn(facts, absl::CivilDay(2024, 3, 1), LegalStanding::AT_RISK,
           {"statement 2021 518", "statement 2022 151"});
}

TEST_F(StandingTest, MandatesPutAtRiskAndThenStopSigning) {
  const LegalFacts facts =
      Facts("registration { board_mandate_end { year: 2024 month: 2 day: 29 } }", {kMandate});
  ExpectOn(facts, absl::CivilDay(2024, 2, 29), LegalStanding::GOOD, {});
  ExpectOn(facts, absl::CivilDay(2024, 3, 1), LegalStanding::AT_RISK, {"mandate 2024 1"});
  ExpectOn(facts, absl::CivilDay(2024, 8, 27), LegalStanding::AT_RISK, {"mandate 2024 180"});
  ExpectOn(facts, absl::CivilDay(2024, 8, 28), LegalStanding::CANNOT_SIGN, {"mandate 2024 181"});
}

TEST_F(StandingTest, TheWorstReasonComesFirst) {
  const LegalFacts facts = Facts("registration { register: COURT }", {kStatement, kReRegistration});
  ExpectOn(facts, absl::CivilDay(2026, 12, 31), LegalStanding::AT_RISK,
           {"statement 2021 1553", "statement 2022 1186", "statement 2023 822",
            "statement 2024 457", "statement 2025 92"});
  EXPECT_EQ(StandingOn(facts, absl::CivilDay(2027, 1, 1)).standing(), LegalStanding::CANNOT_SIGN);
  EXPECT_EQ(StandingOn(facts, absl::CivilDay(2027, 1, 1)).reasons(0).rule(),
            "complianceRules/re-registration");
}

TEST_F(StandingTest, WhatIsFulfilledOrExemptIsNoReasonFromThatDay) {
  LegalFacts facts = Facts("", {kStatement});
  facts.obligations = {
      Parse<v1::Obligation>(R"(name: "organizations/a/obligations/x" state: FULFILLED
          rule: "complianceRules/statement" year: 2021 due_date { year: 2022 month: 9 day: 30 }
          fulfill_date { year: 2022 month: 11 day: 15 })"),
      Parse<v1::Obligation>(R"(name: "organizations/a/obligations/y" state: EXEMPT
          rule: "complianceRules/statement" year: 2022 due_date { year: 2023 month: 10 day: 2 })")};
  ExpectOn(facts, absl::CivilDay(2022, 11, 14), LegalStanding::AT_RISK, {"statement 2021 45"});
  ExpectOn(facts, absl::CivilDay(2022, 11, 15), LegalStanding::GOOD, {});
  ExpectOn(facts, absl::CivilDay(2024, 9, 30), LegalStanding::GOOD, {});
  ExpectOn(facts, absl::CivilDay(2024, 10, 1), LegalStanding::AT_RISK, {"statement 2023 1"});
}

TEST_F(StandingTest, WhatFellDueBeforeItWasRecordedCountsWhereAnObligationSaysSo) {
  LegalFacts facts = Facts("", {kStatement});
  facts.obligations = {Parse<v1::Obligation>(R"(name: "organizations/a/obligations/x" state: OPEN
          rule: "complianceRules/statement" year: 2020 due_date { year: 2021 month: 9 day: 30 })")};
  ExpectOn(facts, absl::CivilDay(2022, 1, 1), LegalStanding::AT_RISK, {"statement 2020 93"});
  ExpectOn(facts, absl::CivilDay(2021, 9, 30), LegalStanding::GOOD, {});
}

TEST_F(StandingTest, ADueDateThatWasSetStaysWhenTheRuleChanges) {
  LegalFacts facts = Facts("", {R"(name: "complianceRules/statement" country_code: "BG"
      schedule: YEARLY due_month: 3 due_day: 31 years_after: 1 at_risk_after_days: 0)"});
  facts.obligations = {Parse<v1::Obligation>(R"(name: "organizations/a/obligations/x" state: OPEN
          rule: "complianceRules/statement" year: 2021 due_date { year: 2022 month: 9 day: 30 })")};
  ExpectOn(facts, absl::CivilDay(2022, 9, 30), LegalStanding::GOOD, {});
  ExpectOn(facts, absl::CivilDay(2022, 10, 1), LegalStanding::AT_RISK, {"statement 2021 1"});
}

TEST(DueOnTest, UpcomingDueOrOverdue) {
  const auto obligation =
      Parse<v1::Obligation>("due_date { year: 2027 month: 9 day: 30 } state: OPEN");
  struct Case {
    absl::CivilDay day;
    v1::DueObligation::Status status;
    int left;
  };
  for (const auto& [day, status, left] :
       std::vector<Case>{{absl::CivilDay(2027, 8, 30), v1::DueObligation::UPCOMING, 31},
                         {absl::CivilDay(2027, 8, 31), v1::DueObligation::DUE, 30},
                         {absl::CivilDay(2027, 9, 30), v1::DueObligation::DUE, 0},
                         {absl::CivilDay(2027, 10, 1), v1::DueObligation::OVERDUE, -1}}) {
    EXPECT_EQ(DueOn(obligation, day).status(), status) << day;
    EXPECT_EQ(DueOn(obligation, day).days_left(), left) << day;
  }
}

TEST(ObligationTest, IsFulfilledWithEvidenceOrExemptWithAReason) {
  const absl::CivilDay today(2026, 11, 29);
  v1::Obligation obligation = Parse<v1::Obligation>("state: OPEN");
  const auto reason_of = [](const absl::Status& status) {
    const auto fields = status::FieldViolations(status);
    return fields.empty() ? status::Reason(status) : fields[0].field + " " + fields[0].reason;
  };
  EXPECT_EQ(reason_of(Fulfill(today, {}, "", obligation)), "evidence REQUIRED");
  EXPECT_EQ(reason_of(Fulfill(today, ToDate(today + 1), "x", obligation)), "fulfill_date FUTURE");
  EXPECT_EQ(reason_of(Exempt("", obligation)), "reason REQUIRED");
  EXPECT_EQ(reason_of(Fulfill(today, {}, "x", obligation)), "");
  EXPECT_EQ(domain::FirstDay(obligation.fulfill_date()), today);
  EXPECT_EQ(reason_of(Fulfill(today, {}, "x", obligation)), "OBLIGATION_SETTLED");
  EXPECT_EQ(reason_of(Exempt("x", obligation)), "OBLIGATION_SETTLED");
  ExpectChanges<v1::Obligation>(CheckObligationChange,
                                {{"state: OPEN", "state: FULFILLED", ""},
                                 {"state: OPEN", "state: EXEMPT", ""},
                                 {"state: FULFILLED", "state: OPEN", "STATE_STEP"},
                                 {"state: EXEMPT", "state: FULFILLED", "STATE_STEP"}});
}

}  // namespace
}  // namespace mostove::organizations
