#include "services/organizations/compliance_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/domain/date.h"
#include "libs/domain/path.h"

namespace mostove::organizations {
namespace {

using domain::Join;
using v1::ComplianceRule;
using v1::Organization;

absl::CivilDay LastDayOfMonth(int year, int month) {
  return absl::CivilDay(absl::CivilMonth(year, month) + 1) - 1;
}

// The day of a year by month and day; the last of the month where there are fewer.
absl::CivilDay DayOfYear(int year, int month, int day) {
  return std::min(absl::CivilDay(year, month, 1) + (day - 1), LastDayOfMonth(year, month));
}

bool IsFoundedAfter(const Organization& organization, int year) {
  return organization.has_founding_date() &&
         domain::FirstDay(organization.founding_date()).year() > year;
}

void Forbid(bool given, absl::string_view path, status::Violations& violations) {
  if (given) {
    violations.Add(path, "SCHEDULE", "has to be left out: the schedule does not take it");
  }
}

void Require(bool given, absl::string_view path, status::Violations& violations) {
  if (!given) violations.Add(path, "REQUIRED", "has to be given: the schedule needs it");
}

void CheckDays(const google::protobuf::RepeatedPtrField<v1::WorkCalendar::Day>& days, int year,
               absl::string_view path, status::Violations& violations) {
  std::set<absl::CivilDay> seen;
  for (int i = 0; i < days.size(); ++i) {
    const auto& date = days[i].date();
    const std::string item = absl::StrCat(path, "[", i, "].date");
    if (date.year() != year || date.month() == 0 || date.day() == 0) {
      violations.Add(item, "YEAR", "has to be a day of the calendar's year");
    } else if (!seen.insert(domain::FirstDay(date)).second) {
      violations.Add(item, "DUPLICATE", "has to stand once in the calendar");
    }
  }
}

}  // namespace

void CheckComplianceRule(const ComplianceRule& rule, absl::string_view path,
                         status::Violations& violations) {
  const bool yearly = rule.schedule() == ComplianceRule::YEARLY;
  const bool once = rule.schedule() == ComplianceRule::ONCE;
  if (yearly) {
    Require(rule.due_month() != 0, Join(path, "due_month"), violations);
    Require(rule.due_day() != 0, Join(path, "due_day"), violations);
  } else {
    Forbid(rule.due_month() != 0, Join(path, "due_month"), violations);
    Forbid(rule.due_day() != 0, Join(path, "due_day"), violations);
    Forbid(rule.years_after() != 0, Join(path, "years_after"), violations);
    Forbid(rule.first_year() != 0, Join(path, "first_year"), violations);
    Forbid(rule.last_year() != 0, Join(path, "last_year"), violations);
  }
  if (once) {
    Require(rule.due_date().day() != 0, Join(path, "due_date"), violations);
  } else {
    Forbid(rule.has_due_date(), Join(path, "due_date"), violations);
  }
  if (rule.last_year() != 0 && rule.last_year() < rule.first_year()) {
    violations.Add(Join(path, "last_year"), "END_BEFORE_START",
                   "has to be the same as first_year or later");
  }
}

void CheckWorkCalendar(const v1::WorkCalendar& calendar, absl::string_view path,
                       status::Violations& violations) {
  CheckDays(calendar.days_off(), calendar.year(), Join(path, "days_off"), violations);
  CheckDays(calendar.days_worked(), calendar.year(), Join(path, "days_worked"), violations);
}

WorkDays::WorkDays(const std::vector<v1::WorkCalendar>& calendars) {
  for (const v1::WorkCalendar& calendar : calendars) {
    for (const auto& day : calendar.days_off()) {
      off_.emplace(calendar.country_code(), domain::FirstDay(day.date()));
    }
    for (const auto& day : calendar.days_worked()) {
      worked_.emplace(calendar.country_code(), domain::FirstDay(day.date()));
    }
  }
}

bool WorkDays::IsWorked(absl::string_view country, absl::CivilDay day) const {
  const std::pair<std::string, absl::CivilDay> key(country, day);
  if (worked_.count(key) > 0) return true;
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday &&
         off_.count(key) == 0;
}

absl::CivilDay WorkDays::NextWorked(absl::string_view country, absl::CivilDay day) const {
  while (!IsWorked(country, day)) ++day;  // a calendar has 60 days off at most
  return day;
}

bool Applies(const ComplianceRule& rule, const Organization& organization) {
  const auto& forms = rule.legal_forms();
  const bool form = forms.empty() ||
                    std::find(forms.begin(), forms.end(), organization.legal_form()) != forms.end();
  const bool status = rule.benefit_status() == Organization::BENEFIT_STATUS_UNSPECIFIED ||
                      rule.benefit_status() == organization.benefit_status();
  const bool in_register = rule.register_() == v1::Registration::REGISTER_UNSPECIFIED ||
                           rule.register_() == organization.registration().register_();
  return form && status && in_register && organization.seat().country_code() == rule.country_code();
}

std::vector<Period> PeriodsOf(const ComplianceRule& rule, const Organization& organization,
                              const WorkDays& work_days, absl::CivilDay first,
                              absl::CivilDay last) {
  std::vector<Period> periods;
  const auto add = [&](int year, absl::CivilDay legal) {
    const absl::CivilDay due =
        rule.moves_to_working_day() ? work_days.NextWorked(rule.country_code(), legal) : legal;
    if (due >= first && due <= last) periods.push_back({year, legal, due});
  };
  switch (rule.schedule()) {
    case ComplianceRule::YEARLY: {
      // A due date may move into the next year.
      const int from = static_cast<int>(first.year()) - rule.years_after() - 1;
      const int until = static_cast<int>(last.year()) - rule.years_after();
      for (int year = std::max(from, rule.first_year()); year <= until; ++year) {
        if (rule.last_year() != 0 && year > rule.last_year()) break;
        if (IsFoundedAfter(organization, year)) continue;
        add(year, DayOfYear(year + rule.years_after(), rule.due_month(), rule.due_day()));
      }
      break;
    }
    case ComplianceRule::ONCE:
      add(rule.due_date().year(), domain::LastDay(rule.due_date()));
      break;
    case ComplianceRule::MANDATE_END:
      if (organization.registration().has_board_mandate_end()) {
        const auto& end = organization.registration().board_mandate_end();
        add(end.year(), domain::LastDay(end));
      }
      break;
    default:
      break;
  }
  return periods;
}

}  // namespace mostove::organizations
