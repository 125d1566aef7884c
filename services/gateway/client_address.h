// From where a request comes, when an edge may stand between.
#pragma once

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/http/request.h"

namespace mostove::gateway {

// The proxies whose word counts. Immutable, thread-safe.
class TrustedEdges {
 public:
  // "127.0.0.1, 10.1.0.0/16, fd00::/8"; "" trusts nobody.
  explicit TrustedEdges(absl::string_view networks = "");
  // What is wrong with such a text, as settings say it; "" if nothing is.
  static std::string Check(const std::string& networks);

  // The peer; behind a trusted one the last address of X-Forwarded-For, which that one has written:
  // one hop, whatever the client has put before it.
  std::string ClientAddress(absl::string_view peer, absl::string_view forwarded_for) const;
  std::string ClientAddress(const http::Request& request) const;

 private:
  bool Trusts(absl::string_view address) const;

  std::vector<boost::asio::ip::network_v4> networks_v4_;
  std::vector<boost::asio::ip::network_v6> networks_v6_;
};

}  // namespace mostove::gateway
