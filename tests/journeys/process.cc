#include "tests/journeys/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
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

// The first whole line of this event; empty if there is none yet.
google::protobuf::Struct LineOf(const std::string& log, const std::string& event) {
  google::protobuf::Struct line;
  const size_t at = log.find(absl::StrCat("\"event\":\"", event, "\""));
  if (at == std::string::npos || log.find('\n', at) == std::string::npos) return line;
  const size_t begin = log.rfind('\n', at) + 1;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      log.substr(begin, log.find('\n', at) - begin), &line);
  if (!parsed.ok()) line.Clear();
  return line;
}

// The text members of the line that says "ready"; empty if there is none yet.
std::map<std::string, std::string> ReadyLine(const std::string& log) {
  std::map<std::string, std::string> members;
  const auto line = LineOf(log, "ready");
  for (const auto& [name, value] : line.fields()) {
    members[name] = value.string_value();
  }
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

absl::Status Process::Renew() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // the copy is a child of a child
  const size_t before = ReadFile(log_).size();
  kill(pid_, SIGUSR2);
  const absl::Time deadline = absl::Now() + kStartTime;
  std::string log;
  while (ReadyLine(log).empty()) {
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat(program_, " has no copy: ", log));
    }
    absl::SleepFor(absl::Milliseconds(10));
    log = ReadFile(log_).substr(before);
  }
  const auto started = LineOf(log, "copy_started");
  const auto copy = started.fields().find("pid");
  if (copy == started.fields().end()) return absl::OkStatus();  // it became its copy
  AskToEnd();
  if (const int code = Await(); code != 0) {
    return absl::InternalError(absl::StrCat(program_, " ended with ", code));
  }
  pid_ = static_cast<pid_t>(copy->second.number_value());
  return absl::OkStatus();
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
