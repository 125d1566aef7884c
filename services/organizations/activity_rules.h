// What is particular to activities: pure functions on the message.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/activity.pb.h"

namespace mostove::organizations {

// Adds what the annotations cannot say. Reason: REQUIRED (neither sector nor
// description).
void CheckActivity(const v1::Activity& activity, absl::string_view path,
                   status::Violations& violations);

}  // namespace mostove::organizations
