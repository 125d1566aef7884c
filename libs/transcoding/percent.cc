#include "libs/transcoding/percent.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "simdjson.h"

namespace mostove::transcoding {
namespace {

int HexValue(char c) {
  return absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
}

}  // namespace

bool DecodePercent(absl::string_view text, PercentOptions options, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && options.plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) ||
          !absl::ascii_isxdigit(text[i + 2])) {
        return false;
      }
      const auto decoded = static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      if (decoded == '/' && options.keeps_slash) {
        out.append(text.data() + i, 3);
      } else {
        out.push_back(decoded);
      }
      i += 2;
    }
  }
  return true;
}

std::string EncodePercent(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::StrContains("-._~", c)) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

bool IsCleanText(absl::string_view text) {
  return text.find('\0') == absl::string_view::npos &&
         simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace mostove::transcoding
