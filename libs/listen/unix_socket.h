// Unix sockets that a server makes.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mostove::listen {

// Does nothing for addresses that are not "unix:PATH". Removes a socket on which
// nobody listens, as a program that was killed leaves it. FAILED_PRECONDITION if
// a program listens there, or if the file is no socket.
absl::Status RemoveDeadSocket(absl::string_view address);

// Files and sockets that the process makes meanwhile are for its user only.
class PrivateFiles {
 public:
  PrivateFiles() : before_(umask(0177)) {}
  ~PrivateFiles() { umask(before_); }
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;

 private:
  const mode_t before_;
};

}  // namespace mostove::listen
