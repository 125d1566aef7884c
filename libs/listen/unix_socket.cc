#include "libs/listen/unix_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace mostove::listen {
namespace {

bool SomebodyListens(const sockaddr_un& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return true;  // nothing is removed that is not known to be dead
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const bool refused = result != 0 && errno == ECONNREFUSED;
  close(fd);
  return !refused;
}

}  // namespace

absl::Status RemoveDeadSocket(absl::string_view address) {
  if (!absl::ConsumePrefix(&address, "unix:")) return absl::OkStatus();
  absl::ConsumePrefix(&address, "//");
  const std::string path(address);
  sockaddr_un socket_address = {.sun_family = AF_UNIX};
  if (path.size() >= sizeof(socket_address.sun_path)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the socket's path ", path, " is too long; the system takes ",
                     sizeof(socket_address.sun_path) - 1, " bytes"));
  }
  std::memcpy(socket_address.sun_path, path.c_str(), path.size() + 1);
  struct stat file;
  if (lstat(path.c_str(), &file) != 0) return absl::OkStatus();
  if (!S_ISSOCK(file.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " exists and is no socket"));
  }
  if (SomebodyListens(socket_address)) {
    return absl::FailedPreconditionError(
        absl::StrCat("another program listens on the socket ", path));
  }
  unlink(path.c_str());
  return absl::OkStatus();
}

}  // namespace mostove::listen
