// What is particular to coalitions: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/coalitions/v1/coalition.pb.h"

namespace mostove::coalitions {

// An unset state is FORMING, an unset publication DRAFT. Computes the hash of
// every charter version.
void PrepareCoalition(v1::Coalition& coalition);

// Adds what the annotations cannot say. Reasons: WEBSITE, LANGUAGE_TAG,
// CHARTER_ORDER (adopted before an older version, or after a draft), REQUIRED
// (how far a dissolved coalition went: end_date).
void CheckCoalition(const v1::Coalition& coalition, absl::string_view path,
                    status::Violations& violations);

// FAILED_PRECONDITION with reason STATE_STEP, or CHARTER_ADOPTED where a text
// that was adopted would change, move or go.
absl::Status CheckCoalitionChange(const v1::Coalition& before, const v1::Coalition& after);

}  // namespace mostove::coalitions
