// What is particular to obligations: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "libs/resource/type.h"
#include "libs/status/status.h"
#include "libs/store/neighbours.h"
#include "mostove/organizations/v1/obligation.pb.h"

namespace mostove::organizations {

// An unset state is OPEN.
void PrepareObligation(v1::Obligation& obligation);

// Takes title and due date from the rule, once. Reason PERIOD where the rule
// asks for nothing in that year.
absl::Status SettleObligation(const store::Neighbours& neighbours, v1::Obligation& obligation,
                              absl::string_view path, status::Violations& violations);

// FAILED_PRECONDITION: STATE_STEP.
absl::Status CheckObligationChange(const v1::Obligation& before, const v1::Obligation& after);

inline resource::Audience ObligationAudience(const v1::Obligation&) { return resource::v1::OWNER; }

// Changes for RPCs. INVALID_ARGUMENT: FUTURE, REQUIRED. FAILED_PRECONDITION:
// OBLIGATION_SETTLED unless it is open.
absl::Status Fulfill(absl::CivilDay today, const google::type::Date& date,
                     absl::string_view evidence, v1::Obligation& obligation);
absl::Status Exempt(absl::string_view reason, v1::Obligation& obligation);

google::type::Date ToDate(absl::CivilDay day);

}  // namespace mostove::organizations
