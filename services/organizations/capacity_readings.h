// What assessments say together: pure functions on messages.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/resource/aliases.h"
#include "mostove/organizations/v1/assessment.pb.h"
#include "mostove/organizations/v1/capacity_framework.pb.h"
#include "mostove/organizations/v1/capacity_reading.pb.h"

namespace mostove::organizations {

// Submitted assessments of one or several organizations, of which some may have
// no answers left: those that the caller may not see.
using Assessments = std::vector<v1::Assessment>;
// By name.
using Frameworks = std::map<std::string, v1::CapacityFramework>;

// Nobody was merged.
const resource::Aliases& NoAliases();

// The latest of each organization and framework that speaks of `day` or a day
// before; of one kind, or of any (KIND_UNSPECIFIED). Of two of one day the one
// that was submitted later. What was merged into another counts as that one.
std::vector<const v1::Assessment*> LatestOfEach(const Assessments& assessments, absl::CivilDay day,
                                                v1::Assessment::Kind kind,
                                                const resource::Aliases& aliases = NoAliases());

v1::ReadLatestCapacityResponse LatestCapacity(const Assessments& assessments, absl::CivilDay day,
                                              const resource::Aliases& aliases = NoAliases());

// Of organizations that have both: by framework and in the order of `frameworks`.
std::vector<v1::CapacityDifference> Differences(const std::vector<const v1::Assessment*>& before,
                                                const std::vector<const v1::Assessment*>& after,
                                                const Frameworks& frameworks,
                                                const resource::Aliases& aliases = NoAliases());

// Levels below `below`: first what the most organizations have, then the lowest.
std::vector<v1::CapacityGap> Gaps(const std::vector<const v1::Assessment*>& latest,
                                  const Frameworks& frameworks, int below);

}  // namespace mostove::organizations
