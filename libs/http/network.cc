#include "libs/http/network.h"

#include <boost/asio/ip/network_v6.hpp>

namespace mostove::http {

namespace ip = boost::asio::ip;

std::string NetworkOf(const ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  return ip::network_v6(v6, 64).canonical().to_string();
}

std::string NetworkOf(absl::string_view address) {
  boost::system::error_code error;
  const ip::address parsed = ip::make_address(std::string(address), error);
  return error ? std::string(address) : NetworkOf(parsed);
}

}  // namespace mostove::http
