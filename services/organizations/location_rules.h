// What the annotations of locations cannot say.
#pragma once

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/location.pb.h"

namespace mostove::organizations {

// Of all locations of one organization. Reasons: DUPLICATE (an id), LANGUAGE_TAG,
// COUNTRY_CODE, WEBSITE.
void CheckLocations(const google::protobuf::RepeatedPtrField<v1::Location>& locations,
                    absl::string_view path, status::Violations& violations);

}  // namespace mostove::organizations
