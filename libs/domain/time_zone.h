// Time zones of the IANA database.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"

namespace mostove::domain {

// The zone of the network: "Europe/Sofia".
inline constexpr char kHomeTimeZone[] = "Europe/Sofia";

// Reason: TIME_ZONE. Taken are names with a region ("Europe/Kyiv") and "UTC";
// abbreviations such as EET mean different things in different places.
void CheckTimeZone(absl::string_view zone, absl::string_view path, status::Violations& violations);

}  // namespace mostove::domain
