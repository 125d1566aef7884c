// Whole texts to and from gzip (RFC 1952), by zlib.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::gzip {

// `level` from 1 (quick) to 9 (small). The same text makes the same bytes.
std::string Pack(absl::string_view text, int level = 6);

// INVALID_ARGUMENT, reason MALFORMED_GZIP, for what is not one whole gzip member, and TOO_LARGE for
// what would be more than `bytes_max`; memory never exceeds that by much.
absl::StatusOr<std::string> Unpack(absl::string_view packed, size_t bytes_max = 64 << 20);

}  // namespace mostove::gzip
