// SHA-256, by OpenSSL.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::digest {

std::string Sha256(absl::string_view bytes);     // 32 bytes
std::string Sha256Hex(absl::string_view bytes);  // 64 lower-case digits

}  // namespace mostove::digest
