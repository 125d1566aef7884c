#include "services/gateway/client_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace mostove::gateway {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

// What a dual-stack socket calls an IPv4 peer is that peer.
ip::address Plain(const ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

ip::address Parse(absl::string_view text, error_code& error) {
  return Plain(ip::make_address(std::string(text), error));
}

std::vector<std::string> Split(absl::string_view networks) {
  std::vector<std::string> all;
  for (const absl::string_view network : absl::StrSplit(networks, ',')) {
    const absl::string_view bare = absl::StripAsciiWhitespace(network);
    if (!bare.empty()) all.emplace_back(bare);
  }
  return all;
}

bool ReadNetwork(const std::string& text, std::vector<ip::network_v4>* v4,
                 std::vector<ip::network_v6>* v6) {
  error_code error;
  const bool has_length = text.find('/') != std::string::npos;
  const ip::network_v4 network4 =
      ip::make_network_v4(has_length ? text : absl::StrCat(text, "/32"), error);
  if (!error) {
    v4->push_back(network4);
    return true;
  }
  const ip::network_v6 network6 =
      ip::make_network_v6(has_length ? text : absl::StrCat(text, "/128"), error);
  if (!error) v6->push_back(network6);
  return !error;
}

}  // namespace

TrustedEdges::TrustedEdges(absl::string_view networks) {
  for (const std::string& network : Split(networks)) {
    ReadNetwork(network, &networks_v4_, &networks_v6_);
  }
}

std::string TrustedEdges::Check(const std::string& networks) {
  for (const std::string& network : Split(networks)) {
    std::vector<ip::network_v4> v4;
    std::vector<ip::network_v6> v6;
    if (!ReadNetwork(network, &v4, &v6)) {
      return "addresses and networks with commas between them, such as 127.0.0.1, 10.1.0.0/16";
    }
  }
  return "";
}

bool TrustedEdges::Trusts(absl::string_view address) const {
  error_code error;
  const ip::address peer = Parse(address, error);
  if (error) return false;
  if (peer.is_v4()) {
    return std::any_of(networks_v4_.begin(), networks_v4_.end(), [&](const auto& network) {
      return network.canonical() ==
             ip::network_v4(peer.to_v4(), network.prefix_length()).canonical();
    });
  }
  return std::any_of(networks_v6_.begin(), networks_v6_.end(), [&](const auto& network) {
    return network.canonical() == ip::network_v6(peer.to_v6(), network.prefix_length()).canonical();
  });
}

std::string TrustedEdges::ClientAddress(absl::string_view peer,
                                        absl::string_view forwarded_for) const {
  if ((networks_v4_.empty() && networks_v6_.empty()) || !Trusts(peer)) return std::string(peer);
  const absl::string_view last =
      absl::StripAsciiWhitespace(forwarded_for.substr(forwarded_for.rfind(',') + 1));
  error_code error;
  const ip::address client = Parse(last, error);
  return error ? std::string(peer) : client.to_string();
}

std::string TrustedEdges::ClientAddress(const http::Request& request) const {
  absl::string_view last;
  for (const http::Field& field : request.headers.fields()) {
    if (absl::EqualsIgnoreCase(field.name, "X-Forwarded-For")) last = field.value;
  }
  return ClientAddress(request.remote_address, last);
}

}  // namespace mostove::gateway
