// Percent-encoding of URLs (RFC 3986).
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::transcoding {

struct PercentOptions {
  bool plus_is_space = false;  // as forms encode queries
  bool keeps_slash = false;    // leaves %2F and %2f as they are
};

// Appends the decoded text to `out`. False if a "%" is not followed by two
// hexadecimal digits.
bool DecodePercent(absl::string_view text, PercentOptions options, std::string& out);

// All but unreserved characters is encoded: for one segment of a path, or a value in a query.
std::string EncodePercent(absl::string_view text);

// What no text of a request may be: with NUL, or not UTF-8.
bool IsCleanText(absl::string_view text);

}  // namespace mostove::transcoding
