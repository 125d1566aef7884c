#include "libs/auth/token.h"

#include "gmock/gmock.h"
#include "libs/auth/outside_token.h"
#include "libs/auth/token_fixture.h"
#include "libs/call/call.h"
#include "libs/testing/matchers.h"

namespace mostove::auth {
namespace {

using ::absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(TokenTest, WhatWasSignedIsVerifiedToTheSameClaims) {
  EXPECT_THAT(VerifyHere(SignHere(Claims())), IsOkAndHolds(Claims()));
}

TEST_F(TokenTest, AProgramsTokenNamesTheProgramAndMayHaveOneScope) {
  TokenClaims claims = Claims();
  claims.subject = "apiClients/sofia-help-app";
  claims.client = "sofia-help-app";
  claims.scopes = call::kScopeRead;
  EXPECT_THAT(VerifyHere(SignHere(claims)), IsOkAndHolds(claims));
}

TEST_F(TokenTest, TheTokenEndsAtItsTimeAndNotBefore) {
  const std::string token = SignHere(Claims());
  EXPECT_THAT(VerifyHere(token, Claims().expire_time - absl::Milliseconds(1)), IsOk());
  EXPECT_THAT(VerifyHere(token, Claims().expire_time),
              StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_EXPIRED")));
}

TEST_F(TokenTest, ATokenOfAClockThatIsALittleAheadIsTaken) {
  const std::string token = SignHere(Claims());
  EXPECT_THAT(VerifyHere(token, Claims().issue_time - absl::Seconds(29)), IsOk());
  EXPECT_THAT(VerifyHere(token, Claims().issue_time - absl::Seconds(31)),
              StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_INVALID")));
}

TEST_F(TokenTest, NoTokenIsMadeThatNobodyWouldTake) {
  const auto spoilt = [](auto change) {
    TokenClaims claims = Claims();
    change(claims);
    return claims;
  };
  const TokenClaims wrong[] = {
      spoilt([](TokenClaims& c) { c.issuer = ""; }),
      spoilt([](TokenClaims& c) { c.subject = "users/somebody"; }),
      spoilt([](TokenClaims& c) { c.subject = "services/funding"; }),
      spoilt([](TokenClaims& c) { c.subject = "administrators/local"; }),
      spoilt([](TokenClaims& c) { c.session = "1"; }),
      spoilt([](TokenClaims& c) { c.client = "a b"; }),
      spoilt([](TokenClaims& c) { c.expire_time = c.issue_time; }),
  };
  for (const TokenClaims& claims : wrong) {
    EXPECT_THAT(Sign(key(), claims),
                StatusIs(StatusCode::kInvalidArgument, HasReason("TOKEN_INVALID")));
  }
}

TEST_F(TokenTest, ThePublishedKeyHasNoPrivateHalf) {
  const auto jwk = PublicJwk(key());
  ASSERT_THAT(jwk, IsOk());
  EXPECT_THAT(*jwk, Not(HasSubstr("\"d\"")));
  EXPECT_THAT(*jwk, HasSubstr(key().id));
  EXPECT_THAT(ParsePublicKey(*jwk), IsOk());
  EXPECT_THAT(ParsePublicKey(key().private_jwk),
              StatusIs(StatusCode::kInvalidArgument, HasReason("KEY_INVALID")));
}

TEST_F(TokenTest, OfAKeySetTheUsableKeysAreTaken) {
  const std::string ours = *PublicJwk(key());
  const auto keys = ParseKeySet(
      absl::StrCat(R"({"keys": [)", ours, R"(, {"kty": "oct", "kid": "s", "k": "AAAA"},)",
                   R"({"kty": "OKP", "crv": "X25519", "x": "AAAA", "kid": "x"}, 7]})"));
  ASSERT_THAT(keys, IsOk());
  EXPECT_THAT(*keys, SizeIs(1));
  EXPECT_TRUE(keys->contains(key().id));
  EXPECT_THAT(ParseKeySet("{}"), StatusIs(StatusCode::kInvalidArgument, HasReason("KEY_INVALID")));
}

TEST_F(TokenTest, AKeyIdThatStandsTwiceNamesNoKey) {
  const std::string ours = *PublicJwk(key());
  const auto keys = ParseKeySet(absl::StrCat(R"({"keys": [)", ours, ",", ours, "]}"));
  ASSERT_THAT(keys, IsOk());
  EXPECT_THAT(*keys, SizeIs(0));
}

TEST(ScopesTest, AreTwoWords) {
  EXPECT_THAT(ParseScopes("read write"), IsOkAndHolds(call::kScopeRead | call::kScopeWrite));
  EXPECT_THAT(ParseScopes(""), IsOkAndHolds(0u));
  EXPECT_THAT(ParseScopes("read feeds"),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_SCOPE")));
  EXPECT_EQ(ScopeText(call::kScopeRead | call::kScopeWrite), "read write");
}

}  // namespace
}  // namespace mostove::auth
