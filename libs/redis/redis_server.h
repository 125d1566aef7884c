// A Redis server of a test: on a Unix socket, without a disk, for as long as the
// object lives.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/testing/temporary_folder.h"

namespace mostove::redis {

class RedisServer {
 public:
  // Answers when it returns. An error names the package that is missing.
  static absl::StatusOr<std::unique_ptr<RedisServer>> Start(std::vector<std::string> options = {});
  ~RedisServer();

  // "unix:/path", for Address::Parse.
  std::string address() const;
  std::filesystem::path folder() const { return folder_.path(); }
  void Pause();  // SIGSTOP
  void Resume();
  void Kill();
  absl::Status Restart();

 private:
  RedisServer(testing::TemporaryFolder folder, std::vector<std::string> options)
      : folder_(std::move(folder)), options_(std::move(options)) {}

  const testing::TemporaryFolder folder_;
  const std::vector<std::string> options_;
  pid_t server_ = -1;
};

// "redis-server" with its arguments, and its output in `log`; dies with us.
pid_t SpawnRedis(const std::vector<std::string>& command, const std::string& log);
void EndProcess(pid_t& process);

}  // namespace mostove::redis
