#include "tests/journeys/system.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "libs/status/macros.h"

extern char** environ;

namespace mostove::journeys {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(60);

// Programs of the build that this test is part of: build/PRESET/{bin,tests}.
std::filesystem::path Programs() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin";
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

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

// The value of a text member in a log line.
std::string Member(const std::string& line, const std::string& name) {
  const std::string key = absl::StrCat("\"", name, "\":\"");
  const size_t begin = line.find(key);
  if (begin == std::string::npos) return "";
  const size_t start = begin + key.size();
  return line.substr(start, line.find('"', start) - start);
}

}  // namespace

absl::StatusOr<std::unique_ptr<System>> System::Start() {
  std::unique_ptr<System> system(new System());
  std::string pattern =
      (std::filesystem::temp_directory_path() / "mostove-journey-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return absl::InternalError("no temporary folder");
  system->folder_ = pattern;
  RETURN_IF_ERROR(system->Launch());
  return system;
}

System::~System() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

absl::Status System::Launch() {
  const std::filesystem::path log = folder_ / "log";
  process_ = Spawn({(Programs() / "mostove-all").string(), "--http", "127.0.0.1:0", "--grpc",
                    "127.0.0.1:0", "--data", (folder_ / "data").string()},
                   folder_ / "out", log);
  if (process_ < 0) return absl::InternalError("mostove-all cannot be started");
  const absl::Time deadline = absl::Now() + kStartTime;
  while (absl::Now() < deadline) {
    const std::string text = ReadFile(log);
    const size_t ready = text.find("\"event\":\"ready\"");
    if (ready != std::string::npos && text.find('\n', ready) != std::string::npos) {
      const size_t begin = text.rfind('\n', ready) + 1;
      const std::string line = text.substr(begin, text.find('\n', ready) - begin);
      http_address_ = Member(line, "http");
      grpc_address_ = Member(line, "grpc");
      return absl::OkStatus();
    }
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return absl::InternalError(absl::StrCat("mostove-all ended: ", text));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::DeadlineExceededError(absl::StrCat("not ready: ", ReadFile(log)));
}

void System::Kill() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

int System::Stop() {
  kill(process_, SIGTERM);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return ExitCode(status);
}

absl::Status System::Restart() {
  Kill();
  return Launch();
}

std::unique_ptr<http::Client> System::NewClient() const {
  const auto address = http::ParseServerAddress(http_address_);
  EXPECT_TRUE(address.ok());
  return std::make_unique<http::Client>(*address);
}

System::Finished System::RunCli(const std::vector<std::string>& arguments) const {
  const std::filesystem::path output = folder_ / "cli-out";
  const std::filesystem::path errors = folder_ / "cli-errors";
  std::vector<std::string> command = {"/usr/bin/env",
                                      absl::StrCat("MOSTOVE_ADDRESS=http://", http_address_),
                                      "LC_ALL=C.UTF-8", (Programs() / "mostove").string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const pid_t process = Spawn(command, output, errors);
  int status = 0;
  if (process < 0 || waitpid(process, &status, 0) != process) return {-1, "", "cannot be started"};
  const std::string text = ReadFile(output);
  return {ExitCode(status), text, text + ReadFile(errors)};
}

http::ClientResponse Ask(http::Client& client, const std::string& method, const std::string& target,
                         const std::string& body, const http::HeaderList& headers) {
  http::ClientRequest request{method, target, headers, body};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  auto response = client.Send(request);
  EXPECT_TRUE(response.ok()) << method << " " << target << ": " << response.status();
  return response.ok() ? *std::move(response) : http::ClientResponse();
}

void Parse(const http::ClientResponse& response, google::protobuf::Message& message) {
  EXPECT_EQ(response.status, 200) << response.body;
  const auto parsed = google::protobuf::util::JsonStringToMessage(response.body, &message);
  EXPECT_TRUE(parsed.ok()) << parsed.ToString() << "\n" << response.body;
}

Problem AsProblem(const http::ClientResponse& response) {
  EXPECT_TRUE(absl::StartsWith(response.Header("Content-Type"), "application/problem+json"))
      << response.status << " " << response.body;
  google::protobuf::Struct document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(response.body, &document);
  EXPECT_TRUE(parsed.ok()) << response.body;
  auto& members = *document.mutable_fields();
  Problem problem;
  problem.status = static_cast<int>(members["status"].number_value());
  problem.code = members["code"].string_value();
  problem.reason = members["reason"].string_value();
  problem.detail = members["detail"].string_value();
  for (const auto& violation : members["fieldViolations"].list_value().values()) {
    problem.fields.push_back(violation.struct_value().fields().at("field").string_value());
  }
  EXPECT_EQ(problem.status, response.status);
  return problem;
}

}  // namespace mostove::journeys
