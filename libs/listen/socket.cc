#include "libs/listen/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/http/endpoint.h"
#include "libs/listen/unix_socket.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::listen {
namespace {

// Any address, and how much of it counts.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  template <class Kind>
  Kind& As() {
    return reinterpret_cast<Kind&>(storage);
  }
};

SocketAddress UnixAddress(absl::string_view path) {
  SocketAddress address;
  auto& named = address.As<sockaddr_un>();
  named.sun_family = AF_UNIX;
  std::memcpy(named.sun_path, path.data(), path.size());
  address.length = sizeof(named);
  return address;
}

SocketAddress InternetAddress(const http::Endpoint& endpoint) {
  SocketAddress address;
  if (absl::StrContains(endpoint.address, ":")) {
    auto& six = address.As<sockaddr_in6>();
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(endpoint.port);
    inet_pton(AF_INET6, endpoint.address.c_str(), &six.sin6_addr);
    address.length = sizeof(six);
  } else {
    auto& four = address.As<sockaddr_in>();
    four.sin_family = AF_INET;
    four.sin_port = htons(endpoint.port);
    inet_pton(AF_INET, endpoint.address.c_str(), &four.sin_addr);
    address.length = sizeof(four);
  }
  return address;
}

absl::StatusOr<SocketAddress> ReadAddress(absl::string_view text) {
  absl::string_view path = text;
  if (!absl::ConsumePrefix(&path, "unix:")) {
    ASSIGN_OR_RETURN(const http::Endpoint endpoint, http::ParseEndpoint(text));
    return InternetAddress(endpoint);
  }
  RETURN_IF_ERROR(RemoveDeadSocket(text));  // checks the length, too
  absl::ConsumePrefix(&path, "//");
  return UnixAddress(path);
}

absl::Status CannotListen(absl::string_view address) {
  return status::Make(absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
                      absl::StrCat("cannot listen on ", address, ": ", std::strerror(errno),
                                   "; choose another address"));
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (fd_ >= 0) close(fd_);
  fd_ = other.Release();
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<Socket> Socket::Duplicate() const {
  const int fd = fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a socket cannot be duplicated: ", std::strerror(errno)));
  }
  return Socket(fd);
}

std::string Socket::Address() const {
  SocketAddress address;
  if (getsockname(fd_, address.get(), &address.length) != 0) return "";
  char text[INET6_ADDRSTRLEN] = "";
  switch (address.storage.ss_family) {
    case AF_UNIX:
      return absl::StrCat("unix:", address.As<sockaddr_un>().sun_path);
    case AF_INET:
      inet_ntop(AF_INET, &address.As<sockaddr_in>().sin_addr, text, sizeof(text));
      return absl::StrCat(text, ":", ntohs(address.As<sockaddr_in>().sin_port));
    case AF_INET6:
      inet_ntop(AF_INET6, &address.As<sockaddr_in6>().sin6_addr, text, sizeof(text));
      return absl::StrCat("[", text, "]:", ntohs(address.As<sockaddr_in6>().sin6_port));
    default:
      return "";
  }
}

absl::StatusOr<Socket> Open(absl::string_view text) {
  ASSIGN_OR_RETURN(SocketAddress address, ReadAddress(text));
  const int family = address.storage.ss_family;
  Socket opened(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (opened.fd() < 0) return CannotListen(text);
  const int on = 1;
  if (family != AF_UNIX) {
    setsockopt(opened.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  }
  const PrivateFiles files;
  if (bind(opened.fd(), address.get(), address.length) != 0 ||
      ::listen(opened.fd(), SOMAXCONN) != 0) {
    return CannotListen(text);
  }
  return opened;
}

}  // namespace mostove::listen
