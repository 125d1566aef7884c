// What is particular to policy processes: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/coalitions/v1/policy_process.pb.h"

namespace mostove::coalitions {

// An unset stage is ANNOUNCED, an unset publication DRAFT.
void PreparePolicyProcess(v1::PolicyProcess& process);

// Adds what the annotations cannot say. Reasons: WEBSITE, REQUIRED (the area of
// a municipal or regional process, the decision's date where it is decided),
// LEVEL (a municipal plan elsewhere), NOT_DECIDED (a decision's date before).
void CheckPolicyProcess(const v1::PolicyProcess& process, absl::string_view path,
                        status::Violations& violations);

// FAILED_PRECONDITION with reason STATE_STEP.
absl::Status CheckPolicyProcessChange(const v1::PolicyProcess& before,
                                      const v1::PolicyProcess& after);

}  // namespace mostove::coalitions
