// Says what is wrong with a text that is not JSON, and where.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "simdjson.h"

namespace mostove::transcoding {

// "is not JSON: a string is not closed (line 3, column 14)". Repeats nothing of the
// text.
std::string DescribeMalformed(absl::string_view text, simdjson::error_code error);

}  // namespace mostove::transcoding
