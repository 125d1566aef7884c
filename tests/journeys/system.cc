#include "tests/journeys/system.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "libs/service/directory.h"
#include "libs/status/macros.h"

namespace mostove::journeys {
namespace {

constexpr absl::Duration kReadyTime = absl::Seconds(60);
constexpr char kAll[] = "mostove-all";
constexpr char kGateway[] = "mostove-gateway";

std::string ProgramOf(const std::string& service) { return absl::StrCat("mostove-", service); }

}  // namespace

absl::StatusOr<std::unique_ptr<System>> System::Start(Home home) {
  ASSIGN_OR_RETURN(auto folder, testing::TemporaryFolder::Make("journey"));
  std::unique_ptr<System> system(new System(home, std::move(folder)));
  if (home == Home::kSeparate) {
    for (const service::DirectoryEntry& entry : service::Directory()) {
      ASSIGN_OR_RETURN(system->databases_[entry.name],
                       testing::FreshDatabase::Make(sql::Engine::kPostgres));
    }
  }
  RETURN_IF_ERROR(system->LaunchAll());
  return system;
}

std::vector<std::string> System::ArgumentsOf(const std::string& program) const {
  const std::vector<std::string> front = {"--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"};
  std::vector<std::string> arguments;
  if (program == kAll || program == kGateway) arguments = front;
  if (program == kAll) {
    arguments.insert(arguments.end(), {"--data", (folder() / "data").string()});
    return arguments;
  }
  for (const service::DirectoryEntry& entry : service::Directory()) {
    const std::string socket = absl::StrCat("unix:", folder().string(), "/", entry.name, ".sock");
    if (ProgramOf(entry.name) == program) {
      arguments.insert(arguments.end(),
                       {"--address", socket, "--database", databases_.at(entry.name)->url()});
    } else {
      arguments.insert(arguments.end(), {absl::StrCat("--services-", entry.name), socket});
    }
  }
  return arguments;
}

absl::Status System::Launch(const std::string& program) {
  processes_.erase(program);
  ASSIGN_OR_RETURN(processes_[program],
                   Process::Start(program, ArgumentsOf(program), folder() / (program + ".log")));
  return absl::OkStatus();
}

// The gateway first: nothing may depend on the order.
absl::Status System::LaunchAll() {
  const std::string front = home_ == Home::kSeparate ? kGateway : kAll;
  RETURN_IF_ERROR(Launch(front));
  for (const auto& [service, database] : databases_) RETURN_IF_ERROR(Launch(ProgramOf(service)));
  ASSIGN_OR_RETURN(auto ready, process(front).AwaitReady());
  http_address_ = ready["http"];
  grpc_address_ = ready["grpc"];
  for (const auto& [service, database] : databases_) {
    RETURN_IF_ERROR(process(ProgramOf(service)).AwaitReady().status());
  }
  return AwaitGateway();
}

// Its services are there, but it may not have connected to all of them.
absl::Status System::AwaitGateway() const {
  const auto client = NewClient();
  const absl::Time deadline = absl::Now() + kReadyTime;
  while (absl::Now() < deadline) {
    const auto response = client->Send({"GET", "/readyz", {}, ""});
    if (response.ok() && response->status == 200) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::DeadlineExceededError("the gateway is not ready");
}

void System::Kill() {
  for (const auto& [program, process] : processes_) process->Kill();
}

int System::Stop() {
  for (const auto& [program, process] : processes_) process->AskToEnd();
  int exit_code = 0;
  for (const auto& [program, process] : processes_) {
    const int code = process->Await();
    if (exit_code == 0) exit_code = code;
  }
  return exit_code;
}

std::vector<std::string> System::programs() const {
  std::vector<std::string> names;
  for (const auto& [program, process] : processes_) names.push_back(program);
  return names;
}

absl::Status System::Restart() {
  Kill();
  return LaunchAll();
}

std::unique_ptr<http::Client> System::NewClient() const {
  const auto address = http::ParseServerAddress(http_address_);
  EXPECT_TRUE(address.ok());
  return std::make_unique<http::Client>(*address);
}

Finished System::RunCli(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {"/usr/bin/env",
                                      absl::StrCat("MOSTOVE_ADDRESS=http://", http_address_),
                                      "LC_ALL=C.UTF-8", (Programs() / "mostove").string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return RunCommand(command, folder());
}

void JourneyTest::SetUp() {
  auto system = System::Start(GetParam());
  ASSERT_TRUE(system.ok()) << system.status();
  system_ = *std::move(system);
  client_ = system_->NewClient();
}

std::string HomeName(const ::testing::TestParamInfo<Home>& home) {
  return home.param == Home::kOneProcess ? "OneProcess" : "SeparateProcesses";
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
