#include "libs/h2/address.h"

#include <sys/un.h>

#include <boost/asio/local/stream_protocol.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace mostove::h2 {

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const auto malformed = [text] {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no address; write unix:PATH or ADDRESS:PORT"));
  };
  Address address;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    absl::ConsumePrefix(&rest, "//");
    if (rest.empty() || rest.size() >= sizeof(sockaddr_un::sun_path)) return malformed();
    address.path = std::string(rest);
    return address;
  }
  absl::ConsumePrefix(&rest, "dns:///");
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return malformed();
  absl::string_view host = rest.substr(0, colon);
  int port = 0;
  if (!absl::SimpleAtoi(rest.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return malformed();
  }
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) return malformed();
  if (host.empty()) return malformed();
  address.host = std::string(host);
  address.port = static_cast<uint16_t>(port);
  return address;
}

std::string Address::Authority() const {
  if (!path.empty()) return "localhost";
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

std::optional<SocketAddress> Address::ToSocketAddress() const {
  if (!path.empty()) {
    return SocketAddress(boost::asio::local::stream_protocol::endpoint(path));
  }
  boost::system::error_code error;
  const auto numeric = boost::asio::ip::make_address(host, error);
  if (error) return std::nullopt;
  return h2::ToSocketAddress({numeric, port});
}

SocketAddress ToSocketAddress(const boost::asio::ip::tcp::endpoint& endpoint) {
  return SocketAddress(endpoint);
}

}  // namespace mostove::h2
