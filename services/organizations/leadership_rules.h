// Who may say what of an organization's refugee leadership: pure functions.
#pragma once

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"
#include "libs/call/call.h"
#include "mostove/organizations/v1/organization.pb.h"

namespace mostove::organizations {

// PERMISSION_DENIED, reason ATTESTED_BY_OTHERS, where the organization itself would
// say that it is attested, or change what was. Whether it is published stays its own.
absl::Status CheckLeadershipWriter(const call::Caller& caller, const v1::Organization* before,
                                   const v1::Organization& after);

// Confirms what is said. FAILED_PRECONDITION, reason NOT_ASKED, unless the
// organization asked this one; INVALID_ARGUMENT, reason PAST, for the date.
absl::Status Attest(absl::string_view attester, const google::type::Date& expire_date,
                    absl::Time now, v1::Organization& organization);

// It is said and has not expired.
bool Holds(const v1::Organization& organization, absl::CivilDay day);

}  // namespace mostove::organizations
