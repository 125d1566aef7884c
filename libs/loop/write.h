// Writing to a socket that does not block.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <cstddef>

#include "absl/strings/string_view.h"

namespace mostove::loop {

inline bool WouldBlock(const boost::system::error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

enum class Written {
  kAll,
  kPart,  // the rest when it is writable
  kLost,  // the peer is gone
};

// Writes what the socket takes of `bytes` behind `sent`, which moves on.
template <class Socket>
Written Write(Socket& socket, absl::string_view bytes, size_t& sent) {
  while (sent < bytes.size()) {
    boost::system::error_code error;
    sent += socket.write_some(boost::asio::buffer(bytes.data() + sent, bytes.size() - sent), error);
    if (WouldBlock(error)) return Written::kPart;
    if (error) return Written::kLost;
  }
  return Written::kAll;
}

}  // namespace mostove::loop
