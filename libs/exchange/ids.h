// Ids made from what a record says, so that a second import finds the first.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::exchange {

// Normal form C; ill-formed UTF-8 becomes U+FFFD.
std::string ToNfc(absl::string_view text);

// A name in [a-z][a-z0-9-]*, at most 40 long: transliterated to ASCII, in lower
// case, everything else a hyphen. "Фондация „Мост“" is "fondacia-most".
std::string Slug(absl::string_view name);

// Slug and the first 8 hex digits of SHA-256 over the exact name in NFC, so
// that names that differ in case only have ids of their own.
std::string OrganizationId(absl::string_view name);

// UUID version 8 (RFC 9562, example B.2): SHA-256 of a fixed namespace of this
// program and `meaning`.
std::string NameBasedUuid(absl::string_view meaning);

}  // namespace mostove::exchange
