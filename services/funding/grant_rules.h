// What is particular to grants: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"
#include "libs/status/status.h"
#include "libs/store/neighbours.h"
#include "mostove/funding/v1/grant.pb.h"

namespace mostove::funding {

// An unset status is PIPELINE, an unset publication DRAFT; the only sector of
// its list is the whole.
void PrepareGrant(v1::Grant& grant);

// Adds what the annotations cannot say. Reasons: REQUIRED (a donor, but for
// mechanisms without one), NO_DONOR (one for those), AMOUNT (nothing or less),
// CURRENCY_MIXED, LINES_SUM, SHARES_SUM, DUPLICATE (a sector), LOOP (its own
// parent).
void CheckGrant(const v1::Grant& grant, absl::string_view path, status::Violations& violations);

// Who passes money on says out of which grant: the donor's organization, or an
// administrator. PERMISSION_DENIED with reason DONOR_REQUIRED.
absl::Status CheckGrantWriter(const call::Caller& caller, const v1::Grant* before,
                              const v1::Grant& after);

// FAILED_PRECONDITION with reason STATE_STEP.
absl::Status CheckGrantChange(const v1::Grant& before, const v1::Grant& after);

// Takes over the donor's organization. Reasons, on parent_grant: CHAIN (it did
// not go to who gives this one), LOOP, DEPTH, EXCEEDS_PARENT; on budget.amount:
// BELOW_PASSED_ON (less than the grants out of it). Amounts are compared where
// one currency, or the fixed rate of EUR and BGN, allows it; cancelled grants
// pass nothing on.
absl::Status SettleGrant(const store::Neighbours& neighbours, v1::Grant& grant,
                         absl::string_view path, status::Violations& violations);

// The steps of IATI's ActivityStatus as grants and projects take them.
// FAILED_PRECONDITION with reason STATE_STEP.
absl::Status CheckStatusStep(v1::ActivityStatus before, v1::ActivityStatus after);

}  // namespace mostove::funding
