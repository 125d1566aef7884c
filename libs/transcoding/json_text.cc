#include "libs/transcoding/json_text.h"

#include <unicode/utf8.h>

#include <cmath>

#include "absl/strings/escaping.h"
#include "simdjson.h"

namespace mostove::transcoding {
namespace {

// What has to be done to a text before it can stand between quotes.
struct TextNeeds {
  bool escapes = false;
  bool validation = false;  // it is not all ASCII
};

bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

TextNeeds Inspect(absl::string_view text) {
  unsigned escapes = 0;
  unsigned char bits = 0;
  for (const unsigned char c : text) {  // no branches: the compiler makes vectors of it
    escapes |= static_cast<unsigned>(c < 0x20) | static_cast<unsigned>(c == '"') |
               static_cast<unsigned>(c == '\\');
    bits |= c;
  }
  return {.escapes = escapes != 0, .validation = bits >= 0x80};
}

void AppendEscaped(absl::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!NeedsEscape(c)) continue;
    out.append(text.data() + begin, i - begin);
    begin = i + 1;
    out.push_back('\\');
    switch (c) {
      case '"':
      case '\\':
        out.push_back(text[i]);
        break;
      case '\n':
        out.push_back('n');
        break;
      case '\r':
        out.push_back('r');
        break;
      case '\t':
        out.push_back('t');
        break;
      default:
        out.append("u00");
        out.push_back(kHex[c >> 4]);
        out.push_back(kHex[c & 15]);
    }
  }
  out.append(text.data() + begin, text.size() - begin);
}

std::string WithReplacements(absl::string_view text) {
  std::string result;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    const int32_t begin = i;
    UChar32 code_point = 0;
    U8_NEXT(text.data(), i, size, code_point);
    if (code_point < 0) {
      result.append("\xEF\xBF\xBD");
    } else {
      result.append(text.data() + begin, i - begin);
    }
  }
  return result;
}

template <class Real>
void AppendReal(Real value, std::string& out) {
  if (std::isnan(value)) {
    out.append("\"NaN\"");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else if (value == 0) {
    out.append(std::signbit(value) ? "-0.0" : "0");
  } else if (std::abs(value) < 1e15 && value == std::trunc(value)) {
    AppendInteger(static_cast<int64_t>(value), out);  // 1000000 rather than 1e+06
  } else {
    // With an exponent: as plain digits a large one would be an integer beyond the
    // 64 bits that readers take.
    constexpr double kPlainMax = 1e15;
    char buffer[32];
    char* const end = buffer + sizeof(buffer);
    const auto result = std::abs(value) < kPlainMax
                            ? std::to_chars(buffer, end, value)
                            : std::to_chars(buffer, end, value, std::chars_format::scientific);
    out.append(buffer, result.ptr - buffer);
  }
}

}  // namespace

void AppendJsonReal(double value, std::string& out) { AppendReal(value, out); }
void AppendJsonReal(float value, std::string& out) { AppendReal(value, out); }

void AppendJsonText(absl::string_view text, std::string& out) {
  const TextNeeds needs = Inspect(text);
  out.push_back('"');
  if (needs.validation && !simdjson::validate_utf8(text.data(), text.size())) {
    AppendEscaped(WithReplacements(text), out);
  } else if (needs.escapes) {
    AppendEscaped(text, out);
  } else {
    out.append(text.data(), text.size());
  }
  out.push_back('"');
}

void AppendJsonString(const JsonField& field, absl::string_view value, std::string& out) {
  if (!field.is_bytes) return AppendJsonText(value, out);
  out.push_back('"');
  out.append(absl::Base64Escape(value));
  out.push_back('"');
}

void AppendJsonEnum(const JsonField& field, int number, std::string& out) {
  if (field.is_null_value) {
    out.append("null");
    return;
  }
  const auto* value = field.descriptor->enum_type()->FindValueByNumber(number);
  if (value == nullptr) return AppendInteger(number, out);
  out.push_back('"');
  out.append(value->name());
  out.push_back('"');
}

}  // namespace mostove::transcoding
