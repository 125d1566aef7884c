// The checks of mostove.common.v1 and of google.type.Money, by message type.
#pragma once

#include "libs/resource/validate.h"

namespace mostove::domain {

// For resource::ValidateOptions. Made once, immutable. They come in addition to
// the annotations (REQUIRED, limits, patterns), which resource::Validate checks.
const resource::TypeChecks& Checks();

}  // namespace mostove::domain
