// What is particular to donors: pure functions on the message.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/funding/v1/donor.pb.h"

namespace mostove::funding {

// An unset publication is SHARED.
void PrepareDonor(v1::Donor& donor);

// Adds what the annotations cannot say. Reasons: DUPLICATE (a scheme that
// stands twice among the identifiers), WEBSITE.
void CheckDonor(const v1::Donor& donor, absl::string_view path, status::Violations& violations);

}  // namespace mostove::funding
