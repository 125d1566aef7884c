// Whether an organization can sign: a pure function of what is known.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "mostove/organizations/v1/compliance_rule.pb.h"
#include "mostove/organizations/v1/legal_standing.pb.h"
#include "mostove/organizations/v1/obligation.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/organizations/v1/work_calendar.pb.h"

namespace mostove::organizations {

struct LegalFacts {
  v1::Organization organization;
  std::vector<v1::ComplianceRule> rules;
  std::vector<v1::Obligation> obligations;  // of the organization
  std::vector<v1::WorkCalendar> calendars;
};

// What the rules ask from the day on which the organization was recorded counts
// whether or not there is an obligation; what fell due before that day counts
// where an obligation says so.
v1::LegalStanding StandingOn(const LegalFacts& facts, absl::CivilDay day);

// How an open obligation stands on a day.
v1::DueObligation DueOn(const v1::Obligation& obligation, absl::CivilDay day);

}  // namespace mostove::organizations
