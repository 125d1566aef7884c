// Every grant type, and how tokens end.
#include <thread>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "libs/digest/digest.h"
#include "services/identity/identity_fixture.h"

namespace mostove::identity {
namespace {

using absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

constexpr char kVerifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr char kRedirect[] = "https://phone.example/back";

class GrantsTest : public IdentityTest {
 protected:
  v1::AuthorizeClientRequest Authorization() {
    v1::AuthorizeClientRequest request;
    request.set_client_id("phone");
    request.set_redirect_uri(kRedirect);
    request.set_code_challenge(absl::WebSafeBase64Escape(digest::Sha256(kVerifier)));
    request.set_code_challenge_method("S256");
    request.set_username("ana@example.org");
    request.set_password(kPassword);
    request.set_address(kHome);
    return request;
  }
  std::string Code() {
    const auto code = Ask<v1::AuthorizeClientResponse>("AuthorizeClient", Authorization());
    EXPECT_THAT(code, IsOk());
    return code.ok() ? code->code() : "";
  }
  v1::IssueTokenRequest Exchange(const std::string& code) {
    v1::IssueTokenRequest request;
    request.set_grant_type("authorization_code");
    request.set_client_id("phone");
    request.set_code(code);
    request.set_redirect_uri(kRedirect);
    request.set_code_verifier(kVerifier);
    return request;
  }
  absl::StatusOr<v1::TokenResponse> Issued(const v1::IssueTokenRequest& request) {
    return Ask<v1::TokenResponse>("IssueToken", request);
  }
  void MakePhone() {
    MakeUser("ana@example.org");
    MakeClient("phone", "public_client: true redirect_uris: '" + std::string(kRedirect) + "'");
  }
};

INSTANTIATE_ON_BOTH_ENGINES(GrantsTest);

TEST_P(GrantsTest, EveryGrantTypeSaysWhatIsWrongInTheWordsOfRfc6749) {
  MakeUser("ana@example.org");
  const std::string secret = MakeClient("app", "scopes: 'read'");
  MakeClient("phone", "public_client: true");
  MakeClient("off", "");
  ASSERT_THAT(Update<v1::ApiClient>("apiClients/off", "disabled: true"), IsOk());
  const std::string app = "client_id: 'app' client_secret: '" + secret + "' ";
  const std::string person = "username: 'ana@example.org' password: 'seven green boats' ";
  const struct {
    std::string request;
    StatusCode code;
    const char* reason;
  } kCases[] = {
      {"", StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"grant_type: 'implicit'", StatusCode::kInvalidArgument, "UNSUPPORTED_GRANT_TYPE"},
      {"grant_type: 'client_credentials'", StatusCode::kUnauthenticated, "INVALID_CLIENT"},
      {"grant_type: 'client_credentials' client_id: 'none' client_secret: 'x'",
       StatusCode::kUnauthenticated, "INVALID_CLIENT"},
      {"grant_type: 'client_credentials' client_id: '../app'", StatusCode::kUnauthenticated,
       "INVALID_CLIENT"},
      {"grant_type: 'client_credentials' client_id: 'app' client_secret: 'x'",
       StatusCode::kUnauthenticated, "INVALID_CLIENT"},
      {"grant_type: 'client_credentials' client_id: 'app'", StatusCode::kUnauthenticated,
       "INVALID_CLIENT"},
      {"grant_type: 'client_credentials' client_id: 'off' client_secret: '" + secret + "'",
       StatusCode::kUnauthenticated, "INVALID_CLIENT"},
      {"grant_type: 'client_credentials' client_id: 'phone'", StatusCode::kInvalidArgument,
       "UNAUTHORIZED_CLIENT"},
      {"grant_type: 'client_credentials' scope: 'write' " + app, StatusCode::kInvalidArgument,
       "INVALID_SCOPE"},
      {"grant_type: 'client_credentials' scope: 'rule' " + app, StatusCode::kInvalidArgument,
       "INVALID_SCOPE"},
      {"grant_type: 'password'", StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"grant_type: 'password' username: 'ana@example.org' password: 'wrong wrong wrong'",
       StatusCode::kInvalidArgument, "INVALID_GRANT"},
      {"grant_type: 'password' username: 'nobody@example.org' password: 'seven green boats'",
       StatusCode::kInvalidArgument, "INVALID_GRANT"},
      {"grant_type: 'password' client_id: 'none' " + person, StatusCode::kUnauthenticated,
       "INVALID_CLIENT"},
      {"grant_type: 'password' client_id: 'phone' client_secret: 'x' " + person,
       StatusCode::kUnauthenticated, "INVALID_CLIENT"},
      {"grant_type: 'refresh_token'", StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"grant_type: 'refresh_token' refresh_token: 'nonsense'", StatusCode::kInvalidArgument,
       "INVALID_GRANT"},
      {"grant_type: 'authorization_code' client_id: 'phone'", StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
      {"grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'", StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
      {"grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' assertion: 'a.b.c'",
       StatusCode::kInvalidArgument, "UNSUPPORTED_GRANT_TYPE"},
  };
  for (const auto& each : kCases) {
    EXPECT_THAT(Issue(each.request), StatusIs(each.code, HasReason(each.reason))) << each.request;
  }
}

TEST_P(GrantsTest, AProgramNamesOneSessionADayHoweverOftenItAsks) {
  const std::string secret = MakeClient("app", "scopes: 'read'");
  const std::string request =
      "grant_type: 'client_credentials' client_id: 'app' client_secret: '" + secret + "'";
  const auto first = Issue(request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->token_type(), "Bearer");
  EXPECT_EQ(first->expires_in(), 300);
  EXPECT_EQ(first->scope(), "read");
  EXPECT_EQ(first->refresh_token(), "");
  const auto claims = Claims(first->access_token());
  ASSERT_THAT(claims, IsOk());
  EXPECT_EQ(claims->subject, "apiClients/app");
  EXPECT_EQ(claims->client, "app");
  EXPECT_EQ(claims->expire_time, Now() + absl::Minutes(5));
  const std::string session = SessionOf(first).name();
  Advance(absl::Hours(23));
  EXPECT_EQ(SessionOf(Issue(request)).name(), session);
  Advance(absl::Hours(1));
  EXPECT_NE(SessionOf(Issue(request)).name(), session);
}

TEST_P(GrantsTest, ARefreshTokenIsGoodOnceAndItsReuseEndsTheSession) {
  MakeUser("ana@example.org");
  const auto first = SignInAs("ANA@example.org");
  ASSERT_THAT(first, IsOk());
  const v1::Session session = SessionOf(first);
  const auto second = Refresh(first->refresh_token());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(SessionOf(second).name(), session.name());
  EXPECT_NE(second->refresh_token(), first->refresh_token());
  Advance(kLostAnswerTime + absl::Seconds(1));
  EXPECT_THAT(Refresh(first->refresh_token()),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
  const auto ended = Do<v1::Session>("Get", session.name());
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->revoke_reason(), v1::REFRESH_TOKEN_REUSED);
  EXPECT_THAT(Refresh(second->refresh_token()), StatusIs(StatusCode::kInvalidArgument));
}

TEST_P(GrantsTest, AnAnswerThatWasLostIsGivenAgainOnceToTheSameAddress) {
  MakeUser("ana@example.org");
  const auto first = SignInAs("ana@example.org");
  ASSERT_THAT(first, IsOk());
  const auto lost = Refresh(first->refresh_token());
  const auto again = Refresh(first->refresh_token());
  ASSERT_THAT(again, IsOk());
  // Whoever has the one that was lost is not the one who asked again.
  EXPECT_THAT(Refresh(lost->refresh_token()), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(SessionOf(first).revoke_reason(), v1::REFRESH_TOKEN_REUSED);

  const auto other = SignInAs("ana@example.org");
  ASSERT_THAT(Refresh(other->refresh_token()), IsOk());
  EXPECT_THAT(Refresh(other->refresh_token(), kElsewhere), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(SessionOf(other).revoke_reason(), v1::REFRESH_TOKEN_REUSED);

  const auto third = SignInAs("ana@example.org");
  ASSERT_THAT(Refresh(third->refresh_token()), IsOk());
  ASSERT_THAT(Refresh(third->refresh_token()), IsOk());
  EXPECT_THAT(Refresh(third->refresh_token()), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(SessionOf(third).revoke_reason(), v1::REFRESH_TOKEN_REUSED);
}

TEST_P(GrantsTest, OfTwoWhoRaceForARefreshTokenOneIsFoundOut) {
  MakeUser("ana@example.org");
  const auto first = SignInAs("ana@example.org");
  ASSERT_THAT(first, IsOk());
  absl::StatusOr<v1::TokenResponse> answers[2];
  {
    std::thread racer([&] { answers[0] = Refresh(first->refresh_token(), kHome); });
    answers[1] = Refresh(first->refresh_token(), kElsewhere);
    racer.join();
  }
  // One got the next token; the other showed a used one from another address.
  EXPECT_NE(answers[0].ok(), answers[1].ok());
  EXPECT_EQ(SessionOf(first).revoke_reason(), v1::REFRESH_TOKEN_REUSED);
}

TEST_P(GrantsTest, OfTwoWhoRaceFromOneAddressOnlyTheLaterTokenLives) {
  MakeUser("ana@example.org");
  const auto first = SignInAs("ana@example.org");
  ASSERT_THAT(first, IsOk());
  absl::StatusOr<v1::TokenResponse> answers[2];
  {
    std::thread racer([&] { answers[0] = Refresh(first->refresh_token()); });
    answers[1] = Refresh(first->refresh_token());
    racer.join();
  }
  ASSERT_THAT(answers[0], IsOk());
  ASSERT_THAT(answers[1], IsOk());
  Advance(kLostAnswerTime + absl::Seconds(1));
  const bool one = Refresh(answers[0]->refresh_token()).ok();
  const bool two = Refresh(answers[1]->refresh_token()).ok();
  EXPECT_FALSE(one && two);
  EXPECT_EQ(SessionOf(first).revoke_reason(), v1::REFRESH_TOKEN_REUSED);
}

TEST_P(GrantsTest, ARefreshTokenBelongsToItsClientAndEndsWithTheSession) {
  MakePhone();
  const auto tokens = Issued(Exchange(Code()));
  ASSERT_THAT(tokens, IsOk());
  // Without the client, or by another one, it is worth nothing and harms nobody.
  EXPECT_THAT(Refresh(tokens->refresh_token()),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
  EXPECT_FALSE(SessionOf(tokens).has_revoke_time());
  const std::string refresh = "grant_type: 'refresh_token' client_id: 'phone' refresh_token: '";
  const auto next = Issue(refresh + tokens->refresh_token() + "' scope: 'read'");
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->scope(), "read");
  Advance(absl::Hours(24 * 14));
  EXPECT_THAT(Issue(refresh + next->refresh_token() + "'"),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
}

TEST_P(GrantsTest, ACodeIsBoundToClientAddressAndVerifierAndToAMinute) {
  MakePhone();
  MakeClient("other", "public_client: true redirect_uris: '" + std::string(kRedirect) + "'");
  const auto refuse = [&](const auto& change, const char* reason) {
    v1::IssueTokenRequest request = Exchange(Code());
    change(request);
    EXPECT_THAT(Issued(request), StatusIs(StatusCode::kInvalidArgument, HasReason(reason)));
  };
  refuse([](auto& r) { r.set_client_id("other"); }, "INVALID_GRANT");
  refuse([](auto& r) { r.set_redirect_uri("https://phone.example/back2"); }, "INVALID_GRANT");
  refuse([](auto& r) { r.set_code_verifier(std::string(43, 'a')); }, "INVALID_GRANT");
  refuse([](auto& r) { r.set_code_verifier("short"); }, "INVALID_REQUEST");
  refuse([](auto& r) { r.clear_code_verifier(); }, "INVALID_REQUEST");
  refuse([](auto& r) { r.set_code("wrong"); }, "INVALID_GRANT");
  const std::string code = Code();
  Advance(kCodeLife);
  EXPECT_THAT(Issued(Exchange(code)),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
}

TEST_P(GrantsTest, ACodeThatIsUsedTwiceTakesBackWhatItGave) {
  MakePhone();
  const std::string code = Code();
  const auto tokens = Issued(Exchange(code));
  ASSERT_THAT(tokens, IsOk());
  EXPECT_EQ(SessionOf(tokens).client(), "apiClients/phone");
  EXPECT_THAT(Issued(Exchange(code)),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
  EXPECT_EQ(SessionOf(tokens).revoke_reason(), v1::REVOKED);
}

TEST_P(GrantsTest, PeopleAreOnlySentBackToAnAddressOfTheClientAndOnlyWithPkce) {
  MakePhone();
  const auto refuse = [&](const auto& change, const char* reason) {
    v1::AuthorizeClientRequest request = Authorization();
    change(request);
    EXPECT_THAT(Ask<v1::AuthorizeClientResponse>("AuthorizeClient", request),
                StatusIs(StatusCode::kInvalidArgument, HasReason(reason)));
  };
  refuse([](auto& r) { r.set_client_id("none"); }, "REDIRECT_URI_UNKNOWN");
  refuse([](auto& r) { r.set_redirect_uri("https://phone.example/back/"); },
         "REDIRECT_URI_UNKNOWN");
  refuse([](auto& r) { r.clear_code_challenge(); }, "INVALID_REQUEST");
  refuse([](auto& r) { r.set_code_challenge_method("plain"); }, "INVALID_REQUEST");
  refuse([](auto& r) { r.set_scope("rule"); }, "INVALID_SCOPE");
  refuse([](auto& r) { r.set_password("wrong wrong wrong"); }, "INVALID_GRANT");
}

TEST_P(GrantsTest, ATokenIsRevokedByTheClientThatItWasGivenTo) {
  MakePhone();
  const auto tokens = Issued(Exchange(Code()));
  v1::RevokeTokenRequest request;
  for (const std::string& token : {tokens->access_token(), tokens->refresh_token()}) {
    request.set_token(token);
    EXPECT_THAT(Ask<v1::RevokeTokenResponse>("RevokeToken", request), IsOk());
    EXPECT_FALSE(SessionOf(tokens).has_revoke_time());
  }
  request.set_token("nonsense");
  request.set_client_id("phone");
  EXPECT_THAT(Ask<v1::RevokeTokenResponse>("RevokeToken", request), IsOk());
  request.set_token(tokens->access_token());
  EXPECT_THAT(Ask<v1::RevokeTokenResponse>("RevokeToken", request), IsOk());
  EXPECT_EQ(SessionOf(tokens).revoke_reason(), v1::SIGNED_OUT);
}

TEST_P(GrantsTest, ASecretRotatesWithADayOfOverlapThatCanBeEndedAtOnce) {
  const std::string first = MakeClient("app", "");
  const auto issue = [&](const std::string& secret) {
    return Issue("grant_type: 'client_credentials' client_id: 'app' client_secret: '" + secret +
                 "'");
  };
  v1::RotateSecretRequest request;
  request.set_name("apiClients/app");
  const auto second = Ask<v1::RotateSecretResponse>("RotateSecret", request);
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(second->has_previous_expire_time());
  EXPECT_THAT(issue(first), IsOk());
  EXPECT_THAT(issue(second->secret()), IsOk());
  Advance(kSecretOverlap);
  EXPECT_THAT(issue(first), StatusIs(StatusCode::kUnauthenticated));
  const auto before = issue(second->secret());
  request.set_end_previous(true);
  const auto third = Ask<v1::RotateSecretResponse>("RotateSecret", request);
  ASSERT_THAT(third, IsOk());
  EXPECT_THAT(issue(second->secret()), StatusIs(StatusCode::kUnauthenticated));
  EXPECT_EQ(SessionOf(before).revoke_reason(), v1::CREDENTIAL_CHANGED);
  const auto last = issue(third->secret());
  v1::RevokeSecretsRequest revoke;
  revoke.set_name("apiClients/app");
  const auto revoked = Ask<v1::RevokeSecretsResponse>("RevokeSecrets", revoke);
  ASSERT_THAT(revoked, IsOk());
  EXPECT_EQ(revoked->revoked(), 1);
  EXPECT_THAT(issue(third->secret()), StatusIs(StatusCode::kUnauthenticated));
  EXPECT_EQ(SessionOf(last).revoke_reason(), v1::CREDENTIAL_CHANGED);
}

TEST_P(GrantsTest, AProgramHasOneSessionADayAndAnotherAfterItsEnd) {
  const std::string secret = MakeClient("app", "");
  const auto issue = [&] {
    return Issue("grant_type: 'client_credentials' client_id: 'app' client_secret: '" + secret +
                 "'");
  };
  const auto first = issue();
  const v1::Session session = SessionOf(first);
  EXPECT_EQ(SessionOf(issue()).name(), session.name());
  // By an administrator.
  v1::RevokeSessionRequest revoke;
  revoke.set_name(session.name());
  ASSERT_THAT(Ask<v1::Session>("RevokeSession", revoke), IsOk());
  const auto second = issue();
  EXPECT_NE(SessionOf(second).name(), session.name());
  EXPECT_FALSE(SessionOf(second).has_revoke_time());
  // By itself.
  v1::RevokeTokenRequest give_back;
  give_back.set_token(second->access_token());
  give_back.set_client_id("app");
  give_back.set_client_secret(secret);
  ASSERT_THAT(Ask<v1::RevokeTokenResponse>("RevokeToken", give_back), IsOk());
  EXPECT_TRUE(SessionOf(second).has_revoke_time());
  const v1::Session third = SessionOf(issue());
  EXPECT_FALSE(third.has_revoke_time());
  Advance(absl::Hours(24));
  EXPECT_NE(SessionOf(issue()).name(), third.name());
}

TEST_P(GrantsTest, AnotherKeyFileIsRefusedOrGetsNewKeysIfAskedFor) {
  MakeUser("ana@example.org");
  const auto before = SignInAs("ana@example.org");
  ASSERT_THAT(Claims(before->access_token()), IsOk());
  Options options = TestOptions();
  options.key_file = FileIn("other.key");
  const auto refused = IdentityService::Open(store(), options);
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused.status().message(), ::testing::HasSubstr("identity.renew_keys"));
  options.renew_keys = true;
  ASSERT_THAT(IdentityService::Open(store(), options), IsOk());
  Advance(absl::Minutes(1));  // this clock stands, and behind the true one
  EXPECT_THAT(Claims(before->access_token()), StatusIs(StatusCode::kUnauthenticated));
  options.renew_keys = false;
  ASSERT_THAT(IdentityService::Open(store(), options), IsOk());
}

TEST_P(GrantsTest, TimesAreMicroseconds) {
  Advance(absl::Nanoseconds(1'234'567));
  MakeUser("ana@example.org");
  const v1::Session session = SessionOf(SignInAs("ana@example.org"));
  EXPECT_EQ(session.expire_time().nanos() % 1'000'000, 234'000);
  EXPECT_EQ(session.create_time().nanos() % 1'000'000, 234'000);
}

TEST_P(GrantsTest, NothingSecretIsKeptAsItWasGiven) {
  MakePhone();
  const std::string secret = MakeClient("app", "");
  const auto tokens = Issued(Exchange(Code()));
  ASSERT_THAT(tokens, IsOk());
  const auto next = Issue("grant_type: 'refresh_token' client_id: 'phone' refresh_token: '" +
                          tokens->refresh_token() + "'");
  ASSERT_THAT(next, IsOk());
  const auto feed = Create<v1::FeedKey>("", "", "owner: 'apiClients/app'");
  ASSERT_THAT(feed, IsOk());
  ASSERT_EQ(feed->key().size(), 43u);
  const auto invitation = Create<v1::Invitation>(
      "", "",
      "organization: 'organizations/help' role: ORGANIZATION_READER email: 'vera@example.org'");
  ASSERT_THAT(invitation, IsOk());
  ASSERT_FALSE(invitation->token().empty());
  const std::string all = EverythingStored();
  ASSERT_NE(all.find("apiClients/phone"), std::string::npos);
  for (const std::string& word : {std::string(kPassword), secret, tokens->refresh_token(),
                                  next->refresh_token(), tokens->access_token(), feed->key(),
                                  invitation->token(), std::string("\"d\":"), std::string(kHome)}) {
    EXPECT_EQ(all.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace mostove::identity
