#include "libs/auth/outside_token.h"

#include <rhonabwy.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "gmock/gmock.h"
#include "libs/auth/jose.h"
#include "libs/testing/matchers.h"

namespace mostove::auth {
namespace {

using ::absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

constexpr char kIssuer[] = "https://id.example.org/realms/network";
constexpr char kAudience[] = "mostove-web";
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'010);

const auto kRefused = StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_INVALID"));

// A key of the provider, as the library makes them.
struct Pair {
  Pair(int type, unsigned int bits, jwa_alg algorithm) : algorithm(algorithm) {
    r_jwk_init(&private_half);
    r_jwk_init(&public_half);
    EXPECT_EQ(r_jwk_generate_key_pair(private_half, public_half, type, bits, "k1"), RHN_OK);
  }
  ~Pair() {
    r_jwk_free(private_half);
    r_jwk_free(public_half);
  }

  std::string Jwks() const {
    char* const text = r_jwk_export_to_json_str(public_half, 0);
    const std::string jwks = absl::StrCat(R"({"keys":[)", text, "]}");
    r_free(text);
    return jwks;
  }

  std::string Sign(const std::string& claims) const {
    jws_t* jws = nullptr;
    r_jws_init(&jws);
    r_jws_set_alg(jws, algorithm);
    r_jws_set_header_str_value(jws, "kid", "k1");
    r_jws_set_payload(jws, reinterpret_cast<const unsigned char*>(claims.data()), claims.size());
    char* const text = r_jws_serialize(jws, private_half, R_FLAG_IGNORE_REMOTE);
    std::string token = text == nullptr ? "" : text;
    r_free(text);
    r_jws_free(jws);
    return token;
  }

  const jwa_alg algorithm;
  jwk_t* private_half = nullptr;
  jwk_t* public_half = nullptr;
};

std::string Claims(const std::string& from = "", const std::string& to = "") {
  const std::string text = absl::Substitute(
      R"({"iss":"$0","aud":"$1","sub":"u-1","email":"ana@example.org","email_verified":true,)"
      R"("name":"Ана","jti":"t-1","iat":1800000000,"exp":1800000300})",
      kIssuer, kAudience);
  EXPECT_TRUE(absl::StrContains(text, from)) << from;
  return from.empty() ? text : absl::StrReplaceAll(text, {{from, to}});
}

OutsideProvider Provider(const Pair& pair) {
  return {.issuer = kIssuer, .audience = kAudience, .keys = ParseKeySet(pair.Jwks()).value()};
}

TEST(OutsideTokenTest, TheThreeAlgorithmsAreVerified) {
  const Pair pairs[] = {{R_KEY_TYPE_EDDSA, 256, R_JWA_ALG_EDDSA},
                        {R_KEY_TYPE_EC, 256, R_JWA_ALG_ES256},
                        {R_KEY_TYPE_RSA, 2048, R_JWA_ALG_RS256}};
  for (const Pair& pair : pairs) {
    const std::string token = pair.Sign(Claims());
    const auto claims = VerifyOutside(token, Provider(pair), kNow);
    ASSERT_THAT(claims, IsOk()) << r_jwa_alg_to_str(pair.algorithm);
    EXPECT_EQ(claims->subject, "u-1");
    EXPECT_EQ(claims->email, "ana@example.org");
    EXPECT_TRUE(claims->email_verified);
    EXPECT_EQ(claims->display_name, "Ана");
    EXPECT_EQ(claims->token_id, "t-1");
    EXPECT_EQ(claims->expire_time, absl::FromUnixSeconds(1'800'000'300));
    std::string changed = token;
    changed[token.size() - 10] = changed[token.size() - 10] == 'A' ? 'B' : 'A';
    EXPECT_THAT(VerifyOutside(changed, Provider(pair), kNow), kRefused);
  }
}

TEST(OutsideTokenTest, OtherAlgorithmsOfAGoodKeyAreRefused) {
  const Pair rsa(R_KEY_TYPE_RSA, 2048, R_JWA_ALG_PS256);
  EXPECT_THAT(VerifyOutside(rsa.Sign(Claims()), Provider(rsa), kNow), kRefused);
  const Pair curve(R_KEY_TYPE_EC, 384, R_JWA_ALG_ES384);
  EXPECT_THAT(VerifyOutside(curve.Sign(Claims()), Provider(curve), kNow), kRefused)
      << "the key itself is not taken";
}

TEST(OutsideTokenTest, TheProvidersKeyDoesNotSignForAnother) {
  const Pair ours(R_KEY_TYPE_EC, 256, R_JWA_ALG_ES256);
  const Pair other(R_KEY_TYPE_EC, 256, R_JWA_ALG_ES256);
  EXPECT_THAT(VerifyOutside(other.Sign(Claims()), Provider(ours), kNow), kRefused);
}

TEST(OutsideTokenTest, ClaimsForOthersAreRefused) {
  const Pair pair(R_KEY_TYPE_EC, 256, R_JWA_ALG_ES256);
  const OutsideProvider provider = Provider(pair);
  const std::string audience = absl::StrCat("\"", kAudience, "\"");
  const std::pair<std::string, std::string> changes[] = {
      {kIssuer, "https://id.example.org/realms/other"},
      {audience, "\"other\""},
      {audience, R"(["mostove-web","other"])"},
      {audience, R"(["mostove-web","other"],"azp":"other")"},
      {audience, "[]"},
      {"\"sub\":\"u-1\",", ""},
      {"\"iat\":1800000000", "\"iat\":1800000100"},
      {"\"iat\":1800000000", "\"nbf\":1800000100"},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_THAT(VerifyOutside(pair.Sign(Claims(from, to)), provider, kNow), kRefused) << to;
  }
  EXPECT_THAT(VerifyOutside(pair.Sign(Claims("1800000300", "1800000010")), provider, kNow),
              StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_EXPIRED")));
  EXPECT_THAT(VerifyOutside(pair.Sign(Claims(",\"exp\":1800000300", "")), provider, kNow),
              StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_EXPIRED")));
}

TEST(OutsideTokenTest, SeveralAudiencesPassWhenTheTokenIsMeantForUs) {
  const Pair pair(R_KEY_TYPE_EC, 256, R_JWA_ALG_ES256);
  const std::string audience = absl::StrCat("\"", kAudience, "\"");
  EXPECT_THAT(
      VerifyOutside(pair.Sign(Claims(audience, R"(["mostove-web"])")), Provider(pair), kNow),
      IsOk());
  EXPECT_THAT(
      VerifyOutside(pair.Sign(Claims(audience, R"(["other","mostove-web"],"azp":"mostove-web")")),
                    Provider(pair), kNow),
      IsOk());
}

TEST(OutsideTokenTest, SmallRsaKeysAndKeysForEncryptionAreLeftOut) {
  const Pair small(R_KEY_TYPE_RSA, 1024, R_JWA_ALG_RS256);
  EXPECT_EQ(ParseKeySet(small.Jwks())->size(), 0u);
  const Pair good(R_KEY_TYPE_RSA, 2048, R_JWA_ALG_RS256);
  EXPECT_EQ(ParseKeySet(good.Jwks())->size(), 1u);
  const std::string encrypts = absl::StrReplaceAll(good.Jwks(), {{"{\"", "{\"use\":\"enc\",\""}});
  EXPECT_EQ(
      ParseKeySet(absl::StrReplaceAll(encrypts, {{"{\"use\":\"enc\",\"keys", "{\"keys"}}))->size(),
      0u);
}

}  // namespace
}  // namespace mostove::auth
