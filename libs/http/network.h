// Who counts as one peer when connections and requests are limited.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>

#include "absl/strings/string_view.h"

namespace mostove::http {

// An IPv4 address ("203.0.113.7", also of a peer that a dual-stack socket calls
// ::ffff:203.0.113.7), or an IPv6 /64 network ("2001:db8:1:2::/64"), within which a
// host, a household or an office chooses freely.
std::string NetworkOf(const boost::asio::ip::address& address);

// Of an address in text; what is none is its own network.
std::string NetworkOf(absl::string_view address);

}  // namespace mostove::http
