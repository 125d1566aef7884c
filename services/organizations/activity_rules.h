// What is particular to activities: pure functions on the message.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/activity.pb.h"

namespace mostove::organizations {

// Completes the description as in domain::CompleteLocalizedText. `before` is
// null for a new activity.
void PrepareActivity(const v1::Activity* before, v1::Activity& activity);
inline void PrepareActivity(v1::Activity& activity) { PrepareActivity(nullptr, activity); }

// Adds what the annotations cannot say. Reasons: REQUIRED (neither sector nor
// description), END_BEFORE_START.
void CheckActivity(const v1::Activity& activity, absl::string_view path,
                   status::Violations& violations);

}  // namespace mostove::organizations
