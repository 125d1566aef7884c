// Sectors, themes and the like.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/common/v1/classification.pb.h"

namespace mostove::domain {

// Reasons: REQUIRED (a scheme for a code; a code or a label), DAC_CODE (DAC-5
// codes have five digits).
void CheckClassification(const common::v1::Classification& classification, absl::string_view path,
                         status::Violations& violations);

}  // namespace mostove::domain
