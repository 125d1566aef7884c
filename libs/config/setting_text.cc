#include "libs/config/setting_text.h"

#include <type_traits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace mostove::config {
namespace {

bool Parse(const std::string& text, std::string& value) {
  value = text;
  return true;
}
bool Parse(const std::string& text, int& value) { return absl::SimpleAtoi(text, &value); }
bool Parse(const std::string& text, int64_t& value) { return absl::SimpleAtoi(text, &value); }
bool Parse(const std::string& text, bool& value) {
  if (text != "true" && text != "false") return false;
  value = text == "true";
  return true;
}
bool Parse(const std::string& text, absl::Duration& value) {
  return absl::ParseDuration(text, &value);
}

std::string Format(const std::string& value) { return value; }
std::string Format(int value) { return absl::StrCat(value); }
std::string Format(int64_t value) { return absl::StrCat(value); }
std::string Format(bool value) { return value ? "true" : "false"; }
std::string Format(absl::Duration value) { return absl::FormatDuration(value); }

}  // namespace

bool SetFromText(const Target& target, const std::string& text) {
  return std::visit(
      [&](auto* value) {
        auto parsed = *value;
        if (!Parse(text, parsed)) return false;
        *value = parsed;
        return true;
      },
      target);
}

std::string ToText(const Target& target) {
  return std::visit([](const auto* value) { return Format(*value); }, target);
}

std::string Expected(const Target& target) {
  if (std::holds_alternative<std::string*>(target)) return "a text";
  if (std::holds_alternative<bool*>(target)) return "true or false";
  if (std::holds_alternative<absl::Duration*>(target)) return "a duration such as \"30s\"";
  return "a whole number such as 64";
}

std::string EnvironmentName(const std::string& name) {
  return absl::StrCat("MOSTOVE_", absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{".", "_"}})));
}

std::string OptionName(const std::string& name) {
  return absl::StrCat("--", absl::StrReplaceAll(name, {{".", "-"}, {"_", "-"}}));
}

}  // namespace mostove::config
