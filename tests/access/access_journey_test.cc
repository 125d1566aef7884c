// Every RPC over the wire, by everybody with a token of theirs: over REST, over the gateway's gRPC
// and at each service's own port, on a record of every case: against the rules of rules.txt.
#include <functional>
#include <future>
#include <iostream>
#include <optional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/rpc/code.pb.h"
#include "libs/rpc/ask.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/rpc/peers.h"
#include "libs/service/directory.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"
#include "tests/access/rest.h"
#include "tests/access/world.h"
#include "tests/journeys/event_reader.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using access::Case;
using access::Kind;
using access::Person;
using access::Rule;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using ::mostove::testing::Describe;
using ::mostove::testing::IsOk;

constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr char kPassword[] = "seven green boats";

struct Traveller {
  Person person;
  std::string token;  // "" for none
};

// The text of what was answered, or the error.
using Outcome = absl::StatusOr<std::string>;
// None where there is no such RPC.
using Way = std::function<std::optional<Outcome>(const MethodDescriptor&, const Traveller&,
                                                 const Message&)>;

Way OverRest(const System& system) {
  const std::shared_ptr<http::Client> client = system.NewClient("");
  return [client, address = system.http_address()](
             const MethodDescriptor& method, const Traveller& traveller,
             const Message& request) -> std::optional<Outcome> {
    const auto rest = access::ToRest(method, request);
    if (!rest.has_value()) return std::nullopt;
    if (method.server_streaming() &&
        EventReader::Open(address, rest->target, traveller.token, "").ok()) {
      return "";
    }
    http::HeaderList headers;
    if (!traveller.token.empty()) {
      headers.emplace_back("Authorization", "Bearer " + traveller.token);
    }
    const auto response = Ask(*client, rest->method, rest->target, rest->body, headers);
    if (response.status == 200) return response.body;
    const Problem problem = AsProblem(response);
    google::rpc::Code code = google::rpc::UNKNOWN;
    EXPECT_TRUE(google::rpc::Code_Parse(problem.code, &code)) << response.body;
    return status::Make(static_cast<absl::StatusCode>(code), problem.reason, problem.detail);
  };
}

absl::Status FirstOf(rpc::Stream& stream) {
  std::promise<absl::Status> first;
  stream.Pull(
      [&](const absl::StatusOr<call::MessagePtr>& message) { first.set_value(message.status()); });
  absl::Status status = first.get_future().get();
  stream.Cancel();
  return status;
}

Way OverGrpc(rpc::Invoker& services) {
  return [&services](const MethodDescriptor& method, const Traveller& traveller,
                     const Message& request) -> std::optional<Outcome> {
    call::Call call;
    call.deadline = absl::Now() + kPatience;
    if (traveller.person.role == "program") {
      call.caller = traveller.person.caller;
    } else if (!traveller.token.empty()) {
      call.authorization = "Bearer " + traveller.token;
    }
    call::MessagePtr message(request.New());
    message->CopyFrom(request);
    if (method.server_streaming()) {
      const absl::Status status =
          FirstOf(*services.Open(&method, std::move(call), std::move(message)));
      if (!status.ok()) return status;
      return "";
    }
    const auto answer = rpc::Ask(services, call, {&method, std::move(message)}, kPatience);
    if (!answer.ok()) return answer.status();
    return (*answer)->ShortDebugString();
  };
}

// What `mostove admin token` calls the roles.
std::string RoleName(const std::string& role) {
  if (role == "donor") return "donor-reader";
  if (role == "trainer") return role;
  return absl::StrCat("organization-", role == "admin" ? "administrator" : role);
}

std::string PlaceOf(const Person& person) {
  const std::string collection = person.role == "donor"     ? "donors/"
                                 : person.role == "trainer" ? "programs/"
                                                            : "organizations/";
  return absl::StrCat(collection, person.own ? "own" : "stranger");
}

class AccessJourney : public JourneyTest {
 protected:
  void SetUp() override {
    JourneyTest::SetUp();
    if (HasFatalFailure()) return;
    ASSERT_NO_FATAL_FAILURE(MakeRecords());
    for (const Person& person : access::People()) AddTraveller(person);
    for (const Traveller& traveller : travellers_) {
      if (traveller.token.empty()) continue;
      ASSERT_THAT(system_->AwaitToken(traveller.token), IsOk()) << traveller.person.title;
    }
  }

  void Make(const std::string& target, const std::string& body) {
    const http::ClientResponse response = Ask("POST", target, body);
    ASSERT_EQ(response.status, 200) << target << " " << response.body;
  }
  void MakeRecords() {
    for (const Kind& kind : access::Kinds()) {
      for (const Case which : access::kCases) {
        if (which == Case::kMissing) continue;
        const Rule rule{kind.service, "Create" + kind.type, "create", kind.type, {}};
        const auto rest = access::ToRest(*access::MethodOf(rule), *access::CreationOf(kind, which));
        ASSERT_TRUE(rest.has_value());
        ASSERT_NO_FATAL_FAILURE(Make(rest->target, rest->body));
      }
    }
    // On what those who have roles elsewhere have them.
    Make("/v1/organizations?organizationId=stranger", R"({"legalName": "Stranger"})");
    Make(
        "/v1/donors?donorId=stranger",
        R"({"title": "Donor", "type": "PRIVATE_SECTOR", "organization": "organizations/stranger"})");
    Make("/v1/programs?programId=stranger",
         R"({"title": {"texts": {"en": "Academy"}}, "kind": "ACADEMY", "publication": "DRAFT",
             "organizers": ["organizations/stranger"],
             "startDate": {"year": 2027, "month": 2, "day": 1}})");
  }

  // Those whom a token can make, in the way in which such people get one.
  void AddTraveller(Person person) {
    if (person.title == "anonymous" || person.role == "program") {
      travellers_.push_back({person, ""});
    } else if (person.title == "administrator") {
      travellers_.push_back({person, TokenOf("network-administrator", "network")});
    } else if (person.title == "analyst") {
      travellers_.push_back({person, TokenOf("network-analyst", "network")});
    } else if (person.title == "member") {
      person.caller.name = MakeUser(person.title);
      travellers_.push_back({person, SignIn(person.caller.name, "member@example.org")});
    } else if (person.title == "self") {
      // Its record of a role is one that it has.
      person.role = "reader";
      person.own = true;
      travellers_.push_back({person, SignIn(access::Self(), "own@example.org")});
    } else if (person.title == "token that reads" || person.title == "token that writes") {
      const std::string scope = person.title == "token that reads" ? "read" : "write";
      const std::string user = MakeUser(scope);
      Make("/v1/roleGrants", absl::StrCat(R"({"member": ")", user,
                                          R"(", "role": "ORGANIZATION_ADMINISTRATOR",
                                              "resource": "organizations/own"})"));
      travellers_.push_back({person, SignIn(user, scope + "@example.org", scope)});
    } else if (absl::StartsWith(person.title, "own ") || absl::StartsWith(person.title, "other ")) {
      travellers_.push_back({person, TokenOf(RoleName(person.role), PlaceOf(person))});
    }
  }
  std::string TokenOf(const std::string& role, const std::string& resource) {
    const auto token = system_->TokenOf(role, resource);
    EXPECT_THAT(token, IsOk()) << role << " on " << resource;
    return token.value_or("");
  }
  std::string MakeUser(const std::string& title) {
    const auto made =
        Ask("POST", "/v1/users", absl::StrCat(R"({"email": ")", title, R"(@example.org"})"));
    return TextOf(made, "name");
  }
  std::string SignIn(const std::string& user, const std::string& email,
                     const std::string& scope = "read+write") {
    Make(absl::StrCat("/v1/", user, ":setPassword"),
         absl::StrCat(R"({"newPassword": ")", kPassword, R"("})"));
    const auto response = system_->NewClient("")->Send(
        {"POST",
         "/oauth2/token",
         {{"Content-Type", "application/x-www-form-urlencoded"}},
         absl::StrCat("grant_type=password&username=", email, "&scope=", scope,
                      "&password=", absl::StrReplaceAll(kPassword, {{" ", "+"}}))});
    EXPECT_THAT(response, IsOk());
    return response.ok() ? TextOf(*response, "access_token") : "";
  }
  static std::string TextOf(const http::ClientResponse& response, const std::string& member) {
    return As<google::protobuf::Struct>(response).fields().at(member).string_value();
  }
  // `public_door`: nobody is believed to be a program there.
  void TryAll(const std::string& title, const Way& way, bool public_door) {
    int tried = 0;
    for (const Rule& rule : access::ReadRules(MOSTOVE_ACCESS_RULES)) {
      for (const Kind* kind : access::KindsOf(rule)) {
        for (const Traveller& traveller : travellers_) {
          // It would end the token that the others use.
          if (rule.rpc == "SignOut" && !traveller.token.empty()) continue;
          for (const Case which : access::kCases) {
            if (which != Case::kOwn && rule.type == "-") continue;
            tried += Try(title, way, public_door, rule, *kind, traveller, which);
          }
        }
      }
    }
    EXPECT_GT(tried, 2'000) << title;
    std::cout << title << ": " << tried << " calls\n";
  }
  // False where there is no such way.
  bool Try(const std::string& title, const Way& way, bool public_door, const Rule& rule,
           const Kind& kind, const Traveller& traveller, Case which) {
    const auto* const method = access::MethodOf(rule);
    const call::MessagePtr request = access::RequestOf(rule, kind, which);
    access::FillPath(*method, access::UuidOf(Case::kMissing), *request);
    const std::optional<Outcome> outcome = way(*method, traveller, *request);
    if (!outcome.has_value()) {
      EXPECT_FALSE(method->options().HasExtension(google::api::http) &&
                   method->name() != "ListHistory")
          << rule.rpc << " was not asked " << title;
      return false;
    }
    const bool believed = traveller.person.role != "program" || !public_door;
    const Person& person = believed ? traveller.person : travellers_.front().person;
    const std::string what =
        absl::StrCat(title, ": ", rule.service, ".", rule.rpc, " of ", access::NameOf(kind, which),
                     " by ", traveller.person.title);
    const absl::Status& status = outcome->status();
    EXPECT_EQ(access::TextOf(access::AnswerOf(rule, status.code(), status::Reason(status))),
              access::TextOf(access::Expected(rule, person, kind.type, kind.parent, which)))
        << what << ": " << Describe(status);
    if (!outcome->ok()) return true;
    const bool mentioned =
        absl::StrContains(**outcome, absl::StrCat("\"", access::NameOf(kind, which), "\""));
    const bool sees = access::Sees(rule, person, kind.type, which);
    if (rule.what == "list" || rule.what == "check") {
      EXPECT_EQ(mentioned, rule.what == "list" ? sees : !sees) << what;
    }
    return true;
  }

  std::vector<Traveller> travellers_;  // the first is nobody
};
INSTANTIATE_IN_BOTH_HOMES(AccessJourney);

TEST_P(AccessJourney, EverybodyIsAnsweredAsTheRulesSayWhicheverWay) {
  std::vector<const google::protobuf::ServiceDescriptor*> all;
  std::vector<std::unique_ptr<rpc::Invoker>> own;
  rpc::Peers ports;
  for (const service::DirectoryEntry& entry : service::Directory()) {
    all.push_back(entry.service);
    const std::string address = system_->AddressesOf(entry.name);
    if (address.empty()) continue;
    own.push_back(rpc::MakeGrpcInvoker({.services = {entry.service}, .addresses = {address}}));
    ports.Add(own.back().get());
  }
  const auto gateway =
      rpc::MakeGrpcInvoker({.services = all, .addresses = {system_->grpc_address()}});
  std::vector<std::thread> ways;
  ways.emplace_back([&] { TryAll("over REST", OverRest(*system_), /*public_door=*/true); });
  ways.emplace_back([&] { TryAll("over gRPC", OverGrpc(*gateway), /*public_door=*/true); });
  if (!own.empty()) {
    ways.emplace_back([&] { TryAll("at the ports", OverGrpc(ports), /*public_door=*/false); });
  }
  for (std::thread& way : ways) way.join();
}

}  // namespace
}  // namespace mostove::journeys
