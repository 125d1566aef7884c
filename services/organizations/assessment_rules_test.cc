#include "services/organizations/assessment_rules.h"

#include "gmock/gmock.h"
#include "libs/testing/matchers.h"
#include "libs/testing/rule_cases.h"
#include "services/organizations/capacity_framework_rules.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::ExpectChanges;
using ::mostove::testing::ExpectViolations;
using ::mostove::testing::IsOk;
using ::mostove::testing::Parse;
using v1::Assessment;
using v1::CapacityFramework;

constexpr char kDomains[] = R"(
    domains { code: "x" criteria { code: "x1" } criteria { code: "x2" } }
    domains { code: "y" criteria { code: "y1" } } )";

TEST(CheckFrameworkTest, CodesStandOnceAndCrosswalksBeginHere) {
  const std::string domains = kDomains;
  ExpectViolations<CapacityFramework>(
      CheckFramework, {
                          {domains, {}},
                          {domains + R"(domains { code: "x" criteria { code: "y1" } })",
                           {"domains[2].code DUPLICATE", "domains[2].criteria[0].code DUPLICATE"}},
                          {domains + R"(name: "capacityFrameworks/f-1" crosswalks {
              framework: "capacityFrameworks/g-1" mappings { criterion: "x1" into: "z" }
              mappings { criterion: "x1" } mappings { criterion: "z" } })",
                           {"crosswalks[0].mappings[1].criterion DUPLICATE",
                            "crosswalks[0].mappings[2].criterion CRITERION"}},
                          {domains + R"(name: "capacityFrameworks/f-1"
              crosswalks { framework: "capacityFrameworks/f-1" })",
                           {"crosswalks[0].framework SELF"}},
                      });
}

TEST(CheckFrameworkChangeTest, WhatIsInUseKeepsItsDomains) {
  ExpectChanges<CapacityFramework>(
      CheckFrameworkChange,
      {
          {R"(state: PREPARED)", R"(state: PREPARED domains { code: "x" })", ""},
          {R"(state: PREPARED)", R"(state: IN_USE domains { code: "x" })", ""},
          {R"(state: IN_USE domains { code: "x" })",
           R"(state: IN_USE domains { code: "x" } source_note: "n")", ""},
          {R"(state: IN_USE domains { code: "x" })", R"(state: IN_USE domains { code: "y" })",
           "FRAMEWORK_IN_USE"},
          {R"(state: RETIRED domains { code: "x" })", R"(state: RETIRED)", "FRAMEWORK_IN_USE"},
          {R"(state: IN_USE)", R"(state: RETIRED)", ""},
          {R"(state: IN_USE)", R"(state: PREPARED)", "STATE_STEP"},
      });
}

void CheckOnADay(const Assessment& assessment, absl::string_view path,
                 status::Violations& violations) {
  CheckAssessment(assessment, absl::CivilDay(2026, 11, 29), path, violations);
}

TEST(CheckAssessmentTest, AnswersOnceByThenAndWithWhom) {
  const std::string self =
      R"(name: "organizations/a/assessments/x" kind: SELF
         assess_date { year: 2026 month: 11 day: 29 } )";
  const std::string asked =
      R"(name: "organizations/a/assessments/x" kind: FACILITATED
         assess_date { year: 2026 month: 11 day: 29 } )";
  ExpectViolations<Assessment>(
      CheckOnADay,
      {
          {self + R"(answers { criterion: "x1" level: 1 } answers { criterion: "x2" level: 1 })",
           {}},
          {self + R"(answers { criterion: "x1" level: 1 } answers { criterion: "x1" level: 2 })",
           {"answers[1].criterion DUPLICATE"}},
          {R"(kind: SELF assess_date { year: 2026 month: 11 day: 30 })", {"assess_date FUTURE"}},
          {self + R"(facilitator: "organizations/b")", {"facilitator FACILITATOR"}},
          {asked, {"facilitator REQUIRED"}},
          {asked + R"(facilitator: "organizations/b")", {}},
          {asked + R"(facilitator: "organizations/a")", {"facilitator SELF"}},
      });
}

TEST(CheckAssessmentChangeTest, WhatIsSubmittedStays) {
  const std::string answers = R"(answers { criterion: "x1" level: 2 evidence: "e" } )";
  ExpectChanges<Assessment>(
      CheckAssessmentChange,
      {
          {"state: IN_PREPARATION", "state: IN_PREPARATION " + answers, ""},
          {"state: IN_PREPARATION " + answers, "state: SUBMITTED " + answers, ""},
          {"state: SUBMITTED " + answers, "state: VERIFIED verify_note: 'n' " + answers, ""},
          {"state: SUBMITTED " + answers, "state: SUBMITTED publication: SHARED " + answers, ""},
          {"state: SUBMITTED " + answers,
           R"(state: SUBMITTED answers { criterion: "x1" level: 3 evidence: "e" })",
           "ASSESSMENT_SUBMITTED"},
          {"state: SUBMITTED " + answers,
           R"(state: SUBMITTED answers { criterion: "x1" level: 2 evidence: "f" })",
           "ASSESSMENT_SUBMITTED"},
          {"state: VERIFIED " + answers, "state: VERIFIED", "ASSESSMENT_SUBMITTED"},
          {"state: SUBMITTED kind: SELF", "state: SUBMITTED kind: DONOR_LED",
           "ASSESSMENT_SUBMITTED"},
          {"state: SUBMITTED", "state: SUBMITTED assess_date { year: 2026 }",
           "ASSESSMENT_SUBMITTED"},
          {"state: SUBMITTED", "state: IN_PREPARATION", "STATE_STEP"},
          {"state: IN_PREPARATION", "state: VERIFIED", "STATE_STEP"},
          {"state: VERIFIED", "state: SUBMITTED", "STATE_STEP"},
      });
}

TEST(ScoreAssessmentTest, IsTheMeanOfWhatWasAnswered) {
  const auto framework = Parse<CapacityFramework>(kDomains);
  struct Case {
    std::string answers, score, x, y;
  };
  for (const auto& [answers, score, x, y] : std::vector<Case>{
           {"", "criteria: 3", "domain: 'x' criteria: 2", "domain: 'y' criteria: 1"},
           {R"(answers { criterion: "x1" level: 2 })", "mean: 2 answered: 1 criteria: 3",
            "domain: 'x' mean: 2 answered: 1 criteria: 2", "domain: 'y' criteria: 1"},
           {R"(answers { criterion: "x1" level: 2 } answers { criterion: "x2" level: 3 }
               answers { criterion: "y1" level: 4 })",
            "mean: 3 answered: 3 criteria: 3", "domain: 'x' mean: 2.5 answered: 2 criteria: 2",
            "domain: 'y' mean: 4 answered: 1 criteria: 1"}}) {
    auto assessment = Parse<Assessment>(answers);
    for (int twice = 0; twice < 2; ++twice) ScoreAssessment(framework, assessment);
    EXPECT_EQ(assessment.score().DebugString(), Parse<v1::CapacityScore>(score).DebugString());
    ASSERT_EQ(assessment.domain_scores_size(), 2);
    EXPECT_EQ(assessment.domain_scores(0).DebugString(), Parse<v1::CapacityScore>(x).DebugString());
    EXPECT_EQ(assessment.domain_scores(1).DebugString(), Parse<v1::CapacityScore>(y).DebugString());
  }
}

TEST(AddAnswersTest, ReplacesThoseOfTheSameCriterionAndKeepsTheOthers) {
  auto assessment = Parse<Assessment>(R"(state: IN_PREPARATION
      answers { criterion: "x1" level: 1 note: "old" } answers { criterion: "x2" level: 2 })");
  const auto added = Parse<Assessment>(
      R"(answers { criterion: "x1" level: 4 } answers { criterion: "y1" level: 3 })");
  ASSERT_THAT(AddAnswers(added.answers(), assessment), IsOk());
  EXPECT_EQ(assessment.DebugString(),
            Parse<Assessment>(R"(state: IN_PREPARATION answers { criterion: "x1" level: 4 }
                answers { criterion: "x2" level: 2 } answers { criterion: "y1" level: 3 })")
                .DebugString());
  assessment.set_state(Assessment::SUBMITTED);
  EXPECT_EQ(status::Reason(AddAnswers(added.answers(), assessment)), "ASSESSMENT_SUBMITTED");
}

TEST(SubmitTest, OnceAndWithAnAnswer) {
  auto assessment = Parse<Assessment>("state: IN_PREPARATION");
  const absl::Time now = absl::FromUnixSeconds(1);
  EXPECT_EQ(status::Reason(Submit(now, assessment)), "NOTHING_ANSWERED");
  assessment.add_answers()->set_criterion("x1");
  EXPECT_EQ(status::Reason(Verify(now, "", assessment)), "STATE_STEP");
  ASSERT_THAT(Submit(now, assessment), IsOk());
  EXPECT_EQ(assessment.submit_time().seconds(), 1);
  EXPECT_EQ(status::Reason(Submit(now, assessment)), "ASSESSMENT_SUBMITTED");
  ASSERT_THAT(Verify(now, "seen", assessment), IsOk());
  EXPECT_EQ(assessment.verify_note(), "seen");
  EXPECT_EQ(status::Reason(Verify(now, "", assessment)), "ASSESSMENT_VERIFIED");
}

}  // namespace
}  // namespace mostove::organizations
