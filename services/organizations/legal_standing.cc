#include "services/organizations/legal_standing.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "libs/domain/date.h"
#include "services/organizations/compliance_rules.h"
#include "services/organizations/obligation_rules.h"

namespace mostove::organizations {
namespace {

using v1::LegalStanding;
using v1::Obligation;

constexpr int kSoonDays = 30;

struct Duty {
  absl::CivilDay due_date;
  const Obligation* obligation = nullptr;
};

// By year: what the rule asks, and what is recorded.
std::map<int, Duty> DutiesOf(const v1::ComplianceRule& rule, const LegalFacts& facts,
                             const WorkDays& work_days, absl::CivilDay day) {
  std::map<int, Duty> duties;
  const absl::CivilDay recorded =
      domain::Today(absl::FromUnixSeconds(facts.organization.create_time().seconds()));
  for (const Period& period : PeriodsOf(rule, facts.organization, work_days, recorded, day)) {
    duties[period.year].due_date = period.due_date;
  }
  for (const Obligation& obligation : facts.obligations) {
    if (obligation.rule() != rule.name()) continue;
    duties[obligation.year()] = {domain::FirstDay(obligation.due_date()), &obligation};
  }
  return duties;
}

bool IsSettled(const Obligation* obligation, absl::CivilDay day) {
  if (obligation == nullptr) return false;
  if (obligation->state() == Obligation::EXEMPT) return true;
  return obligation->state() == Obligation::FULFILLED &&
         !domain::IsAfter(obligation->fulfill_date(), day);
}

LegalStanding::Standing Weight(const v1::ComplianceRule& rule, int days_overdue) {
  if (rule.has_cannot_sign_after_days() && days_overdue > rule.cannot_sign_after_days()) {
    return LegalStanding::CANNOT_SIGN;
  }
  if (rule.has_at_risk_after_days() && days_overdue > rule.at_risk_after_days()) {
    return LegalStanding::AT_RISK;
  }
  return LegalStanding::GOOD;
}

}  // namespace

LegalStanding StandingOn(const LegalFacts& facts, absl::CivilDay day) {
  LegalStanding result;
  result.set_standing(LegalStanding::GOOD);
  *result.mutable_date() = ToDate(day);
  const WorkDays work_days(facts.calendars);
  for (const v1::ComplianceRule& rule : facts.rules) {
    if (!Applies(rule, facts.organization)) continue;
    for (const auto& [year, duty] : DutiesOf(rule, facts, work_days, day)) {
      const int days = static_cast<int>(day - duty.due_date);
      const LegalStanding::Standing standing = Weight(rule, days);
      if (standing == LegalStanding::GOOD || IsSettled(duty.obligation, day)) continue;
      auto& reason = *result.add_reasons();
      reason.set_standing(standing);
      reason.set_rule(rule.name());
      reason.set_year(year);
      *reason.mutable_title() = rule.title();
      *reason.mutable_due_date() = ToDate(duty.due_date);
      reason.set_days_overdue(days);
      if (duty.obligation != nullptr) reason.set_obligation(duty.obligation->name());
      result.set_standing(std::max(result.standing(), standing));
    }
  }
  std::stable_sort(result.mutable_reasons()->begin(), result.mutable_reasons()->end(),
                   [](const auto& one, const auto& other) {
                     return std::make_pair(one.standing(), one.days_overdue()) >
                            std::make_pair(other.standing(), other.days_overdue());
                   });
  return result;
}

v1::DueObligation DueOn(const Obligation& obligation, absl::CivilDay day) {
  v1::DueObligation due;
  *due.mutable_obligation() = obligation;
  const int left = static_cast<int>(domain::LastDay(obligation.due_date()) - day);
  due.set_days_left(left);
  due.set_status(left < 0            ? v1::DueObligation::OVERDUE
                 : left <= kSoonDays ? v1::DueObligation::DUE
                                     : v1::DueObligation::UPCOMING);
  return due;
}

}  // namespace mostove::organizations
