// People and programs sign in, work and are shown out.
#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/grpcpp.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/service/directory.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/organizations_service.grpc.pb.h"
#include "tests/journeys/event_reader.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr char kEmail[] = "maria@example.org";

std::string TextOf(const http::ClientResponse& response, const std::string& member) {
  google::protobuf::Struct document;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(response.body, &document).ok())
      << response.body;
  return document.fields().contains(member) ? document.fields().at(member).string_value() : "";
}

// Of a token: names the key.
std::string HeadOf(const std::string& token) {
  std::string head;
  absl::WebSafeBase64Unescape(token.substr(0, token.find('.')), &head);
  return head;
}

// A list of the service that has no parent: ListTopics.
const google::protobuf::MethodDescriptor* SomeList(
    const google::protobuf::ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    const auto* const method = service.method(i);
    const bool is_list = absl::StartsWith(method->name(), "List") &&
                         method->input_type()->FindFieldByName("page_size") != nullptr &&
                         method->input_type()->FindFieldByName("parent") == nullptr &&
                         method->input_type()->FindFieldByName("order_by") != nullptr;
    if (is_list) return method;
  }
  return nullptr;
}

class SignInJourney : public JourneyTest {
 protected:
  // The password of a new administrator.
  std::string MakeAdministrator() {
    const Finished made =
        system_->RunCli({"admin", "create", kEmail, "--socket", system_->operator_socket()});
    EXPECT_EQ(made.exit_code, 0) << made.report;
    return std::string(absl::StripAsciiWhitespace(made.output));
  }
  // The command line with a session of its own and lines for its questions.
  Finished RunShell(const std::string& script) {
    return RunCommand(
        {"/usr/bin/env", absl::StrCat("MOSTOVE_ADDRESS=http://", system_->http_address()),
         "LC_ALL=C.UTF-8", absl::StrCat("XDG_STATE_HOME=", system_->folder().string()),
         absl::StrCat("PATH=", Programs().string(), ":/usr/bin:/bin"), "/bin/sh", "-ec", script},
        system_->folder());
  }
  std::filesystem::path SessionFile() const {
    return system_->folder() / "mostove" /
           absl::StrReplaceAll(system_->http_address(), {{":", "_"}});
  }
  // As if the access token had ended.
  void EndAccessToken() {
    std::string text;
    for (absl::string_view line : absl::StrSplit(ReadFile(SessionFile()), '\n')) {
      if (!absl::StartsWith(line, "expire_time=")) absl::StrAppend(&text, line, "\n");
    }
    std::ofstream(SessionFile()) << text;
  }
  std::string AskForToken(const std::string& form) {
    const auto response = system_->NewClient("")->Send(
        {"POST", "/oauth2/token", {{"Content-Type", "application/x-www-form-urlencoded"}}, form});
    EXPECT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 200) << response->body;
    return TextOf(*response, "access_token");
  }
  // A program with a role; its token.
  std::string MakeClient(const std::string& id) {
    EXPECT_EQ(Ask("POST", "/v1/organizations?organizationId=own", R"({"legalName": "Own"})").status,
              200);
    EXPECT_EQ(Ask("POST", absl::StrCat("/v1/apiClients?apiClientId=", id),
                  R"({"displayName": "Test", "organization": "organizations/own"})")
                  .status,
              200);
    EXPECT_EQ(Ask("POST", "/v1/roleGrants",
                  absl::StrCat(R"({"member": "apiClients/)", id,
                               R"(", "role": "NETWORK_ANALYST", "resource": "network"})"))
                  .status,
              200);
    const auto rotated = Ask("POST", absl::StrCat("/v1/apiClients/", id, ":rotateSecret"), "{}");
    EXPECT_EQ(rotated.status, 200) << rotated.body;
    return AskForToken(absl::StrCat("grant_type=client_credentials&client_id=", id,
                                    "&client_secret=", TextOf(rotated, "secret")));
  }

  // ---- the ways in: what each answers to a token

  // 200, 401, ...
  int OverRest(const std::string& token) {
    const auto response = system_->NewClient(token)->Send({"GET", "/v1/organizations", {}, ""});
    return response.ok() ? response->status : 0;
  }
  grpc::StatusCode OverGrpc(const std::string& token) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    organizations::v1::ListOrganizationsRequest request;
    organizations::v1::ListOrganizationsResponse response;
    return organizations::v1::OrganizationsService::NewStub(
               grpc::CreateChannel(system_->grpc_address(), grpc::InsecureChannelCredentials()))
        ->ListOrganizations(&context, request, &response)
        .error_code();
  }
  int OverConnect(const std::string& token) {
    const auto response =
        system_->NewClient(token)->Send({"POST",
                                         "/mostove.organizations.v1.OrganizationsService/"
                                         "ListOrganizations",
                                         {{"Content-Type", "application/json"}},
                                         "{}"});
    return response.ok() ? response->status : 0;
  }
  int OverEvents(const std::string& token) {
    const auto reader = EventReader::Open(system_->http_address(), "/v1/changes:watch", token, "");
    if (reader.ok()) return 200;
    return absl::StrContains(reader.status().message(), " 401 ") ? 401 : 0;
  }
  // At the service's own port.
  absl::Status AtPort(const service::DirectoryEntry& entry, const std::string& token) {
    auto& invoker = ports_[entry.name];
    if (invoker == nullptr) {
      invoker = system_->InvokerOf(entry);
    }
    const auto* const method = SomeList(*entry.service);
    call::Call call;
    call.authorization = "Bearer " + token;
    call.deadline = absl::Now() + kPatience;
    std::promise<absl::Status> answered;
    invoker->Invoke(method, std::move(call),
                    call::MessagePtr(google::protobuf::MessageFactory::generated_factory()
                                         ->GetPrototype(method->input_type())
                                         ->New()),
                    [&](const auto& answer) { answered.set_value(answer.status()); });
    return answered.get_future().get();
  }
  // Every way in takes it, or none does.
  bool TakenEverywhere(const std::string& token) {
    if (OverRest(token) != 200 || OverConnect(token) != 200 || OverEvents(token) != 200 ||
        OverGrpc(token) != grpc::StatusCode::OK) {
      return false;
    }
    for (const service::DirectoryEntry& entry : Ports()) {
      if (!AtPort(entry, token).ok()) return false;
    }
    return true;
  }
  void AwaitTaken(const std::string& token) {
    const absl::Time begin = absl::Now();
    while (!TakenEverywhere(token)) {
      ASSERT_LT(absl::Now(), begin + kPatience) << "it is not known everywhere";
    }
  }
  bool RefusedEverywhere(const std::string& token) {
    if (OverRest(token) != 401 || OverConnect(token) != 401 || OverEvents(token) != 401 ||
        OverGrpc(token) != grpc::StatusCode::UNAUTHENTICATED) {
      return false;
    }
    for (const service::DirectoryEntry& entry : Ports()) {
      if (!absl::IsUnauthenticated(AtPort(entry, token))) return false;
    }
    return true;
  }
  std::vector<service::DirectoryEntry> Ports() const {
    if (GetParam() == Home::kOneProcess) return {};
    return {service::Directory().begin(), service::Directory().end()};
  }
  // Ends what `token` rests on, while its bearer watches.
  void ExpectRefusedSoon(const std::string& token, const std::string& what,
                         const std::function<void()>& end) {
    const auto reader = EventReader::Open(system_->http_address(), "/v1/changes:watch", token, "");
    ASSERT_TRUE(reader.ok()) << reader.status();
    ASSERT_TRUE((*reader)->Next().has_value());
    auto stream = std::async(std::launch::async, [&] {
      while ((*reader)->Next()) {
      }
      return absl::Now();
    });
    const absl::Cleanup stop = [&] { (*reader)->Break(); };
    end();
    const absl::Time begin = absl::Now();
    while (!RefusedEverywhere(token)) {
      ASSERT_LT(absl::Now(), begin + kPatience) << what << " works on";
    }
    const absl::Time refused = absl::Now();
    ASSERT_EQ(stream.wait_for(absl::ToChronoSeconds(kPatience)), std::future_status::ready);
    std::cout << what << ": refused everywhere after " << refused - begin
              << ", its stream ended after " << stream.get() - begin << "\n";
  }

  std::map<std::string, std::unique_ptr<rpc::GrpcInvoker>> ports_;
};
INSTANTIATE_IN_BOTH_HOMES(SignInJourney);
INSTANTIATE_TEST_SUITE_P(Over, SignInJourney, ::testing::Values(Home::kSeparateTls), HomeName);

TEST_P(SignInJourney, APersonWorksWithTheCommandLineAndSignsOut) {
  const std::string password = MakeAdministrator();
  const std::string login = absl::StrCat("echo '", password, "' | mostove login ", kEmail, "\n");
  const Finished wrong = RunShell(absl::StrCat("echo 'not this one' | mostove login ", kEmail));
  EXPECT_EQ(wrong.exit_code, 4) << wrong.report;
  const Finished worked = RunShell(absl::StrCat(
      login, "mostove create organizations --id own --set legalName=Own; mostove whoami"));
  EXPECT_EQ(worked.exit_code, 0) << worked.report;
  EXPECT_THAT(worked.report, HasSubstr("network: network-administrator"));
  EXPECT_EQ(std::filesystem::status(SessionFile()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

  EndAccessToken();
  const Finished many = RunShell(
      "for i in 1 2 3 4 5 6 7 8; do mostove get organizations/own & pids=\"$pids $!\"; done\n"
      "for pid in $pids; do wait $pid; done");
  EXPECT_EQ(many.exit_code, 0) << "all share one renewed session: " << many.report;
  EndAccessToken();
  EXPECT_EQ(RunShell("mostove whoami").exit_code, 0) << "which was not taken for a theft";

  const std::string kept = ReadFile(SessionFile());
  EXPECT_EQ(RunShell("mostove logout").exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(SessionFile()));
  EXPECT_EQ(RunShell("mostove whoami").exit_code, 0) << "nobody is somebody, too";
  EXPECT_EQ(RunShell("mostove create organizations --set legalName=x").exit_code, 4);
  std::ofstream(SessionFile()) << kept;
  EndAccessToken();
  const Finished stolen = RunShell("mostove whoami");
  EXPECT_EQ(stolen.exit_code, 4) << "what somebody has kept is worth nothing: " << stolen.report;
  EXPECT_THAT(stolen.report, HasSubstr("mostove login"));
}

TEST_P(SignInJourney, AnEndedSessionIsRefusedByEveryWayIn) {
  const std::string token = *system_->TokenOf("network-analyst", "network");
  ASSERT_TRUE(TakenEverywhere(token));
  const std::string session =
      TextOf(journeys::Ask(*system_->NewClient(token), "GET", "/v1/users:whoAmI"), "session");
  ExpectRefusedSoon(token, "a session", [&] {
    EXPECT_EQ(Ask("POST", absl::StrCat("/v1/", session, ":revoke"), "{}").status, 200);
  });
}

TEST_P(SignInJourney, AProgramWithoutSecretsIsRefusedByEveryWayIn) {
  const std::string token = MakeClient("own-app");
  AwaitTaken(token);
  ExpectRefusedSoon(token, "a program", [&] {
    EXPECT_EQ(Ask("POST", "/v1/apiClients/own-app:revokeSecrets", "{}").status, 200);
  });
}

TEST_P(SignInJourney, SigningKeysAreRotatedUnderLoadWithoutAnError) {
  AwaitTaken(MakeClient("rotating"));
  const std::string secret =
      TextOf(Ask("POST", "/v1/apiClients/rotating:rotateSecret", "{}"), "secret");
  const std::string form =
      absl::StrCat("grant_type=client_credentials&client_id=rotating&client_secret=", secret);
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0, failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const std::string token = AskForToken(form);
        for (int read = 0; read < 5; ++read, ++reads) {
          const int status = OverRest(token);
          if (status != 200) ++failed, std::cout << "rotating: " << status << "\n";
        }
      }
    });
  }
  for (int i = 0; i < 3; ++i) {
    const auto rotated = Ask("POST", "/v1/signingKeys:rotate", "{}");
    EXPECT_EQ(rotated.status, 200) << rotated.body;
    const std::string key = TextOf(rotated, "name").substr(std::strlen("signingKeys/"));
    const absl::Time deadline = absl::Now() + kPatience;
    const auto signs = [&] { return absl::StrContains(HeadOf(AskForToken(form)), key); };
    while (!signs() && absl::Now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(signs()) << key;
    const int before = reads;
    while (reads < before + 20) std::this_thread::yield();
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0) << "of " << reads;
}

class IdentityAwayJourney : public SignInJourney {};
INSTANTIATE_TEST_SUITE_P(In, IdentityAwayJourney, ::testing::Values(Home::kSeparate), HomeName);

TEST_P(IdentityAwayJourney, TokensThatAreValidGoOnAndNothingElse) {
  const std::string analyst = *system_->TokenOf("network-analyst", "network");
  const std::string unused = *system_->TokenOf("network-analyst", "network");
  EXPECT_EQ(OverRest(analyst), 200);
  system_->process("mostove-identity").Kill();

  EXPECT_EQ(OverRest(analyst), 200);
  EXPECT_EQ(OverRest(unused), 200);
  EXPECT_EQ(Ask("POST", "/v1/organizations", R"({"legalName": "x"})").status, 200);
  EXPECT_EQ(OverRest(absl::StrCat(analyst.substr(0, analyst.size() - 4), "AAAA")), 401);
  const auto sign_in = system_->NewClient("")->Send(
      {"POST",
       "/oauth2/token",
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       absl::StrCat("grant_type=password&username=", kEmail, "&password=some-password")});
  ASSERT_TRUE(sign_in.ok());
  EXPECT_EQ(sign_in->status, 503) << sign_in->body;

  // One that starts without it believes nobody.
  ASSERT_TRUE(system_->Launch("mostove-organizations").ok());
  const auto* const entry = [] {
    for (const auto& each : service::Directory()) {
      if (each.name == "organizations") return &each;
    }
    return static_cast<const service::DirectoryEntry*>(nullptr);
  }();
  ASSERT_TRUE(system_->process("mostove-organizations").AwaitReady().ok());
  EXPECT_EQ(status::Reason(AtPort(*entry, analyst)), "IDENTITY_AWAY");
  ASSERT_TRUE(system_->Relaunch("mostove-identity").ok());
  AwaitTaken(analyst);
}

}  // namespace
}  // namespace mostove::journeys
