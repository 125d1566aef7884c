#include "services/organizations/obligation_rules.h"

#include <string>
#include <vector>

#include "libs/domain/date.h"
#include "libs/domain/path.h"
#include "libs/domain/steps.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "services/organizations/compliance_rules.h"

namespace mostove::organizations {
namespace {

using domain::Join;
using v1::Obligation;

constexpr domain::Step<Obligation::State> kSteps[] = {
    {Obligation::OPEN, Obligation::FULFILLED},
    {Obligation::OPEN, Obligation::EXEMPT},
};

absl::Status CheckOpen(const Obligation& obligation) {
  if (obligation.state() == Obligation::OPEN) return absl::OkStatus();
  return status::Precondition("OBLIGATION_SETTLED",
                              "the obligation has been fulfilled or exempted before");
}

}  // namespace

google::type::Date ToDate(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

void PrepareObligation(Obligation& obligation) {
  if (obligation.state() == Obligation::STATE_UNSPECIFIED) obligation.set_state(Obligation::OPEN);
}

absl::Status SettleObligation(const store::Neighbours& neighbours, Obligation& obligation,
                              absl::string_view path, status::Violations& violations) {
  if (obligation.has_due_date()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto rule, neighbours.Find<v1::ComplianceRule>(obligation.rule()));
  ASSIGN_OR_RETURN(const auto organization,
                   neighbours.Find<v1::Organization>(resource::ParentOf(obligation.name())));
  if (!rule || !organization) return absl::OkStatus();  // the store refuses that by itself
  ASSIGN_OR_RETURN(const std::vector<v1::WorkCalendar> calendars,
                   neighbours.With<v1::WorkCalendar>("country_code", rule->country_code()));
  const int year = obligation.year();
  if (Applies(*rule, *organization)) {
    for (const Period& period :
         PeriodsOf(*rule, *organization, WorkDays(calendars), absl::CivilDay(year, 1, 1),
                   absl::CivilDay(year + rule->years_after() + 1, 12, 31))) {
      if (period.year != year) continue;
      *obligation.mutable_title() = rule->title();
      *obligation.mutable_due_date() = ToDate(period.due_date);
      *obligation.mutable_legal_date() = ToDate(period.legal_date);
      return absl::OkStatus();
    }
  }
  violations.Add(Join(path, "year"), "PERIOD",
                 "has to be a year for which the rule asks something of the organization");
  return absl::OkStatus();
}

absl::Status CheckObligationChange(const Obligation& before, const Obligation& after) {
  return domain::CheckStep("state", kSteps, before.state(), after.state());
}

absl::Status Fulfill(absl::CivilDay today, const google::type::Date& date,
                     absl::string_view evidence, Obligation& obligation) {
  RETURN_IF_ERROR(CheckOpen(obligation));
  if (evidence.empty()) {
    return status::InvalidField("evidence", "REQUIRED", "has to say what shows it");
  }
  if (date.year() != 0 && domain::IsAfter(date, today)) {
    return status::InvalidField("fulfill_date", "FUTURE", "has to be today or earlier");
  }
  obligation.set_state(Obligation::FULFILLED);
  *obligation.mutable_fulfill_date() = date.year() == 0 ? ToDate(today) : date;
  obligation.set_evidence(std::string(evidence));
  return absl::OkStatus();
}

absl::Status Exempt(absl::string_view reason, Obligation& obligation) {
  RETURN_IF_ERROR(CheckOpen(obligation));
  if (reason.empty()) return status::InvalidField("reason", "REQUIRED", "has to say why");
  obligation.set_state(Obligation::EXEMPT);
  obligation.set_exempt_reason(std::string(reason));
  return absl::OkStatus();
}

}  // namespace mostove::organizations
