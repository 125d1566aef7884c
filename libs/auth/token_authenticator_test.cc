#include "libs/auth/token_authenticator.h"

#include <thread>

#include "gmock/gmock.h"
#include "libs/auth/scripted_log.h"
#include "libs/auth/token_fixture.h"
#include "libs/testing/matchers.h"

namespace mostove::auth {
namespace {

using ::absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kUser[] = "users/0190a6f2-7c1e-7000-8000-000000000001";
constexpr char kApp[] = "apiClients/sofia-help-app";
constexpr char kSofia[] = "organizations/sofia-help";
constexpr char kSession[] = "0190a6f2-7c1e-7000-8000-0000000000aa";

uint32_t Bit(resource::v1::Role role) { return uint32_t{1} << role; }

// What was learned, as the follower brings it.
class TokenAuthenticatorTest : public TokenTest {
 protected:
  void SetUp() override {
    log_.AddKey(key());
    log_.AddUser(kUser);
  }

  // Reads the log to its end.
  void Learn() {
    changes::v1::ListChangesRequest request;
    while (true) {
      request.set_after(position_);
      const auto page = log_.Read(request);
      if (!page.ok()) {
        directory_.StartAgain();
        position_.clear();
        continue;
      }
      if (page->changes().empty() && page->next_position() == position_) break;
      directory_.Apply(page->changes());
      position_ = page->next_position();
    }
    directory_.AtEnd(now_);
  }

  absl::StatusOr<call::Caller> Ask(const std::string& token) const {
    return authenticator_.Authenticate(absl::StrCat("Bearer ", token));
  }
  std::string AppToken(uint32_t scopes = call::kScopeRead | call::kScopeWrite) const {
    TokenClaims claims = Claims();
    claims.subject = kApp;
    claims.scopes = scopes;
    return SignHere(claims);
  }
  static auto Refused(const char* reason) {
    return StatusIs(StatusCode::kUnauthenticated, HasReason(reason));
  }

  absl::Time now_ = Now();
  ScriptedLog log_{Now()};
  Directory directory_;
  std::string position_;
  int behind_ = 0;
  TokenAuthenticator authenticator_{{.directory = &directory_,
                                     .issuer = kIssuer,
                                     .tokens_max = 100,
                                     .clock = [this] { return now_; },
                                     .behind = [this] { ++behind_; }}};
};

TEST_F(TokenAuthenticatorTest, NobodyIsKnownBeforeTheLogWasReadToItsEnd) {
  const auto away = StatusIs(StatusCode::kUnavailable, HasReason("IDENTITY_AWAY"));
  EXPECT_THAT(Ask(SignHere(Claims())), away);
  EXPECT_THAT(authenticator_.Authenticate(FeedKeyAuthorization("k")), away);
  directory_.Apply(log_.Read({})->changes());
  EXPECT_THAT(Ask(SignHere(Claims())), away) << "not yet at the end";
  EXPECT_THAT(authenticator_.Authenticate(""), IsOk()) << "the public is nobody in any case";
  Learn();
  EXPECT_THAT(Ask(SignHere(Claims())), IsOk());
}

TEST_F(TokenAuthenticatorTest, ALivingUserIsAMemberAndOwnsItself) {
  Learn();
  const auto caller = Ask(SignHere(Claims()));
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->name, kUser);
  EXPECT_EQ(caller->session, absl::StrCat("sessions/", kSession));
  EXPECT_EQ(caller->expire_time, Claims().expire_time);
  EXPECT_TRUE(caller->network);
  EXPECT_FALSE(caller->administrator);
  EXPECT_FALSE(caller->service);
  EXPECT_EQ(caller->scopes, call::kScopeRead | call::kScopeWrite);
  EXPECT_THAT(caller->organizations, ElementsAre(kUser));
  EXPECT_THAT(caller->grants, IsEmpty());
}

TEST_F(TokenAuthenticatorTest, RolesAreHeldByResource) {
  using namespace resource::v1;  // NOLINT: the roles
  log_.AddGrant("1", kUser, ORGANIZATION_EDITOR, kSofia);
  log_.AddGrant("2", kUser, ORGANIZATION_READER, kSofia);
  log_.AddGrant("3", kUser, DONOR_READER, "donors/unhcr");
  log_.AddGrant("4", kUser, TRAINER, "programs/academy");
  log_.AddGrant("5", kUser, NETWORK_ANALYST, "network");
  log_.AddGrant("6", "users/another", ORGANIZATION_EDITOR, "organizations/other");
  Learn();
  const auto caller = Ask(SignHere(Claims()));
  ASSERT_THAT(caller, IsOk());
  EXPECT_FALSE(caller->administrator);
  EXPECT_THAT(caller->organizations,
              ElementsAre(kUser, "donors/unhcr", kSofia, "programs/academy"));
  EXPECT_THAT(caller->grants,
              ElementsAre(call::Grant{"donors/unhcr", Bit(DONOR_READER)},
                          call::Grant{"network", Bit(NETWORK_ANALYST)},
                          call::Grant{kSofia, Bit(ORGANIZATION_EDITOR) | Bit(ORGANIZATION_READER)},
                          call::Grant{"programs/academy", Bit(TRAINER)}));
}

TEST_F(TokenAuthenticatorTest, AdministratorsAreThoseOfTheNetworkAlone) {
  log_.AddGrant("1", kUser, resource::v1::NETWORK_ADMINISTRATOR, kSofia);
  Learn();
  EXPECT_FALSE(Ask(SignHere(Claims()))->administrator);
  log_.AddGrant("2", kUser, resource::v1::NETWORK_ADMINISTRATOR, "network");
  Learn();
  EXPECT_TRUE(Ask(SignHere(Claims()))->administrator);
}

TEST_F(TokenAuthenticatorTest, AChangeOfRolesCountsForKnownTokensAtOnce) {
  Learn();
  const std::string token = SignHere(Claims());
  EXPECT_THAT(Ask(token)->grants, IsEmpty());
  log_.AddGrant("1", kUser, resource::v1::ORGANIZATION_EDITOR, kSofia);
  Learn();
  EXPECT_THAT(Ask(token)->organizations, ElementsAre(kUser, kSofia));
  log_.DeleteGrant("1");
  Learn();
  EXPECT_THAT(Ask(token)->organizations, ElementsAre(kUser));
}

TEST_F(TokenAuthenticatorTest, ARoleEndsByItselfAtItsTime) {
  log_.AddGrant("1", kUser, resource::v1::ORGANIZATION_EDITOR, kSofia, now_ + absl::Seconds(60));
  Learn();
  const std::string token = SignHere(Claims());
  EXPECT_THAT(Ask(token)->organizations, ElementsAre(kUser, kSofia));
  now_ += absl::Seconds(60);
  EXPECT_THAT(Ask(token)->organizations, ElementsAre(kUser));
}

TEST_F(TokenAuthenticatorTest, AnEndedSessionIsRefusedThoughItsTokenIsKnown) {
  log_.AddSession(kSession, /*revoked=*/false);
  Learn();
  const std::string token = SignHere(Claims());
  ASSERT_THAT(Ask(token), IsOk());
  const call::Caller caller = *Ask(token);
  EXPECT_THAT(authenticator_.CheckStillValid(caller), IsOk());
  log_.AddSession(kSession, /*revoked=*/true);
  Learn();
  EXPECT_THAT(Ask(token), Refused("SESSION_ENDED"));
  EXPECT_THAT(authenticator_.CheckStillValid(caller), Refused("SESSION_ENDED"));
}

TEST_F(TokenAuthenticatorTest, AnEndedSessionIsKnownAsLongAsItsTokensCouldHold) {
  log_.AddSession(kSession, /*revoked=*/true);
  Learn();
  TokenClaims claims = Claims();
  claims.expire_time = claims.issue_time + kTokenLifeMax;
  const std::string token = SignHere(claims);
  now_ = claims.expire_time - absl::Seconds(1);
  directory_.AtEnd(now_);
  EXPECT_THAT(Ask(token), Refused("SESSION_ENDED"));
}

TEST_F(TokenAuthenticatorTest, DisabledDeletedAndErasedAccountsAreRefused) {
  Learn();
  const std::string token = SignHere(Claims());
  const call::Caller caller = *Ask(token);
  log_.AddUser(kUser, /*disabled=*/true);
  Learn();
  EXPECT_THAT(Ask(token), Refused("ACCOUNT_DISABLED"));
  EXPECT_THAT(authenticator_.CheckStillValid(caller), Refused("ACCOUNT_DISABLED"));
  log_.AddUser(kUser);
  Learn();
  EXPECT_THAT(Ask(token), IsOk());
  log_.DeleteUser(kUser);
  Learn();
  EXPECT_THAT(Ask(token), Refused("ACCOUNT_DISABLED"));
  identity::v1::User erased;
  erased.set_name(kUser);
  erased.set_erased(true);
  log_.Add(erased);
  Learn();
  EXPECT_THAT(Ask(token), Refused("ACCOUNT_DISABLED"));
}

TEST_F(TokenAuthenticatorTest, WhoIsNewerThanTheLogIsAskedToTryAgain) {
  Learn();
  EXPECT_THAT(Ask(AppToken()), StatusIs(StatusCode::kUnavailable, HasReason("IDENTITY_AWAY")));
  EXPECT_EQ(behind_, 1);
  now_ += absl::Minutes(2);
  EXPECT_THAT(Ask(AppToken()), Refused("ACCOUNT_DISABLED")) << "the log would have told";
}

TEST_F(TokenAuthenticatorTest, AProgramHasTheScopesOfItsTokenThatItMayHave) {
  log_.AddClient(kApp, {});
  Learn();
  EXPECT_EQ(Ask(AppToken())->scopes, call::kScopeRead | call::kScopeWrite);
  EXPECT_EQ(Ask(AppToken(call::kScopeRead))->scopes, call::kScopeRead);
  log_.AddClient(kApp, {"read"});
  Learn();
  EXPECT_EQ(Ask(AppToken())->scopes, call::kScopeRead);
  log_.AddClient(kApp, {"read"}, /*disabled=*/true);
  Learn();
  EXPECT_THAT(Ask(AppToken()), Refused("ACCOUNT_DISABLED"));
}

TEST_F(TokenAuthenticatorTest, TokensOfAKeyAreRefusedWhenItEnds) {
  log_.AddKey(key(), now_ + absl::Seconds(60));
  Learn();
  const std::string token = SignHere(Claims());
  ASSERT_THAT(Ask(token), IsOk());
  now_ += absl::Seconds(60);
  EXPECT_THAT(Ask(token), Refused("TOKEN_INVALID"));
}

TEST_F(TokenAuthenticatorTest, ARevokedKeyIsRefusedThoughItsTokensAreKnown) {
  Learn();
  const std::string token = SignHere(Claims());
  ASSERT_THAT(Ask(token), IsOk());
  identity::v1::SigningKey revoked;
  revoked.set_name(absl::StrCat("signingKeys/", key().id));
  log_.Add(revoked, changes::v1::DELETED);
  Learn();
  EXPECT_THAT(Ask(token), Refused("TOKEN_INVALID"));
}

TEST_F(TokenAuthenticatorTest, KeysChangeWithoutARefusal) {
  Learn();
  const std::string old_token = SignHere(Claims());
  const SigningKey next = GenerateKey().value();
  log_.AddKey(next);
  log_.AddKey(key(), Claims().expire_time);
  Learn();
  EXPECT_THAT(Ask(old_token), IsOk());
  EXPECT_THAT(Ask(Sign(next, Claims()).value()), IsOk());
}

TEST_F(TokenAuthenticatorTest, AKnownTokenEndsAtItsTime) {
  Learn();
  const std::string token = SignHere(Claims());
  const call::Caller caller = *Ask(token);
  now_ = Claims().expire_time;
  EXPECT_THAT(Ask(token), Refused("TOKEN_EXPIRED"));
  EXPECT_THAT(authenticator_.CheckStillValid(caller), Refused("TOKEN_EXPIRED"));
}

TEST_F(TokenAuthenticatorTest, WithTheLogAwayKnownTokensGoOnAndNewOnesAreVerified) {
  Learn();
  EXPECT_THAT(Ask(SignHere(Claims())), IsOk());
  now_ = Claims().expire_time - absl::Seconds(1);
  EXPECT_THAT(Ask(SignHere(Claims())), IsOk());
}

TEST_F(TokenAuthenticatorTest, AStreamEndsWhenItsCallersRolesChange) {
  log_.AddGrant("1", kUser, resource::v1::ORGANIZATION_EDITOR, kSofia);
  Learn();
  const call::Caller caller = *Ask(SignHere(Claims()));
  EXPECT_THAT(authenticator_.CheckStillValid(caller), IsOk());
  log_.DeleteGrant("1");
  Learn();
  EXPECT_THAT(authenticator_.CheckStillValid(caller),
              StatusIs(StatusCode::kAborted, HasReason("ROLES_CHANGED")));
}

TEST_F(TokenAuthenticatorTest, WhatWasKnownGoesOnUntilANewLogWasReadToItsEnd) {
  log_.AddGrant("1", kUser, resource::v1::ORGANIZATION_EDITOR, kSofia);
  Learn();
  const std::string token = SignHere(Claims());
  EXPECT_THAT(Ask(token)->organizations, ElementsAre(kUser, kSofia));
  log_.BeginAnew();
  log_.AddKey(key());
  log_.AddUser(kUser);
  directory_.StartAgain();
  directory_.Apply(log_.Read({})->changes());
  EXPECT_THAT(Ask(token)->organizations, ElementsAre(kUser, kSofia));
  Learn();
  EXPECT_THAT(Ask(token)->organizations, ElementsAre(kUser)) << "the grant is not in the new log";
}

TEST_F(TokenAuthenticatorTest, AFeedKeyReadsDatasetsAsItsOwner) {
  log_.AddGrant("1", kUser, resource::v1::ORGANIZATION_READER, kSofia);
  log_.AddFeedKey("f", kUser, "secret");
  Learn();
  const auto caller = authenticator_.Authenticate(FeedKeyAuthorization("secret"));
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->name, kUser);
  EXPECT_EQ(caller->session, "feedKeys/f");
  EXPECT_EQ(caller->scopes, call::kScopeFeeds);
  EXPECT_THAT(caller->organizations, ElementsAre(kUser, kSofia));
  const std::string with_name = absl::StrCat("basic ", absl::Base64Escape("anything:secret"));
  EXPECT_THAT(authenticator_.Authenticate(with_name), IsOk());
}

TEST_F(TokenAuthenticatorTest, FeedKeysEndWithTheirTimeTheirOwnerOrARevocation) {
  log_.AddFeedKey("short", kUser, "short", changes::v1::CREATED, now_ + absl::Seconds(5));
  log_.AddFeedKey("long", kUser, "long");
  Learn();
  const std::string short_key = FeedKeyAuthorization("short");
  const std::string long_key = FeedKeyAuthorization("long");
  const call::Caller caller = *authenticator_.Authenticate(long_key);
  EXPECT_THAT(authenticator_.Authenticate(short_key), IsOk());
  now_ += absl::Seconds(5);
  EXPECT_THAT(authenticator_.Authenticate(short_key), Refused("FEED_KEY_INVALID"));
  EXPECT_THAT(authenticator_.CheckStillValid(caller), IsOk());
  log_.AddFeedKey("long", kUser, "long", changes::v1::DELETED);
  Learn();
  EXPECT_THAT(authenticator_.Authenticate(long_key), Refused("FEED_KEY_INVALID"));
  EXPECT_THAT(authenticator_.CheckStillValid(caller), Refused("FEED_KEY_INVALID"));
}

TEST_F(TokenAuthenticatorTest, OtherWordsAreRefused) {
  Learn();
  const std::string token = SignHere(Claims());
  EXPECT_THAT(authenticator_.Authenticate(absl::StrCat("bearer  ", token)), IsOk());
  for (const std::string& words : {std::string("Digest x"), std::string("Bearer"), token,
                                   std::string("Bearertoken"), absl::StrCat("Bearer\t", token)}) {
    EXPECT_THAT(authenticator_.Authenticate(words), Refused("SCHEME_UNKNOWN")) << words;
  }
  for (const char* words : {"Basic ?", "Basic QUJD", "Basic Og=="}) {
    EXPECT_THAT(authenticator_.Authenticate(words), Refused("FEED_KEY_INVALID")) << words;
  }
  EXPECT_THAT(authenticator_.Authenticate("Bearer "), Refused("TOKEN_INVALID"));
}

TEST_F(TokenAuthenticatorTest, TheNumberOfKeptTokensIsBounded) {
  Learn();
  for (int i = 0; i < 300; ++i) {
    TokenClaims claims = Claims();
    claims.issue_time -= absl::Seconds(i);
    ASSERT_THAT(Ask(SignHere(claims)), IsOk());
  }
  EXPECT_LE(authenticator_.tokens_kept(), 112u);
}

TEST_F(TokenAuthenticatorTest, ManyThreadsAskWhileRolesChange) {
  Learn();
  const std::string token = SignHere(Claims());
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const auto caller = Ask(token);
        const bool whole = caller.ok() && caller->organizations.size() == 1 + caller->grants.size();
        if (!whole) ++wrong;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    log_.AddGrant("1", kUser, resource::v1::ORGANIZATION_EDITOR, kSofia);
    Learn();
    EXPECT_THAT(Ask(token)->grants, ::testing::SizeIs(1));
    log_.DeleteGrant("1");
    Learn();
    EXPECT_THAT(Ask(token)->grants, IsEmpty());
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(TokenAuthenticatorTest, NoMutationOfAKnownTokenIsAnswered) {
  Learn();
  const std::string token = SignHere(Claims());
  ASSERT_THAT(Ask(token), IsOk());
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (i + 1 == token.size()) changed[i] = static_cast<char>(token[i] ^ 1);
    ASSERT_THAT(Ask(changed), Refused("TOKEN_INVALID")) << i;
  }
}

// Kept answers are shared by callers of one visibility.
TEST_F(TokenAuthenticatorTest, WhoSeesTheSameHasTheSameVisibility) {
  log_.AddClient(kApp, {});
  log_.AddFeedKey("f", kUser, "secret");
  Learn();
  const auto visibility = [&](const std::string& authorization) {
    return call::VisibilityOf(authenticator_.Authenticate(authorization).value());
  };
  const std::string user = absl::StrCat("Bearer ", SignHere(Claims()));
  EXPECT_NE(visibility(user), visibility(absl::StrCat("Bearer ", AppToken())));
  EXPECT_NE(visibility(user), visibility(""));
  EXPECT_EQ(visibility(user), visibility(FeedKeyAuthorization("secret")));
  call::Caller program = {.name = "services/funding", .service = true};
  EXPECT_EQ(call::VisibilityOf(program), call::VisibilityOf(call::LocalAdministrator()));
}

}  // namespace
}  // namespace mostove::auth
