#include "services/organizations/plan_rules.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/testing/matchers.h"
#include "libs/testing/rule_cases.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::ExpectChanges;
using ::mostove::testing::ExpectViolations;
using ::mostove::testing::IsOk;
using ::mostove::testing::Parse;
using ::testing::ElementsAre;
using v1::Plan;

constexpr absl::CivilDay kToday(2026, 11, 29);

TEST(PreparePlanTest, ProgressIsTheWayToTheTargetOrTheShareOfMilestones) {
  struct Case {
    std::string goal;
    double progress;  // -1: none
  };
  for (const auto& [goal, progress] : std::vector<Case>{
           {"", 0},
           {"outcome: ACHIEVED", 1},
           {"outcome: DROPPED", -1},
           {"baseline: 1 target: 3", 0},
           {"baseline: 1 target: 3 current: 2", 0.5},
           {"baseline: 1 target: 3 current: 4", 1},
           {"baseline: 1 target: 3 current: 0", 0},
           {"baseline: 10 target: 2 current: 4", 0.75},  // fewer is better
           {"baseline: 1 target: 3 current: 2 outcome: ACHIEVED", 1},
           {"milestones { done_date { year: 2026 } } milestones {}", 0.5},
           {"baseline: 1 target: 3 milestones { done_date { year: 2026 } }", 0},
       }) {
    Plan plan = Parse<Plan>("goals { " + goal + " }");
    PreparePlan(plan);
    EXPECT_EQ(plan.goals(0).has_progress(), progress >= 0) << goal;
    EXPECT_DOUBLE_EQ(plan.goals(0).progress(), std::max(progress, 0.0)) << goal;
    EXPECT_DOUBLE_EQ(plan.progress(), std::max(progress, 0.0)) << goal;
  }
  Plan plan = Parse<Plan>("goals { outcome: ACHIEVED } goals { outcome: DROPPED } goals {}");
  PreparePlan(plan);
  EXPECT_DOUBLE_EQ(plan.progress(), 0.5);
  EXPECT_EQ(plan.state(), Plan::PROPOSED);
}

void CheckToday(const Plan& plan, absl::string_view path, status::Violations& violations) {
  CheckPlan(plan, kToday, path, violations);
}

TEST(CheckPlanTest, GoalsFitTogetherAndIntoThePlan) {
  const std::string period = R"(name: "organizations/a/plans/p"
      start_date { year: 2027 month: 1 day: 1 } end_date { year: 2027 month: 6 day: 30 } )";
  ExpectViolations<Plan>(
      CheckToday,
      {
          {R"(goals { code: "x" baseline: 1 target: 2 } goals { code: "y" })", {}},
          {R"(goals { code: "x" } goals { code: "x" })", {"goals[1].code DUPLICATE"}},
          {R"(goals { code: "x" baseline: 1 })", {"goals[0].target REQUIRED"}},
          {R"(goals { code: "x" target: 1 })", {"goals[0].baseline REQUIRED"}},
          {R"(goals { code: "x" baseline: 1 target: 1 })", {"goals[0].target TARGET"}},
          {period + R"(goals { code: "x" due_date { year: 2027 month: 6 day: 30 } })", {}},
          {period + R"(goals { code: "x" due_date { year: 2027 } })", {}},
          {period + R"(goals { code: "x" due_date { year: 2027 month: 7 day: 1 }
              milestones { due_date { year: 2028 } } })",
           {"goals[0].due_date AFTER_PLAN", "goals[0].milestones[0].due_date AFTER_PLAN"}},
          {R"(goals { code: "x" milestones { done_date { year: 2026 month: 11 day: 30 } } })",
           {"goals[0].milestones[0].done_date FUTURE"}},
          {period + R"(assessment: "organizations/a/assessments/s")", {}},
          {period + R"(assessment: "organizations/b/assessments/s")", {"assessment NAME"}},
      });
}

TEST(CheckPlanChangeTest, WhatWasAgreedStays) {
  const std::string goal = R"(goals { code: "x" measure: "m" baseline: 1 target: 3 } )";
  ExpectChanges<Plan>(
      CheckPlanChange,
      {
          {"state: PROPOSED " + goal, "state: PROPOSED", ""},
          {"state: PROPOSED " + goal, "state: ADOPTED " + goal, ""},
          {"state: ADOPTED " + goal,
           R"(state: ADOPTED goals { code: "new" }
              goals { code: "x" measure: "m" baseline: 1 target: 3 current: 2 outcome: DROPPED })",
           ""},
          {"state: ADOPTED " + goal, "state: ADOPTED", "PLAN_ADOPTED"},
          {"state: ADOPTED " + goal,
           R"(state: ADOPTED goals { code: "x" measure: "m" baseline: 1 target: 2 })",
           "PLAN_ADOPTED"},
          {"state: CLOSED note: 'a'", "state: CLOSED note: 'b'", "PLAN_CLOSED"},
          {"state: CLOSED", "state: CLOSED publication: SHARED", ""},
          {"state: PROPOSED", "state: CLOSED", "STATE_STEP"},
          {"state: CLOSED", "state: ADOPTED", "STATE_STEP"},
      });
}

TEST(AdoptTest, OnlyWhenItIsComplete) {
  const absl::Time now = absl::FromUnixSeconds(1);
  for (const auto& [text, reason] : std::vector<std::pair<std::string, std::string>>{
           {"state: PROPOSED", "PLAN_INCOMPLETE"},
           {R"(state: PROPOSED goals { code: "x" due_date { year: 2027 } } goals { code: "y" })",
            "PLAN_INCOMPLETE"},
           {R"(state: PROPOSED goals { code: "x" due_date { year: 2027 } })", ""},
           {R"(state: ADOPTED goals { code: "x" due_date { year: 2027 } })", "PLAN_ADOPTED"}}) {
    Plan plan = Parse<Plan>(text);
    EXPECT_EQ(status::Reason(Adopt(now, plan)), reason) << text;
  }
  Plan plan = Parse<Plan>("state: PROPOSED");
  EXPECT_EQ(status::Reason(Close(now, "", plan)), "STATE_STEP");
  plan.set_state(Plan::ADOPTED);
  EXPECT_THAT(Close(now, "well", plan), IsOk());
  EXPECT_EQ(plan.close_note(), "well");
  EXPECT_EQ(status::Reason(Close(now, "", plan)), "PLAN_CLOSED");
}

TEST(PlanFromGapsTest, HasAGoalForEachGapWithItsTopics) {
  const auto framework = Parse<v1::CapacityFramework>(R"(name: "capacityFrameworks/f-1"
      domains { code: "x" criteria { code: "x1" topics: "topics/donors"
        title { source_language: "en" texts { key: "en" value: "Results" } }
        levels { texts { key: "en" value: "one" } } levels { texts { key: "en" value: "two" } }
        levels { source_language: "en" texts { key: "en" value: "three" } }
        levels { texts { key: "en" value: "four" } } } criteria { code: "x2" } })");
  const auto assessment = Parse<v1::Assessment>(R"(name: "organizations/a/assessments/s"
      framework: "capacityFrameworks/f-1" answers { criterion: "x1" level: 1 }
      answers { criterion: "x2" level: 3 })");
  const Plan plan = PlanFromGaps(assessment, framework, 3, kToday, absl::CivilDay(2027, 11, 29));
  ASSERT_EQ(plan.goals_size(), 1);
  const v1::PlanGoal& goal = plan.goals(0);
  EXPECT_EQ(goal.code(), "x1");
  EXPECT_EQ(goal.statement().texts().at("en"), "Results: three");
  EXPECT_EQ(goal.baseline(), 1);
  EXPECT_EQ(goal.target(), 3);
  EXPECT_THAT(goal.topics(), ElementsAre("topics/donors"));
  EXPECT_EQ(goal.gaps(0).criterion(), "x1");
  ASSERT_EQ(goal.milestones_size(), 1);
  EXPECT_EQ(goal.milestones(0).topic(), "topics/donors");
  EXPECT_EQ(plan.assessment(), assessment.name());
}

TEST(ProgressOfTest, NamesWhatIsOverdueBeforeOnAndAfterTheDay) {
  Plan plan = Parse<Plan>(R"(
      goals { code: "x" due_date { year: 2027 month: 3 day: 1 }
        milestones { due_date { year: 2027 month: 2 day: 28 } }
        milestones { due_date { year: 2027 month: 2 } done_date { year: 2027 month: 1 day: 1 } }
        milestones { due_date { year: 2026 month: 12 day: 31 } } milestones {} }
      goals { code: "y" outcome: DROPPED due_date { year: 2026 }
        milestones { due_date { year: 2026 month: 1 day: 1 } } })");
  PreparePlan(plan);
  struct Case {
    absl::CivilDay day;
    std::vector<int> days;
    bool overdue;
  };
  for (const auto& [day, days, overdue] :
       std::vector<Case>{{absl::CivilDay(2026, 12, 31), {}, false},
                         {absl::CivilDay(2027, 1, 1), {1}, false},
                         {absl::CivilDay(2027, 2, 28), {59}, false},
                         {absl::CivilDay(2027, 3, 1), {60, 1}, false},
                         {absl::CivilDay(2027, 3, 2), {61, 2}, true}}) {
    const auto progress = ProgressOf(plan, day);
    std::vector<int> found;
    for (const auto& milestone : progress.overdue_milestones()) found.push_back(milestone.days());
    EXPECT_EQ(found, days) << day;
    EXPECT_EQ(progress.goals(0).overdue(), overdue) << day;
    EXPECT_FALSE(progress.goals(1).overdue()) << day;
  }
}

}  // namespace
}  // namespace mostove::organizations
