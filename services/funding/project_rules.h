// What is particular to projects: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/funding/v1/project.pb.h"

namespace mostove::funding {

// As PrepareGrant.
void PrepareProject(v1::Project& project);

// Adds what the annotations cannot say. Reasons: SHARES_SUM, DUPLICATE (a
// sector, the organization among its partners).
void CheckProject(const v1::Project& project, absl::string_view path,
                  status::Violations& violations);

// FAILED_PRECONDITION with reason STATE_STEP.
absl::Status CheckProjectChange(const v1::Project& before, const v1::Project& after);

}  // namespace mostove::funding
