// The listening sockets of a program, which may outlive it: its successor gets
// them and no connection is refused between the two.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/listen/socket.h"

namespace mostove::listen {

// For one thread.
class Sockets {
 public:
  // Takes those that the program was started with, by systemd's protocol
  // (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES), and removes the variables. Once.
  static Sockets Inherited();

  // A descriptor for a server, which closes it: of the inherited socket of this
  // name ("http"), else of a new one that is opened. Connections are taken in
  // while this object lives, also when the server has gone. FAILED_PRECONDITION
  // if the inherited one listens elsewhere: what is private stays private.
  absl::StatusOr<Socket> Listen(const std::string& name, absl::string_view address);

  // Starts the program with the same words and these sockets; both listen then.
  // Gives the number of the process.
  absl::StatusOr<pid_t> StartCopy(const std::vector<std::string>& command) const;
  // The same in place of this process, which keeps its number; returns only if
  // that fails.
  absl::Status BecomeCopy(const std::vector<std::string>& command) const;

  // Of names that nobody asked for.
  std::vector<std::string> Unused() const;
  void Close() { held_.clear(); }

 private:
  class Successor;
  struct Held {
    Socket socket;
    bool used = false;
  };
  std::map<std::string, Held> held_;  // by name
};

}  // namespace mostove::listen
