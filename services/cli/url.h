// The few forms of percent encoding that our requests need.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::cli {

// For a path of several segments: all but unreserved characters and "/".
std::string EncodePath(absl::string_view path);
// For a query's names and values: all but unreserved characters.
std::string EncodeQuery(absl::string_view text);
// Appends "?name=value" or "&name=value"; nothing where the value is empty.
void AddParameter(absl::string_view name, absl::string_view value, std::string& target);

}  // namespace mostove::cli
