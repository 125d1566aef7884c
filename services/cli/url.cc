#include "services/cli/url.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mostove::cli {
namespace {

std::string Encode(absl::string_view text, absl::string_view also_plain) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || absl::StrContains("-._~", c) ||
        absl::StrContains(also_plain, c)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[static_cast<unsigned char>(c) >> 4];
      encoded += kHex[c & 0x0F];
    }
  }
  return encoded;
}

}  // namespace

std::string EncodePath(absl::string_view path) { return Encode(path, "/"); }

std::string EncodeQuery(absl::string_view text) { return Encode(text, ""); }

void AddParameter(absl::string_view name, absl::string_view value, std::string& target) {
  if (value.empty()) return;
  absl::StrAppend(&target, absl::StrContains(target, '?') ? "&" : "?", EncodeQuery(name), "=",
                  EncodeQuery(value));
}

}  // namespace mostove::cli
