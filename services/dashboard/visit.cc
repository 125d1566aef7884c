#include "services/dashboard/visit.h"

#include "absl/strings/str_cat.h"
#include "libs/transcoding/percent.h"

namespace mostove::dashboard {

const std::string& Visit::Get(absl::string_view name) const {
  static const std::string& none = *new std::string();
  const auto found = query.find(name);
  return found == query.end() ? none : found->second;
}

std::string Visit::AddressWith(absl::string_view name, absl::string_view value) const {
  std::string address = path;
  char separator = '?';
  const auto add = [&](absl::string_view key, absl::string_view text) {
    absl::StrAppend(&address, absl::string_view(&separator, 1), transcoding::EncodePercent(key),
                    "=", transcoding::EncodePercent(text));
    separator = '&';
  };
  for (const auto& [key, text] : query) {
    if (key != name && !text.empty()) add(key, text);
  }
  if (!value.empty()) add(name, value);
  return address;
}

}  // namespace mostove::dashboard
