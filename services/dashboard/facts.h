// What is known of an organization, as rows of names and values.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"

namespace mostove::dashboard {

// A definition list of what everybody sees of it.
std::string FactsOf(const organizations::v1::Organization& organization,
                    absl::string_view language);
// What is not for everybody, in sections with headings; "" where this visitor sees none of it.
std::string PrivateFactsOf(const organizations::v1::Organization& organization,
                           absl::string_view language);
// An item of a list.
std::string ItemOf(const organizations::v1::Activity& activity, absl::string_view language);

}  // namespace mostove::dashboard
