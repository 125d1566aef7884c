// One program of the build, run by a test.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace mostove::journeys {

// Programs of the build that this test is part of: build/PRESET/{bin,tests}.
std::filesystem::path Programs();
std::string ReadFile(const std::filesystem::path& path);

class Process {
 public:
  // Starts bin/PROGRAM; its error output, which is its log, goes to `log`.
  static absl::StatusOr<std::unique_ptr<Process>> Start(const std::string& program,
                                                        const std::vector<std::string>& arguments,
                                                        const std::filesystem::path& log);
  ~Process() { Kill(); }

  // Returns when it has logged "ready"; gives that line's text members.
  absl::StatusOr<std::map<std::string, std::string>> AwaitReady();
  void Kill();  // SIGKILL, as a power cut would
  void AskToEnd();
  // Has it start anew on its sockets (SIGUSR2): returns when the copy is ready and
  // has taken the place of the old process, which ended well.
  absl::Status Renew();
  int Await();  // its exit code
  bool runs() const { return pid_ > 0; }

 private:
  Process(pid_t pid, std::string program, std::filesystem::path log)
      : pid_(pid), program_(std::move(program)), log_(std::move(log)) {}

  pid_t pid_;
  const std::string program_;
  const std::filesystem::path log_;
};

struct Finished {
  int exit_code = 0;
  std::string output;  // standard output
  std::string report;  // standard output and error
};

// Runs a command to its end; its output passes through files in `folder`.
Finished RunCommand(const std::vector<std::string>& command, const std::filesystem::path& folder);

}  // namespace mostove::journeys
