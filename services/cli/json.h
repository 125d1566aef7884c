// Answers of the server as text: looked into and laid out, never re-encoded.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mostove::cli {

// The text of a member of the document's top object; "" when it is not there,
// is no text, or the document is not JSON.
std::string StringMember(absl::string_view json, absl::string_view member);

// The items of an array in the top object, each as compact JSON with its
// members as they came; empty when there is no such array.
std::vector<std::string> ArrayMember(absl::string_view json, absl::string_view member);

// An object in the top object, as compact JSON; "" when there is none.
std::string ObjectMember(absl::string_view json, absl::string_view member);

// Laid out for people, two spaces a level; what is no JSON comes back as it is.
std::string PrettyJson(absl::string_view json);

}  // namespace mostove::cli
