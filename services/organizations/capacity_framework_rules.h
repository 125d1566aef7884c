// What is particular to frameworks of capacity: pure functions on the message.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/resource/type.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/capacity_framework.pb.h"

namespace mostove::organizations {

// An unset state is PREPARED.
void PrepareFramework(v1::CapacityFramework& framework);

// Reasons: DUPLICATE (a code that stands twice), REQUIRED (a domain without
// criteria), CRITERION (a crosswalk from what is no criterion here), SELF (to
// itself).
void CheckFramework(const v1::CapacityFramework& framework, absl::string_view path,
                    status::Violations& violations);

// FAILED_PRECONDITION: STATE_STEP; FRAMEWORK_IN_USE where domains would change.
absl::Status CheckFrameworkChange(const v1::CapacityFramework& before,
                                  const v1::CapacityFramework& after);

// Everybody sees one that is in use or was.
resource::Audience FrameworkAudience(const v1::CapacityFramework& framework);

// Where a criterion stands.
struct CriterionPlace {
  const v1::CapacityDomain* domain;
  const v1::CapacityCriterion* criterion;
};
// By code; the framework outlives it.
std::map<std::string, CriterionPlace> CriteriaOf(const v1::CapacityFramework& framework);

}  // namespace mostove::organizations
