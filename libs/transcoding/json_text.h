// The scalars of JSON, for both writers.
#pragma once

#include <charconv>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/transcoding/json_table.h"

namespace mostove::transcoding {

// Deeper messages become null, so that none can exhaust the stack.
inline constexpr int kJsonDepthMax = 100;

template <class Integer>
void AppendInteger(Integer value, std::string& out) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, result.ptr - buffer);
}
// 64-bit integers are texts in JSON.
template <class Integer>
void AppendQuoted(Integer value, std::string& out) {
  out.push_back('"');
  AppendInteger(value, out);
  out.push_back('"');
}
inline void AppendJsonBool(bool value, std::string& out) { out.append(value ? "true" : "false"); }
void AppendJsonReal(double value, std::string& out);
void AppendJsonReal(float value, std::string& out);
// In quotes; ill-formed UTF-8 becomes U+FFFD.
void AppendJsonText(absl::string_view text, std::string& out);
// Of a field of strings or bytes.
void AppendJsonString(const JsonField& field, absl::string_view value, std::string& out);
void AppendJsonEnum(const JsonField& field, int number, std::string& out);

}  // namespace mostove::transcoding
