#include "services/dashboard/plan_section.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/domain/date.h"
#include "services/dashboard/text.h"
#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

namespace v1 = organizations::v1;

constexpr Text kPlan{"План за развитие", "План розвитку", "Development plan"};
constexpr Text kProgress{"Изпълнено", "Виконано", "Done"};
constexpr Text kGoals{"Цели", "Цілі", "Goals"};
constexpr Text kDue{"до ", "до ", "by "};
constexpr Text kAchieved{"постигната", "досягнуто", "achieved"};
constexpr Text kDropped{"отпаднала", "знято", "dropped"};
constexpr Text kOverdue{"Просрочено: ", "Прострочено: ", "Overdue: "};

std::string Bar(double progress, absl::string_view language) {
  const std::string percent = PercentText(progress, language);
  return absl::StrCat("<p><progress value=\"", absl::StrFormat("%.2f", progress),
                      "\" max=\"1\" aria-label=\"", kProgress.In(language), "\"></progress> ",
                      kProgress.In(language), ": ", percent, "</p>\n");
}

bool IsOverdue(const v1::Milestone& milestone, absl::CivilDay today) {
  return milestone.has_due_date() && milestone.due_date().year() != 0 &&
         !milestone.has_done_date() && domain::LastDay(milestone.due_date()) < today;
}

std::string Goal(const v1::PlanGoal& goal, absl::CivilDay today, absl::string_view language) {
  std::string facts;
  if (goal.outcome() == v1::PlanGoal::ACHIEVED) {
    absl::StrAppend(&facts, kAchieved.In(language));
  } else if (goal.outcome() == v1::PlanGoal::DROPPED) {
    absl::StrAppend(&facts, kDropped.In(language));
  } else if (goal.has_progress()) {
    facts = PercentText(goal.progress(), language);
  }
  if (const std::string due = DateText(goal.due_date(), language); !due.empty()) {
    absl::StrAppend(&facts, facts.empty() ? "" : " · ", kDue.In(language), due);
  }
  std::string html = absl::StrCat("<li>", HtmlOf(Choose(goal.statement(), language), language));
  if (!facts.empty()) absl::StrAppend(&html, "<p class=\"soft\">", facts, "</p>");
  if (goal.outcome() == v1::PlanGoal::OUTCOME_UNSPECIFIED) {
    for (const v1::Milestone& milestone : goal.milestones()) {
      if (!IsOverdue(milestone, today)) continue;
      absl::StrAppend(&html, "<p class=\"late\">", kOverdue.In(language),
                      HtmlOf(Choose(milestone.title(), language), language), " (",
                      DateText(milestone.due_date(), language), ")</p>");
    }
  }
  return html + "</li>\n";
}

}  // namespace

std::string PlanSection(const v1::ListPlansResponse& plans, absl::CivilDay today,
                        absl::string_view language) {
  std::string html;
  for (const v1::Plan& plan : plans.plans()) {
    absl::StrAppend(&html, "<h3>", HtmlOf(Choose(plan.title(), language), language), "</h3>\n",
                    Bar(plan.progress(), language));
    if (plan.goals().empty()) continue;
    absl::StrAppend(&html, "<h4>", kGoals.In(language), "</h4>\n<ul class=\"list\">\n");
    for (const v1::PlanGoal& goal : plan.goals()) html += Goal(goal, today, language);
    html += "</ul>\n";
  }
  if (html.empty()) return "";
  return absl::StrCat("<section>\n<h2>", kPlan.In(language), "</h2>\n", html, "</section>\n");
}

}  // namespace mostove::dashboard
