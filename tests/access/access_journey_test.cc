// Every RPC over the wire, by everybody with a token of theirs: through REST, through
// the gateway's gRPC and at each service's own port, against the rules of tests/access.
#include <functional>
#include <future>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/service/directory.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"
#include "tests/access/rest.h"
#include "tests/access/world.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using access::Answer;
using access::Case;
using access::Person;
using access::Rule;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using ::mostove::testing::IsOk;

// What somebody got, whichever way.
struct Outcome {
  absl::StatusCode code;
  std::string reason, words;
};
using Way = std::function<Outcome(const MethodDescriptor&, const Person&, const Message&)>;

// What `mostove admin token` calls the roles.
std::string RoleName(const std::string& role) {
  if (role == "admin") return "organization-administrator";
  if (role == "editor") return "organization-editor";
  if (role == "reader") return "organization-reader";
  if (role == "donor") return "donor-reader";
  return role;
}

std::string PlaceOf(const Person& person) {
  const std::string collection = person.role == "donor"     ? "donors/"
                                 : person.role == "trainer" ? "programs/"
                                                            : "organizations/";
  return absl::StrCat(collection, person.own ? "own" : "shared");
}

class AccessJourney : public JourneyTest {
 protected:
  void SetUp() override {
    JourneyTest::SetUp();
    if (HasFatalFailure()) return;
    for (const access::Kind& kind : access::Kinds()) {
      if (kind.service == "Identity") continue;
      for (const Case which : access::kCases) {
        if (which != Case::kMissing) Add(kind, which);
      }
    }
    // Those whose tokens the programs can make: people with one role.
    for (Person& person : access::People()) {
      if (person.title == "analyst") {
        tokens_[person.title] = Token("network-analyst", "network");
      } else if (person.title == "administrator") {
        tokens_[person.title] = system_->administrator();
      } else if (absl::StartsWith(person.title, "own ") ||
                 absl::StartsWith(person.title, "other ")) {
        // The other's is what everybody in the network sees anyway.
        tokens_[person.title] = Token(RoleName(person.role), PlaceOf(person));
      } else if (person.title != "anonymous") {
        continue;
      }
      people_.push_back(person);
    }
  }

  std::string Token(const std::string& role, const std::string& resource) {
    const auto token = system_->TokenOf(role, resource);
    EXPECT_THAT(token, IsOk()) << role << " on " << resource;
    return token.value_or("");
  }

  void Add(const access::Kind& kind, Case which) {
    const call::MessagePtr creation = access::CreationOf(kind, which);
    const Rule rule{kind.service, "Create" + kind.type, "create", kind.type, {}};
    const auto rest = access::ToRest(*access::MethodOf(rule), *creation);
    ASSERT_TRUE(rest.has_value());
    const http::ClientResponse response = Ask(rest->method, rest->target, rest->body);
    ASSERT_EQ(response.status, 200) << rest->target << " " << response.body;
  }
};

}  // namespace
}  // namespace mostove::journeys
