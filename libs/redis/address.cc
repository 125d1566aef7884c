#include "libs/redis/address.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/status/macros.h"

namespace mostove::redis {
namespace {

absl::Status Malformed(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text,
                   "\" is no address of Redis: write unix:/path, host:port, or "
                   "sentinel:NAME@host:port,host:port"));
}

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port == 0 || port > 65535) {
    return Malformed(text);
  }
  return HostPort{std::string(text.substr(0, colon)), static_cast<uint16_t>(port)};
}

}  // namespace

absl::StatusOr<Address> Address::Parse(absl::string_view text) {
  Address address;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (!absl::StartsWith(rest, "/")) return Malformed(text);
    address.socket = std::string(rest);
    return address;
  }
  if (absl::ConsumePrefix(&rest, "sentinel:")) {
    const std::vector<absl::string_view> parts = absl::StrSplit(rest, '@');
    if (parts.size() != 2 || parts[0].empty()) return Malformed(text);
    address.master = std::string(parts[0]);
    for (const absl::string_view part : absl::StrSplit(parts[1], ',')) {
      ASSIGN_OR_RETURN(HostPort sentinel, ParseHostPort(part));
      address.sentinels.push_back(std::move(sentinel));
    }
    return address;
  }
  ASSIGN_OR_RETURN(address.server, ParseHostPort(text));
  return address;
}

}  // namespace mostove::redis
