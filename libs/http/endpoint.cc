#include "libs/http/endpoint.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::http {
namespace {

absl::Status NotAnEndpoint(absl::string_view text) {
  return status::Make(
      absl::StatusCode::kInvalidArgument, "BAD_ADDRESS",
      absl::StrCat("\"", text,
                   "\" is no address to listen on; write 127.0.0.1:8080 or [::1]:8080"));
}

}  // namespace

std::string Endpoint::ToString() const {
  if (absl::StrContains(address, ":")) return absl::StrCat("[", address, "]:", port);
  return absl::StrCat(address, ":", port);
}

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return NotAnEndpoint(text);
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port_text = text.substr(colon + 1);
  uint32_t port = 0;
  const bool digits = std::all_of(port_text.begin(), port_text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  if (!digits || !absl::SimpleAtoi(port_text, &port) || port > 65535) {
    return NotAnEndpoint(text);
  }
  const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return NotAnEndpoint(text);
  return Endpoint{address.to_string(), static_cast<uint16_t>(port), address.is_loopback()};
}

}  // namespace mostove::http
