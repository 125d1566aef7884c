// Paths of violations.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mostove::domain {

// "seat" and "country_code" make "seat.country_code"; an empty path is the root.
inline std::string Join(absl::string_view path, absl::string_view field) {
  return path.empty() ? std::string(field) : absl::StrCat(path, ".", field);
}

}  // namespace mostove::domain
