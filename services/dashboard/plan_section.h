// How far an organization is with its development plan.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "mostove/organizations/v1/organizations_service.pb.h"

namespace mostove::dashboard {

// A section; "" where there is no plan. `today` tells what is overdue.
std::string PlanSection(const organizations::v1::ListPlansResponse& plans, absl::CivilDay today,
                        absl::string_view language);

}  // namespace mostove::dashboard
