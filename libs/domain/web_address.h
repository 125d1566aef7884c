// Addresses of the web that people are sent to.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"

namespace mostove::domain {

// Adds to the field's pattern, which asks for http(s) and no spaces. Reason:
// WEBSITE (no host that can be reached, or a user name before it). Nothing is
// said of an empty address.
void CheckWebAddress(absl::string_view address, absl::string_view path,
                     status::Violations& violations);

}  // namespace mostove::domain
