// The published keys verify what identity signs, by another maker's library, while keys come and
// go.
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr char kKeys[] = "/.well-known/jwks.json";
constexpr char kIdentity[] = "mostove-identity";

class KeysJourney : public JourneyTest {
 protected:
  std::string TextOf(const http::ClientResponse& response, const std::string& member) {
    return As<google::protobuf::Struct>(response).fields().at(member).string_value();
  }
  // The ids of the published keys.
  std::set<std::string> Published() {
    const auto document = As<google::protobuf::Struct>(Ask("GET", kKeys));
    std::set<std::string> ids;
    for (const auto& key : document.fields().at("keys").list_value().values()) {
      ids.insert(key.struct_value().fields().at("kid").string_value());
      EXPECT_EQ(key.struct_value().fields().count("d"), 0);
    }
    return ids;
  }
  // The same, once the gateway looks again (some seconds).
  std::set<std::string> PublishedAnew(const std::set<std::string>& before) {
    const absl::Time deadline = absl::Now() + kPatience;
    std::set<std::string> now = before;
    while (now == before && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(100));
      now = Published();
    }
    return now;
  }
  std::string Rotate(const std::string& body) {
    const std::string name = TextOf(Ask("POST", "/v1/signingKeys:rotate", body), "name");
    return name.substr(name.find('/') + 1);
  }
  void MakeClient() {
    ASSERT_EQ(Ask("POST", "/v1/organizations?organizationId=own", R"({"legalName": "Own"})").status,
              200);
    ASSERT_EQ(Ask("POST", "/v1/apiClients?apiClientId=reader",
                  R"({"displayName": "Reader", "organization": "organizations/own"})")
                  .status,
              200);
    secret_ = TextOf(Ask("POST", "/v1/apiClients/reader:rotateSecret", "{}"), "secret");
  }
  std::string NewToken() {
    const auto response = system_->NewClient("")->Send(
        {"POST",
         "/oauth2/token",
         {{"Content-Type", "application/x-www-form-urlencoded"}},
         absl::StrCat("grant_type=client_credentials&client_id=reader&client_secret=", secret_)});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? TextOf(*response, "access_token") : "";
  }
  Finished Verify(const std::string& token) {
    return RunCommand(
        {"tests/journeys/verify_token", absl::StrCat("http://", system_->http_address()), token},
        system_->folder());
  }
  void ExpectVerified(const std::string& token) {
    const Finished verified = Verify(token);
    EXPECT_EQ(verified.exit_code, 0) << verified.report;
    EXPECT_EQ(absl::StripAsciiWhitespace(verified.output), "apiClients/reader");
  }

  std::string secret_;
};
INSTANTIATE_IN_BOTH_HOMES(KeysJourney);

TEST_P(KeysJourney, TokensVerifyByThePublishedKeysAndByNothingElse) {
  MakeClient();
  const std::set<std::string> first = Published();
  ASSERT_THAT(first, SizeIs(1));
  const std::string token = NewToken();
  ExpectVerified(token);
  std::string changed = token;
  changed[token.rfind('.') + 10] = token[token.rfind('.') + 10] == 'A' ? 'B' : 'A';
  EXPECT_NE(Verify(changed).exit_code, 0);

  // The next key is published before it signs, and the one before it while its tokens live.
  const std::string next = Rotate("{}");
  const std::set<std::string> both = PublishedAnew(first);
  EXPECT_THAT(both, SizeIs(2));
  EXPECT_THAT(both, Contains(next));
  ExpectVerified(token);
  ExpectVerified(NewToken());

  // Only the new one, at once: the tokens of the others are nobody's.
  const std::string only = Rotate(R"({"revokePrevious": true})");
  EXPECT_EQ(PublishedAnew(both), std::set<std::string>{only});
  EXPECT_NE(Verify(token).exit_code, 0);
  ExpectVerified(NewToken());
}

// Elsewhere identity is in the gateway's process.
class KeysOfIdentityAwayJourney : public KeysJourney {};
INSTANTIATE_TEST_SUITE_P(In, KeysOfIdentityAwayJourney, ::testing::Values(Home::kSeparate),
                         HomeName);

TEST_P(KeysOfIdentityAwayJourney, KeysStayPublishedWhileIdentityIsAway) {
  MakeClient();
  const std::set<std::string> keys = Published();
  const std::string token = NewToken();
  system_->process(kIdentity).Kill();
  // Longer than the gateway answers without having asked.
  const absl::Time end = absl::Now() + absl::Seconds(7);
  while (absl::Now() < end) {
    ASSERT_EQ(Published(), keys);
    absl::SleepFor(absl::Milliseconds(100));
  }
  ExpectVerified(token);
}

}  // namespace
}  // namespace mostove::journeys
