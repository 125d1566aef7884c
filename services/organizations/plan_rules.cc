#include "services/organizations/plan_rules.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/domain/date.h"
#include "libs/domain/path.h"
#include "libs/domain/steps.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/store/log_entry.h"
#include "services/organizations/capacity_framework_rules.h"
#include "services/organizations/capacity_readings.h"

namespace mostove::organizations {
namespace {

using domain::Join;
using google::protobuf::util::MessageDifferencer;
using v1::Plan;
using v1::PlanGoal;

constexpr domain::Step<Plan::State> kSteps[] = {
    {Plan::PROPOSED, Plan::ADOPTED},
    {Plan::ADOPTED, Plan::CLOSED},
};

std::optional<double> ProgressOf(const PlanGoal& goal) {
  if (goal.outcome() == PlanGoal::DROPPED) return std::nullopt;
  if (goal.outcome() == PlanGoal::ACHIEVED) return 1.0;
  if (goal.has_baseline() && goal.has_target() && goal.baseline() != goal.target()) {
    const double current = goal.has_current() ? goal.current() : goal.baseline();
    return std::clamp((current - goal.baseline()) / (goal.target() - goal.baseline()), 0.0, 1.0);
  }
  if (goal.milestones().empty()) return 0.0;
  const auto done =
      std::count_if(goal.milestones().begin(), goal.milestones().end(),
                    [](const v1::Milestone& milestone) { return milestone.has_done_date(); });
  return static_cast<double>(done) / goal.milestones_size();
}

void SetProgress(Plan& plan) {
  double sum = 0;
  int count = 0;
  for (PlanGoal& goal : *plan.mutable_goals()) {
    const std::optional<double> progress = ProgressOf(goal);
    goal.clear_progress();
    if (!progress) continue;
    goal.set_progress(*progress);
    sum += *progress;
    ++count;
  }
  plan.set_progress(count == 0 ? 0 : sum / count);
}

void CheckGoal(const Plan& plan, const PlanGoal& goal, absl::CivilDay today, absl::string_view path,
               status::Violations& violations) {
  constexpr char kAfterPlan[] = "has to be no later than the plan's end_date";
  const auto after_plan = [&](const google::type::Date& date) {
    return plan.has_end_date() && domain::IsAfter(date, domain::LastDay(plan.end_date()));
  };
  if (goal.has_baseline() != goal.has_target()) {
    violations.Add(Join(path, goal.has_target() ? "baseline" : "target"), "REQUIRED",
                   "has to be given too: progress is the way from baseline to target");
  } else if (goal.has_target() && goal.target() == goal.baseline()) {
    violations.Add(Join(path, "target"), "TARGET", "has to differ from baseline");
  }
  if (goal.has_due_date() && after_plan(goal.due_date())) {
    violations.Add(Join(path, "due_date"), "AFTER_PLAN", kAfterPlan);
  }
  for (int i = 0; i < goal.milestones_size(); ++i) {
    const v1::Milestone& milestone = goal.milestones(i);
    const std::string at = Join(path, absl::StrCat("milestones[", i, "]"));
    if (milestone.has_due_date() && after_plan(milestone.due_date())) {
      violations.Add(Join(at, "due_date"), "AFTER_PLAN", kAfterPlan);
    }
    if (milestone.has_done_date() && domain::IsAfter(milestone.done_date(), today)) {
      violations.Add(Join(at, "done_date"), "FUTURE", "has to be today or earlier");
    }
  }
}

// What was agreed of a goal.
PlanGoal Agreed(const PlanGoal& goal) {
  PlanGoal agreed;
  agreed.set_code(goal.code());
  *agreed.mutable_statement() = goal.statement();
  agreed.set_measure(goal.measure());
  if (goal.has_baseline()) agreed.set_baseline(goal.baseline());
  if (goal.has_target()) agreed.set_target(goal.target());
  if (goal.has_due_date()) *agreed.mutable_due_date() = goal.due_date();
  return agreed;
}

bool KeepsWhatWasAgreed(const Plan& before, const Plan& after) {
  std::map<std::string, const PlanGoal*> goals;
  for (const PlanGoal& goal : after.goals()) goals[goal.code()] = &goal;
  return std::all_of(before.goals().begin(), before.goals().end(), [&](const PlanGoal& goal) {
    const auto same = goals.find(goal.code());
    return same != goals.end() && MessageDifferencer::Equals(Agreed(goal), Agreed(*same->second));
  });
}

bool OnlyPublicationDiffers(Plan before, Plan after) {
  for (Plan* plan : {&before, &after}) {
    plan->clear_publication();
    plan->clear_etag();
    plan->clear_update_time();
    plan->clear_delete_time();
  }
  return MessageDifferencer::Equals(before, after);
}

void SetDate(absl::CivilDay day, google::type::Date& date) {
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
}

void SetTexts(absl::string_view bg, absl::string_view uk, absl::string_view en,
              common::v1::LocalizedText& text) {
  text.set_source_language("bg");
  (*text.mutable_texts())["bg"] = std::string(bg);
  (*text.mutable_texts())["uk"] = std::string(uk);
  (*text.mutable_texts())["en"] = std::string(en);
}

// "Mission: the team knows it ..." in every language that both have.
common::v1::LocalizedText Joined(const common::v1::LocalizedText& title,
                                 const common::v1::LocalizedText& level) {
  common::v1::LocalizedText text;
  text.set_source_language(level.source_language());
  for (const auto& [language, words] : level.texts()) {
    const auto heading = title.texts().find(language);
    (*text.mutable_texts())[language] =
        heading == title.texts().end() ? words : absl::StrCat(heading->second, ": ", words);
  }
  return text;
}

PlanGoal GoalFor(const v1::CapacityGap& gap, const v1::CapacityCriterion& criterion, int below,
                 absl::CivilDay end) {
  PlanGoal goal;
  goal.set_code(gap.criterion());
  *goal.mutable_statement() = Joined(gap.title(), criterion.levels(below - 1));
  goal.set_measure(absl::StrCat(gap.framework(), ": ", gap.criterion()));
  goal.set_baseline(gap.level());
  goal.set_current(gap.level());
  goal.set_target(below);
  SetDate(end, *goal.mutable_due_date());
  v1::GapLink& link = *goal.add_gaps();
  link.set_framework(gap.framework());
  link.set_criterion(gap.criterion());
  *goal.mutable_topics() = gap.topics();
  for (const std::string& topic : gap.topics()) {
    v1::Milestone& milestone = *goal.add_milestones();
    SetTexts("Обучение по темата", "Навчання за темою", "Training on the topic",
             *milestone.mutable_title());
    milestone.set_topic(topic);
    SetDate(end, *milestone.mutable_due_date());
  }
  return goal;
}

}  // namespace

void PreparePlan(Plan& plan) {
  if (plan.state() == Plan::STATE_UNSPECIFIED) plan.set_state(Plan::PROPOSED);
  if (plan.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    plan.set_publication(common::v1::DRAFT);
  }
  SetProgress(plan);
}

void CheckPlan(const Plan& plan, absl::CivilDay today, absl::string_view path,
               status::Violations& violations) {
  std::set<std::string> codes;
  for (int i = 0; i < plan.goals_size(); ++i) {
    const std::string at = Join(path, absl::StrCat("goals[", i, "]"));
    if (!codes.insert(plan.goals(i).code()).second) {
      violations.Add(Join(at, "code"), "DUPLICATE", "has to stand once in the plan");
    }
    CheckGoal(plan, plan.goals(i), today, at, violations);
  }
  if (!plan.assessment().empty() && !plan.name().empty() &&
      resource::ParentOf(plan.assessment()) != resource::ParentOf(plan.name())) {
    violations.Add(Join(path, "assessment"), "NAME",
                   "has to be an assessment of the same organization");
  }
}

absl::Status CheckPlanChange(const Plan& before, const Plan& after) {
  RETURN_IF_ERROR(domain::CheckStep("state", kSteps, before.state(), after.state()));
  if (before.state() == Plan::CLOSED && !OnlyPublicationDiffers(before, after)) {
    return status::Precondition("PLAN_CLOSED", "a closed plan stays as it is");
  }
  if (before.state() == Plan::ADOPTED && !KeepsWhatWasAgreed(before, after)) {
    return status::Precondition("PLAN_ADOPTED",
                                "the goals of an adopted plan keep statement, measure, baseline, "
                                "target and due_date; drop a goal or add another");
  }
  return absl::OkStatus();
}

absl::Status Adopt(absl::Time now, Plan& plan) {
  if (plan.state() != Plan::PROPOSED) {
    return status::Precondition("PLAN_ADOPTED", "the plan has been adopted before");
  }
  const bool complete = std::all_of(plan.goals().begin(), plan.goals().end(),
                                    [](const PlanGoal& goal) { return goal.has_due_date(); });
  if (plan.goals().empty() || !complete) {
    return status::Precondition("PLAN_INCOMPLETE",
                                "a plan needs goals, and each of them a due_date, before it is "
                                "adopted");
  }
  plan.set_state(Plan::ADOPTED);
  store::SetTimestamp(now, *plan.mutable_adopt_time());
  return absl::OkStatus();
}

absl::Status Close(absl::Time now, absl::string_view note, Plan& plan) {
  if (plan.state() == Plan::CLOSED) {
    return status::Precondition("PLAN_CLOSED", "a closed plan stays as it is");
  }
  RETURN_IF_ERROR(domain::CheckStep("state", kSteps, plan.state(), Plan::CLOSED));
  plan.set_state(Plan::CLOSED);
  plan.set_close_note(std::string(note));
  store::SetTimestamp(now, *plan.mutable_close_time());
  return absl::OkStatus();
}

Plan PlanFromGaps(const v1::Assessment& assessment, const v1::CapacityFramework& framework,
                  int below, absl::CivilDay start, absl::CivilDay end) {
  Plan plan;
  SetTexts("План за развитие", "План розвитку", "Development plan", *plan.mutable_title());
  plan.set_assessment(assessment.name());
  SetDate(start, *plan.mutable_start_date());
  SetDate(end, *plan.mutable_end_date());
  const auto criteria = CriteriaOf(framework);
  for (const v1::CapacityGap& gap : Gaps({&assessment}, {{framework.name(), framework}}, below)) {
    *plan.add_goals() = GoalFor(gap, *criteria.at(gap.criterion()).criterion, below, end);
  }
  return plan;
}

v1::ReadPlanProgressResponse ProgressOf(const Plan& plan, absl::CivilDay day) {
  v1::ReadPlanProgressResponse response;
  response.set_progress(plan.progress());
  for (const PlanGoal& goal : plan.goals()) {
    auto& line = *response.add_goals();
    line.set_code(goal.code());
    if (goal.has_progress()) line.set_progress(goal.progress());
    if (goal.outcome() != PlanGoal::OUTCOME_UNSPECIFIED) continue;
    line.set_overdue(goal.has_due_date() && domain::LastDay(goal.due_date()) < day);
    for (const v1::Milestone& milestone : goal.milestones()) {
      if (!milestone.has_due_date() || milestone.has_done_date()) continue;
      const auto days = day - domain::LastDay(milestone.due_date());
      if (days <= 0) continue;
      auto& overdue = *response.add_overdue_milestones();
      overdue.set_goal(goal.code());
      *overdue.mutable_milestone() = milestone;
      overdue.set_days(static_cast<int>(days));
    }
  }
  std::stable_sort(response.mutable_overdue_milestones()->begin(),
                   response.mutable_overdue_milestones()->end(),
                   [](const auto& one, const auto& other) { return one.days() > other.days(); });
  return response;
}

}  // namespace mostove::organizations
