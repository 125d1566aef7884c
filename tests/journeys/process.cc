#include "tests/journeys/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

extern char** environ;

namespace mostove::journeys {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(60);

pid_t Spawn(const std::vector<std::string>& command, const std::filesystem::path& output,
            const std::filesystem::path& errors) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&files, 2, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t process = -1;
  if (posix_spawn(&process, arguments[0], &files, nullptr, arguments.data(), environ) != 0) {
    process = -1;
  }
  posix_spawn_file_actions_destroy(&files);
  return process;
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

// The text members of the line that says "ready"; empty if there is none yet.
std::map<std::string, std::string> ReadyLine(const std::string& log) {
  std::map<std::string, std::string> members;
  const size_t ready = log.find("\"event\":\"ready\"");
  if (ready == std::string::npos || log.find('\n', ready) == std::string::npos) return members;
  const size_t begin = log.rfind('\n', ready) + 1;
  google::protobuf::Struct line;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      log.substr(begin, log.find('\n', ready) - begin), &line);
  if (!parsed.ok()) return members;
  for (const auto& [name, value] : line.fields()) members[name] = value.string_value();
  return members;
}

}  // namespace

std::filesystem::path Programs() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin";
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::StatusOr<std::unique_ptr<Process>> Process::Start(const std::string& program,
                                                        const std::vector<std::string>& arguments,
                                                        const std::filesystem::path& log) {
  std::vector<std::string> command = {(Programs() / program).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const pid_t pid = Spawn(command, "/dev/null", log);
  if (pid < 0) return absl::InternalError(absl::StrCat(program, " cannot be started"));
  return std::unique_ptr<Process>(new Process(pid, program, log));
}

absl::StatusOr<std::map<std::string, std::string>> Process::AwaitReady() {
  const absl::Time deadline = absl::Now() + kStartTime;
  while (absl::Now() < deadline) {
    auto members = ReadyLine(ReadFile(log_));
    if (!members.empty()) return members;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return absl::InternalError(absl::StrCat(program_, " ended: ", ReadFile(log_)));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::DeadlineExceededError(absl::StrCat(program_, " is not ready: ", ReadFile(log_)));
}

void Process::Kill() {
  if (!runs()) return;
  kill(pid_, SIGKILL);
  Await();
}

void Process::AskToEnd() {
  if (runs()) kill(pid_, SIGTERM);
}

int Process::Await() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return ExitCode(status);
}

Finished RunCommand(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  const std::filesystem::path output = folder / "command-out";
  const std::filesystem::path errors = folder / "command-errors";
  const pid_t process = Spawn(command, output, errors);
  int status = 0;
  if (process < 0 || waitpid(process, &status, 0) != process) return {-1, "", "cannot be started"};
  const std::string text = ReadFile(output);
  return {ExitCode(status), text, text + ReadFile(errors)};
}

}  // namespace mostove::journeys
