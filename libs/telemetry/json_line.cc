#include "libs/telemetry/json_line.h"

#include <unicode/utf8.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mostove::telemetry {

void JsonLine::AddName(absl::string_view name) {
  if (text_.size() > 1) text_ += ',';
  AddText(name);
  text_ += ':';
}

void JsonLine::AddText(absl::string_view text) {
  text_ += '"';
  const int32_t size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT_OR_FFFD(text.data(), i, size, c);
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7f) {
      absl::StrAppend(&text_, "\\u", absl::Hex(c, absl::kZeroPad4));
    } else {
      char encoded[U8_MAX_LENGTH];
      int32_t length = 0;
      U8_APPEND_UNSAFE(encoded, length, c);
      text_.append(encoded, length);
    }
  }
  text_ += '"';
}

void JsonLine::Add(absl::string_view name, absl::string_view value) {
  AddName(name);
  AddText(value);
}

void JsonLine::Add(absl::string_view name, int64_t value) {
  AddName(name);
  absl::StrAppend(&text_, value);
}

void JsonLine::Add(absl::string_view name, double value) {
  AddName(name);
  if (!std::isfinite(value)) {
    text_ += "null";
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  text_.append(digits, end.ptr);
}

void JsonLine::Add(absl::string_view name, bool value) {
  AddName(name);
  text_ += value ? "true" : "false";
}

std::string JsonLine::Take() {
  std::string line = std::exchange(text_, "{");
  line += '}';
  return line;
}

}  // namespace mostove::telemetry
