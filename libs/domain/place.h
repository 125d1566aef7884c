// Countries, areas and places.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/common/v1/place.pb.h"

namespace mostove::domain {

// True for the codes of ISO 3166-1 alpha-2, and XK (Kosovo).
bool IsCountryCode(absl::string_view code);

// Reasons: COUNTRY_CODE, COUNTRY_TWICE (a code and a name), AREA_COUNTRY (the
// area's code is of another country).
void CheckPlace(const common::v1::Place& place, absl::string_view path,
                status::Violations& violations);

// Reasons: REQUIRED (a scheme for a code, a code for a scheme, a code or a
// name), AREA_CODE (no code of that list; of Bulgaria only existing oblasts
// and regions, elsewhere by form).
void CheckArea(const common::v1::Area& area, absl::string_view path,
               status::Violations& violations);

}  // namespace mostove::domain
