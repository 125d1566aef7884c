// What has to be known of a text before it is stored.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mostove::resource {

struct TextFacts {
  bool valid_utf8 = true;
  bool has_nul = false;
  int64_t code_points = 0;  // right only if valid
};

TextFacts LookAtText(absl::string_view text);

// True for ASCII without further reading, and where ICU says so. Texts that are
// not valid UTF-8 count as normal: nothing can be done for them.
bool IsNfc(absl::string_view text);
// The text in NFC.
std::string ToNfc(absl::string_view text);

}  // namespace mostove::resource
