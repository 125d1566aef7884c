// From assessments to the picture of capacity.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "mostove/organizations/v1/assessment.pb.h"
#include "mostove/organizations/v1/capacity_framework.pb.h"
#include "services/dashboard/capacity_picture.h"

namespace mostove::dashboard {

// Submitted ones that this visitor sees, the newest first.
using Assessments = google::protobuf::RepeatedPtrField<organizations::v1::Assessment>;

// The framework that the newest one uses; "" where there is none. Another one's levels cannot
// stand beside it.
std::string FrameworkOf(const Assessments& assessments);

// By that framework: the newest self-assessment, the one before it, and the newest facilitated one.
Capacity CapacityOf(const Assessments& assessments,
                    const organizations::v1::CapacityFramework& framework,
                    absl::string_view language);

}  // namespace mostove::dashboard
