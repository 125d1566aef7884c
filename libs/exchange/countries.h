// Country names as people write them.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::exchange {

// The ISO 3166-1 alpha-2 code of a country's name in English, French, Bulgarian
// or Ukrainian, of the usual variants ("Congo (Brazzaville)", "Syrian Arab
// Republic"), and of a two or three letter code. Case, accents, apostrophes,
// punctuation and doubled letters do not matter. "" for anything else: "Mali
// Situation" is no country.
std::string CountryCode(absl::string_view name);

// The English name of an ISO code; "" when there is none.
std::string CountryName(absl::string_view code);

}  // namespace mostove::exchange
