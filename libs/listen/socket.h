// Listening sockets.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::listen {

// Closed when it is destroyed.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  int fd() const { return fd_; }  // -1: none
  int Release() { return std::exchange(fd_, -1); }
  // Another descriptor of the same socket: it listens until both are closed.
  absl::StatusOr<Socket> Duplicate() const;
  // Where it listens: "127.0.0.1:41234", "[::1]:8080", "unix:/run/x.sock".
  std::string Address() const;

 private:
  int fd_ = -1;
};

// Listens on "127.0.0.1:8080", "[::1]:8080" (port 0: any free one) or
// "unix:PATH": a socket for this user only, in place of one that a dead program
// left behind. Non-blocking, not inherited by other programs. UNAVAILABLE when
// the address cannot be had, INVALID_ARGUMENT and FAILED_PRECONDITION when it
// makes no sense.
absl::StatusOr<Socket> Open(absl::string_view address);

}  // namespace mostove::listen
