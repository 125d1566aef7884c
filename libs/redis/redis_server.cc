#include "libs/redis/redis_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/redis/connection.h"
#include "libs/status/macros.h"

namespace mostove::redis {
namespace {

// The whole server; it is what its first argument says.
constexpr char kProgram[] = "/usr/bin/redis-check-rdb";
constexpr absl::Duration kStartLimit = absl::Seconds(30);

}  // namespace

pid_t SpawnRedis(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execv(kProgram, arguments.data());
  _exit(127);
}

void EndProcess(pid_t& process) {
  if (process <= 0) return;
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
  process = -1;
}

absl::StatusOr<std::unique_ptr<RedisServer>> RedisServer::Start(std::vector<std::string> options) {
  ASSIGN_OR_RETURN(testing::TemporaryFolder folder, testing::TemporaryFolder::Make("redis"));
  std::unique_ptr<RedisServer> server(new RedisServer(std::move(folder), std::move(options)));
  RETURN_IF_ERROR(server->Restart());
  return server;
}

RedisServer::~RedisServer() { Kill(); }

std::string RedisServer::address() const {
  return absl::StrCat("unix:", (folder_.path() / "redis.sock").string());
}

void RedisServer::Pause() { kill(server_, SIGSTOP); }
void RedisServer::Resume() { kill(server_, SIGCONT); }
void RedisServer::Kill() { EndProcess(server_); }

absl::Status RedisServer::Restart() {
  Kill();
  std::vector<std::string> command = {"redis-server",
                                      "--port",
                                      "0",
                                      "--unixsocket",
                                      (folder_.path() / "redis.sock").string(),
                                      "--save",
                                      "",
                                      "--dir",
                                      folder_.path().string()};
  command.insert(command.end(), options_.begin(), options_.end());
  server_ = SpawnRedis(command, (folder_.path() / "redis.log").string());
  ASSIGN_OR_RETURN(const Address at, Address::Parse(address()));
  const absl::Time limit = absl::Now() + kStartLimit;
  while (absl::Now() < limit) {
    auto connection = Connection::Open(at, limit);
    if (connection.ok() && (*connection)->Do({"PING"}, limit).ok()) return absl::OkStatus();
    if (waitpid(server_, nullptr, WNOHANG) == server_) {
      server_ = -1;
      return absl::InternalError("the Redis server did not start: apt-get install redis-tools");
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::InternalError("the Redis server does not answer");
}

}  // namespace mostove::redis
