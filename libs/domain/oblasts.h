// The 28 oblasts of Bulgaria.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mostove::domain {

struct Oblast {
  absl::string_view iso;   // ISO 3166-2: "BG-22"
  absl::string_view nuts;  // NUTS 3, 2021 and 2024: "BG411"
  absl::string_view nsi;   // National Statistical Institute: "SOF", which begins its municipalities
  absl::string_view name_bg;
  absl::string_view name_en;
};

// By ISO code. Beware: BG-22 is the capital, BG-23 the oblast around it.
absl::Span<const Oblast> Oblasts();

// Null where there is none.
const Oblast* FindOblastByIso(absl::string_view iso);
const Oblast* FindOblastByNsi(absl::string_view nsi);
const Oblast* FindOblastByNuts(absl::string_view nuts);

}  // namespace mostove::domain
