// `?1` as PostgreSQL writes it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::sql {

// Turns each ?N into $N, but not within quotes ('...', "...", $tag$...$tag$) and
// comments.
std::string ToDollarPlaceholders(absl::string_view statement);

}  // namespace mostove::sql
