#include "tests/journeys/system.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "libs/listen/socket.h"
#include "libs/status/macros.h"

namespace mostove::journeys {
namespace {

constexpr absl::Duration kReadyTime = absl::Seconds(60);
constexpr char kAll[] = "mostove-all";
constexpr char kGateway[] = "mostove-gateway";

Home Wanted(Home home) {
  const char* tls = std::getenv("MOSTOVE_JOURNEYS_TLS");
  return home == Home::kSeparate && tls != nullptr && *tls == '1' ? Home::kSeparateTls : home;
}

}  // namespace

System::System(Home home, testing::TemporaryFolder folder)
    : home_(Wanted(home)), folder_(std::move(folder)) {}

absl::StatusOr<std::unique_ptr<System>> System::Start(Home home, int copies) {
  ASSIGN_OR_RETURN(auto folder, testing::TemporaryFolder::Make("journey"));
  std::unique_ptr<System> system(new System(home, std::move(folder)));
  if (home != Home::kOneProcess) RETURN_IF_ERROR(system->Prepare(copies));
  RETURN_IF_ERROR(system->LaunchAll());
  ASSIGN_OR_RETURN(system->administrator_, system->TokenOf("network-administrator", "network"));
  return system;
}

// Redis, the databases, and who listens where.
absl::Status System::Prepare(int copies) {
  ASSIGN_OR_RETURN(redis_, redis::RedisServer::Start());
  if (home_ == Home::kSeparateTls) {
    authority_ = std::make_unique<tls::TestAuthority>(folder() / "tls");
    files_["gateway"] = authority_->Issue("gateway", "services/gateway");
    ASSIGN_OR_RETURN(credentials_, tls::Credentials::Load(files_["gateway"], "services/gateway"));
  }
  for (const service::DirectoryEntry& entry : service::Directory()) {
    ASSIGN_OR_RETURN(databases_[entry.name], testing::FreshDatabase::Make(sql::Engine::kPostgres));
    if (authority_ != nullptr) {
      files_[entry.name] = authority_->Issue(entry.name, absl::StrCat("services/", entry.name));
    }
    for (int copy = 1; copy <= copies; ++copy) {
      const std::string name = copy == 1 ? entry.name : absl::StrCat(entry.name, "-", copy);
      ASSIGN_OR_RETURN(std::string address, NewAddress(name));
      copies_[absl::StrCat("mostove-", name)] = {entry.name, std::move(address), ""};
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> System::NewAddress(const std::string& copy) const {
  if (authority_ == nullptr) return absl::StrCat("unix:", folder().string(), "/", copy, ".sock");
  // One that was free a moment ago.
  ASSIGN_OR_RETURN(const listen::Socket socket, listen::Open("127.0.0.1:0"));
  return socket.Address();
}

std::unique_ptr<rpc::GrpcInvoker> System::InvokerOf(const service::DirectoryEntry& entry) const {
  return rpc::MakeGrpcInvoker({.services = {entry.service},
                               .addresses = absl::StrSplit(AddressesOf(entry.name), ','),
                               .tls = credentials_.get(),
                               .peer = absl::StrCat("services/", entry.name)});
}

std::string System::AddressesOf(const std::string& service) const {
  std::vector<std::string> addresses;
  for (const auto& [program, copy] : copies_) {
    if (copy.service == service) addresses.push_back(copy.address);
  }
  return absl::StrJoin(addresses, ",");
}

std::vector<std::string> System::operations_addresses() const {
  std::vector<std::string> addresses;
  for (const auto& [program, copy] : copies_) addresses.push_back(copy.operations);
  return addresses;
}

std::vector<std::string> System::ArgumentsOf(const std::string& program) const {
  // Journeys ask more than callers may.
  std::vector<std::string> arguments = {"--http",
                                        "127.0.0.1:0",
                                        "--grpc",
                                        "127.0.0.1:0",
                                        "--limits-calls-per-minute",
                                        "0",
                                        "--limits-public-calls-per-minute",
                                        "0",
                                        "--limits-sign-ins-per-minute",
                                        "0"};
  const std::vector<std::string> of_identity = {
      "--identity-key-file", (folder() / "identity.key").string(), "--identity-operator-socket",
      operator_socket(),     "--identity-signing-key-notice",      "3s"};
  if (program == kAll) {
    arguments.insert(arguments.end(), {"--data", (folder() / "data").string()});
    arguments.insert(arguments.end(), of_identity.begin(), of_identity.end());
    return arguments;
  }
  std::string own;
  if (const auto copy = copies_.find(program); copy != copies_.end()) {
    own = copy->second.service;
    arguments = {"--address",  copy->second.address,      "--operations", "127.0.0.1:0",
                 "--database", databases_.at(own)->url(), "--redis",      redis_->address()};
    if (own == "identity") {
      arguments.insert(arguments.end(), of_identity.begin(), of_identity.end());
    }
  }
  if (const auto files = files_.find(own.empty() ? "gateway" : own); files != files_.end()) {
    arguments.insert(arguments.end(),
                     {"--tls-certificate", files->second.certificate, "--tls-key",
                      files->second.key, "--tls-authority", files->second.authority});
  }
  for (const service::DirectoryEntry& entry : service::Directory()) {
    if (entry.name == own) continue;
    arguments.insert(arguments.end(),
                     {absl::StrCat("--services-", entry.name), AddressesOf(entry.name)});
  }
  return arguments;
}

absl::Status System::Launch(const std::string& program) {
  processes_.erase(program);
  const auto copy = copies_.find(program);
  ASSIGN_OR_RETURN(
      processes_[program],
      Process::Start(
          copy == copies_.end() ? program : absl::StrCat("mostove-", copy->second.service),
          ArgumentsOf(program), folder() / (program + ".log")));
  return absl::OkStatus();
}

absl::Status System::AwaitReady(const std::string& program) {
  ASSIGN_OR_RETURN(auto ready, process(program).AwaitReady());
  if (const auto copy = copies_.find(program); copy != copies_.end()) {
    copy->second.operations = ready["operations"];
    return absl::OkStatus();
  }
  const std::lock_guard lock(mutex_);
  http_address_ = ready["http"];
  grpc_address_ = ready["grpc"];
  return absl::OkStatus();
}

absl::Status System::Relaunch(const std::string& program) {
  RETURN_IF_ERROR(Launch(program));
  RETURN_IF_ERROR(AwaitReady(program));
  return AwaitGateway();
}

// The gateway first: nothing may depend on the order.
absl::Status System::LaunchAll() {
  const std::string front = home_ == Home::kOneProcess ? kAll : kGateway;
  RETURN_IF_ERROR(Launch(front));
  for (const auto& [program, copy] : copies_) RETURN_IF_ERROR(Launch(program));
  RETURN_IF_ERROR(AwaitReady(front));
  for (const auto& [program, copy] : copies_) RETURN_IF_ERROR(AwaitReady(program));
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

std::vector<std::string> System::database_urls() const {
  std::vector<std::string> urls;
  for (const service::DirectoryEntry& entry : service::Directory()) {
    const auto database = databases_.find(entry.name);
    urls.push_back(database != databases_.end()
                       ? database->second->url()
                       : absl::StrCat("sqlite:", (folder() / "data" / entry.name).string(), ".db"));
  }
  return urls;
}

absl::Status System::Restart() {
  Kill();
  return LaunchAll();
}

std::string System::http_address() const {
  const std::lock_guard lock(mutex_);
  return http_address_;
}

std::unique_ptr<http::Client> System::NewClient(const std::string& token) const {
  const auto address = http::ParseServerAddress(http_address());
  EXPECT_TRUE(address.ok());
  http::ClientOptions options;
  if (!token.empty()) options.headers = {{"Authorization", absl::StrCat("Bearer ", token)}};
  return std::make_unique<http::Client>(*address, options);
}

absl::StatusOr<std::string> System::TokenOf(const std::string& role,
                                            const std::string& resource) const {
  const std::string email =
      absl::StrCat(role, ".", absl::StrReplaceAll(resource, {{"/", "."}}), "@example.org");
  const Finished issued = RunCli(
      {"admin", "token", email, "--role", role, "--on", resource, "--socket", operator_socket()});
  if (issued.exit_code != 0) return absl::InternalError(issued.report);
  const std::string token(absl::StripAsciiWhitespace(issued.output));
  RETURN_IF_ERROR(AwaitToken(token));
  return token;
}

// Every service learns of it by itself.
absl::Status System::AwaitToken(const std::string& token) const {
  const auto client = NewClient(token);
  const absl::Time deadline = absl::Now() + kReadyTime;
  for (const char* target :
       {"/v1/users:whoAmI", "/v1/organizations", "/v1/topics", "/v1/donors", "/v1/coalitions"}) {
    while (true) {
      const auto response = client->Send({"GET", target, {}, ""});
      if (response.ok() && (response->status == 200 || response->status == 403)) break;
      if (absl::Now() > deadline) {
        return absl::DeadlineExceededError(
            absl::StrCat(target, " does not know the token: ",
                         response.ok() ? response->body : response.status().ToString()));
      }
      absl::SleepFor(absl::Milliseconds(10));
    }
  }
  return absl::OkStatus();
}

Finished System::RunCli(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& environment) const {
  std::vector<std::string> command = {
      "/usr/bin/env", absl::StrCat("MOSTOVE_ADDRESS=http://", http_address()), "LC_ALL=C.UTF-8",
      absl::StrCat("MOSTOVE_TOKEN=", administrator_),
      absl::StrCat("XDG_STATE_HOME=", folder().string())};
  command.insert(command.end(), environment.begin(), environment.end());
  command.push_back((Programs() / "mostove").string());
  command.insert(command.end(), arguments.begin(), arguments.end());
  return RunCommand(command, folder());
}

void JourneyTest::SetUp() {
  auto system = System::Start(GetParam(), copies_);
  ASSERT_TRUE(system.ok()) << system.status();
  system_ = *std::move(system);
  client_ = system_->NewClient();
}

std::string HomeName(const ::testing::TestParamInfo<Home>& home) {
  if (home.param == Home::kOneProcess) return "OneProcess";
  return home.param == Home::kSeparate ? "SeparateProcesses" : "SeparateWithTls";
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
