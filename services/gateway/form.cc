#include "services/gateway/form.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "libs/transcoding/percent.h"

namespace mostove::gateway {
namespace {

constexpr size_t kFieldsMax = 50;

bool Decode(absl::string_view text, std::string& out) {
  return transcoding::DecodePercent(text, {.plus_is_space = true}, out) &&
         transcoding::IsCleanText(out);
}

}  // namespace

bool Form::Parse(absl::string_view text) {
  for (const absl::string_view field : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(field, absl::MaxSplits('=', 1));
    std::string name;
    std::string value;
    if (!Decode(parts.first, name) || !Decode(parts.second, value)) return false;
    if (!fields_.emplace(std::move(name), std::move(value)).second) return false;
    if (fields_.size() > kFieldsMax) return false;
  }
  return true;
}

const std::string& Form::Get(absl::string_view name) const {
  static const std::string& none = *new std::string();
  const auto found = fields_.find(name);
  return found == fields_.end() ? none : found->second;
}

bool SendsForm(const http::Request& request) {
  const absl::string_view type = request.headers.Get("Content-Type");
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type.substr(0, type.find(';'))),
                                "application/x-www-form-urlencoded") &&
         request.headers.Find("Content-Encoding") == nullptr;
}

}  // namespace mostove::gateway
