// How an organization stands with the law, and why.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "mostove/organizations/v1/legal_standing.pb.h"

namespace mostove::dashboard {

std::string StandingSection(const organizations::v1::LegalStanding& standing,
                            absl::string_view language);

}  // namespace mostove::dashboard
