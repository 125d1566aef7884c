#include "libs/listen/sockets.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/http/endpoint.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

extern char** environ;

namespace mostove::listen {
namespace {

constexpr int kFirst = 3;  // of the descriptors that are handed over
constexpr char kPid[] = "LISTEN_PID", kFds[] = "LISTEN_FDS", kNames[] = "LISTEN_FDNAMES";

int NumberOf(const char* variable) {
  const char* text = std::getenv(variable);
  int number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : 0;
}

}  // namespace

// What a new program needs, ready before the fork: afterwards nothing may ask
// for memory.
class Sockets::Successor {
 public:
  Successor(const std::vector<std::string>& command, const std::map<std::string, Held>& sockets)
      : command_(command) {
    std::string names;
    for (const auto& [name, held] : sockets) {
      fds_.push_back(held.socket.fd());
      absl::StrAppend(&names, names.empty() ? "" : ":", name);
    }
    for (char** variable = environ; *variable != nullptr; ++variable) {
      environment_.emplace_back(*variable);
    }
    environment_.push_back(absl::StrCat(kFds, "=", fds_.size()));
    environment_.push_back(absl::StrCat(kNames, "=", names));
    environment_.push_back(absl::StrCat(kPid, "=0000000000"));
    for (std::string& word : command_) words_.push_back(word.data());
    for (std::string& variable : environment_) variables_.push_back(variable.data());
    words_.push_back(nullptr);
    variables_.push_back(nullptr);
  }

  // Returns only if it fails.
  void Exec() {
    char* digit = environment_.back().data() + environment_.back().size();
    pid_t pid = getpid();
    for (int i = 0; i < 10; ++i, pid /= 10) *--digit = static_cast<char>('0' + pid % 10);
    const int above = kFirst + static_cast<int>(fds_.size());
    for (int& fd : fds_) fd = fcntl(fd, F_DUPFD, above);
    for (size_t i = 0; i < fds_.size(); ++i) dup2(fds_[i], kFirst + static_cast<int>(i));
    // Connections too: a peer would wait for the end of one that nobody reads.
    close_range(above, ~0U, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    alarm(0);
    execvpe(words_[0], words_.data(), variables_.data());
  }

 private:
  std::vector<std::string> command_;
  std::vector<int> fds_;
  std::vector<std::string> environment_;
  std::vector<char*> words_, variables_;
};

namespace {

// The same but for a port that was left open.
bool IsMeant(const std::string& listens, absl::string_view wanted) {
  if (absl::StartsWith(wanted, "unix:")) return listens == wanted;
  const auto real = http::ParseEndpoint(listens), meant = http::ParseEndpoint(wanted);
  return real.ok() && meant.ok() && real->address == meant->address &&
         (meant->port == 0 || real->port == meant->port);
}

}  // namespace

Sockets Sockets::Inherited() {
  Sockets sockets;
  const int count = NumberOf(kPid) == getpid() ? NumberOf(kFds) : 0;
  const char* given = std::getenv(kNames);
  const std::vector<std::string> names = absl::StrSplit(given == nullptr ? "" : given, ':');
  for (int i = 0; i < count; ++i) {
    const int fd = kFirst + i;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    const std::string name = i < static_cast<int>(names.size()) ? names[i] : "unknown";
    sockets.held_[name].socket = Socket(fd);
  }
  for (const char* variable : {kPid, kFds, kNames}) unsetenv(variable);
  return sockets;
}

absl::StatusOr<Socket> Sockets::Listen(const std::string& name, absl::string_view address) {
  Held& held = held_[name];
  if (held.socket.fd() < 0) {
    auto opened = Open(address);
    if (!opened.ok()) {
      held_.erase(name);
      return opened.status();
    }
    held.socket = *std::move(opened);
  } else if (const std::string listens = held.socket.Address(); !IsMeant(listens, address)) {
    return status::Precondition(
        "OTHER_ADDRESS",
        absl::StrCat("the socket that was handed over as \"", name, "\" listens on ", listens,
                     ", and the setting says ", address, "; make them the same"));
  }
  held.used = true;
  return held.socket.Duplicate();
}

absl::StatusOr<pid_t> Sockets::StartCopy(const std::vector<std::string>& command) const {
  Successor successor(command, held_);
  const pid_t process = fork();
  if (process == 0) {
    successor.Exec();
    _exit(127);
  }
  if (process < 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a copy cannot be started: ", std::strerror(errno)));
  }
  return process;
}

absl::Status Sockets::BecomeCopy(const std::vector<std::string>& command) const {
  Successor(command, held_).Exec();
  return absl::InternalError(
      absl::StrCat(command.front(), " cannot be started: ", std::strerror(errno)));
}

std::vector<std::string> Sockets::Unused() const {
  std::vector<std::string> names;
  for (const auto& [name, held] : held_) {
    if (!held.used) names.push_back(name);
  }
  return names;
}

}  // namespace mostove::listen
