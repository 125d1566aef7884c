// Where a peer is or a server listens.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::h2 {

using SocketAddress = boost::asio::generic::stream_protocol::endpoint;

struct Address {
  std::string path;  // of a Unix socket; else empty
  std::string host;
  uint16_t port = 0;

  // "127.0.0.1:9090"; "localhost" for a Unix socket.
  std::string Authority() const;
  // Nothing when the host is a name that is to be looked up.
  std::optional<SocketAddress> ToSocketAddress() const;
};

// "unix:PATH", "ADDRESS:PORT", "[ADDRESS]:PORT", "NAME:PORT", "dns:///NAME:PORT".
// INVALID_ARGUMENT for other texts and for paths that are too long.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

SocketAddress ToSocketAddress(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace mostove::h2
