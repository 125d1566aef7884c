// When the law asks what of whom: pure functions on messages.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "libs/resource/type.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/compliance_rule.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/organizations/v1/work_calendar.pb.h"

namespace mostove::organizations {

// Reasons: REQUIRED (what the schedule needs), SCHEDULE (what it does not take),
// END_BEFORE_START (the last year).
void CheckComplianceRule(const v1::ComplianceRule& rule, absl::string_view path,
                         status::Violations& violations);
// Reasons: YEAR (a day of another one), DUPLICATE.
void CheckWorkCalendar(const v1::WorkCalendar& calendar, absl::string_view path,
                       status::Violations& violations);

template <class Resource>
resource::Audience ForAll(const Resource&) {
  return resource::v1::PUBLIC;
}

// Which days are worked in a country.
class WorkDays {
 public:
  // Years without a calendar have their Saturdays and Sundays off.
  explicit WorkDays(const std::vector<v1::WorkCalendar>& calendars);
  bool IsWorked(absl::string_view country, absl::CivilDay day) const;
  // The day itself, or the first after it that is worked.
  absl::CivilDay NextWorked(absl::string_view country, absl::CivilDay day) const;

 private:
  using Days = std::set<std::pair<std::string, absl::CivilDay>>;
  Days off_, worked_;
};

// Whether the rule asks anything of such an organization.
bool Applies(const v1::ComplianceRule& rule, const v1::Organization& organization);

// What a rule asks for one year.
struct Period {
  int year;  // that it is about; of rules that are not yearly, that of the due date
  absl::CivilDay legal_date;
  absl::CivilDay due_date;  // moved to a working day where the rule says so
};
// Those whose due date lies within the two days. Of a year before the
// organization was founded nothing is asked.
std::vector<Period> PeriodsOf(const v1::ComplianceRule& rule, const v1::Organization& organization,
                              const WorkDays& work_days, absl::CivilDay first, absl::CivilDay last);

}  // namespace mostove::organizations
