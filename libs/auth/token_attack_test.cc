// Tokens that somebody has tampered with. None is taken, and none makes anybody
// ask an address.
#include <sys/socket.h>

#include <functional>
#include <random>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "libs/auth/jose.h"
#include "libs/auth/outside_token.h"
#include "libs/auth/token_fixture.h"
#include "libs/listen/socket.h"
#include "libs/testing/matchers.h"
#include "openssl/hmac.h"

namespace mostove::auth {
namespace {

using ::absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::Not;

const auto kRefused = StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_INVALID"));

class TokenAttackTest : public TokenTest {
 protected:
  // The valid token with other words in its header or claims, signed anew by the
  // right key: only the words can be what is refused.
  std::string Signed(absl::string_view header, absl::string_view claims) const {
    const std::string valid = SignHere(Claims());
    const std::vector<std::string> parts = absl::StrSplit(valid, '.');
    const std::string text = absl::StrCat(header.empty() ? parts[0] : Encode(header), ".",
                                          claims.empty() ? parts[1] : Encode(claims));
    return absl::StrCat(text, ".", SignatureOf(text));
  }

  // By the key's own bytes: the library would put the header together itself.
  std::string SignatureOf(const std::string& text) const {
    const Json jwk = ParseObject(key().private_jwk);
    std::string seed;
    EXPECT_TRUE(absl::WebSafeBase64Unescape(TextAt(jwk.get(), "d"), &seed));
    EVP_PKEY* const pkey = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()),
        seed.size());
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    unsigned char signature[64];
    size_t size = sizeof(signature);
    EXPECT_EQ(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, pkey), 1);
    EXPECT_EQ(EVP_DigestSign(context, signature, &size,
                             reinterpret_cast<const unsigned char*>(text.data()), text.size()),
              1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return Encode({reinterpret_cast<const char*>(signature), size});
  }

  std::string Header(absl::string_view more = "") const {
    return absl::Substitute(R"({"alg":"EdDSA","typ":"at+jwt","kid":"$0"$1})", key().id, more);
  }

  static std::string ClaimsText(absl::string_view from, absl::string_view to) {
    const std::string text = absl::Substitute(
        R"({"iss":"$0","aud":"mostove","sub":"$1","sid":"$2","scope":"read write","iat":1800000000,"exp":1800000300})",
        kIssuer, Claims().subject, Claims().session);
    const size_t at = text.find(from.data(), 0, from.size());
    EXPECT_NE(at, std::string::npos) << from;
    return std::string(text).replace(at, from.size(), to.data(), to.size());
  }
};

TEST_F(TokenAttackTest, TheWayTheseTokensAreMadeMakesAValidOne) {
  EXPECT_THAT(VerifyHere(Signed(Header(), ClaimsText("", ""))), IsOk());
}

TEST_F(TokenAttackTest, HeadersThatSayOtherThingsAreRefused) {
  const std::string id = key().id;
  const std::string jwk = *PublicJwk(key());
  const std::string headers[] = {
      absl::Substitute(R"({"alg":"none","typ":"at+jwt","kid":"$0"})", id),
      absl::Substitute(R"({"alg":"None","typ":"at+jwt","kid":"$0"})", id),
      absl::Substitute(R"({"typ":"at+jwt","kid":"$0"})", id),
      absl::Substitute(R"({"alg":"ES256","typ":"at+jwt","kid":"$0"})", id),
      absl::Substitute(R"({"alg":"EdDSA","typ":"JWT","kid":"$0"})", id),
      absl::Substitute(R"({"alg":"EdDSA","typ":"application/at+jwt","kid":"$0"})", id),
      absl::Substitute(R"({"alg":"EdDSA","kid":"$0"})", id),
      R"({"alg":"EdDSA","typ":"at+jwt"})",
      R"({"alg":"EdDSA","typ":"at+jwt","kid":"another"})",
      R"({"alg":"EdDSA","typ":"at+jwt","kid":"' OR 1=1 --"})",
      R"({"alg":"EdDSA","typ":"at+jwt","kid":"../../etc/passwd"})",
      R"({"alg":"EdDSA","typ":"at+jwt","kid":""})",
      R"({"alg":"EdDSA","typ":"at+jwt","kid":7})",
      Header(R"(,"jku":"http://127.0.0.1/keys")"),
      Header(absl::StrCat(R"(,"jwk":)", jwk)),
      Header(R"(,"x5u":"http://127.0.0.1/certificate")"),
      Header(R"(,"x5c":["AAAA"])"),
      Header(R"(,"crit":["exp"])"),
      Header(R"(,"zip":"DEF")"),
      Header(R"(,"b64":"false")"),
      Header(R"(,"kid":"again")"),
  };
  for (const std::string& header : headers) {
    EXPECT_THAT(VerifyHere(Signed(header, "")), kRefused) << header;
  }
}

TEST_F(TokenAttackTest, ClaimsThatAreNotOursAreRefused) {
  const std::pair<absl::string_view, absl::string_view> changes[] = {
      {kIssuer, "http://127.0.0.1:8081"},
      {kIssuer, ""},
      {R"("aud":"mostove")", R"("aud":"other")"},
      {R"("aud":"mostove")", R"("aud":["mostove","other"])"},
      {R"("aud":"mostove",)", ""},
      {"users/", "administrators/"},
      {"users/", "users/x"},
      {R"("sid":")", R"("sid":"x)"},
      {R"("scope":"read write")", R"("scope":"everything")"},
      {R"("iat":1800000000)", R"("iat":1800000100)"},
      {R"("iat":1800000000)", R"("iat":1800000000,"nbf":1800000100)"},
      {R"("iat":1800000000)", R"("iat":"1800000000")"},
      {R"("iat":1800000000,)", ""},
      {R"(,"exp":1800000300)", ""},
      {R"("exp":1800000300)", R"("exp":1800000300,"exp":1900000300)"},
      {R"("exp":1800000300)", R"("exp":1800086401)"},
      {"{", "["},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_THAT(VerifyHere(Signed("", ClaimsText(from, to))), kRefused) << from << " -> " << to;
  }
  EXPECT_THAT(VerifyHere(Signed("", ClaimsText("1800000300", "1800000005"))),
              StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_EXPIRED")));
}

TEST_F(TokenAttackTest, TokensWithoutSignatureAreRefused) {
  const std::vector<std::string> parts = absl::StrSplit(SignHere(Claims()), '.');
  const std::string none =
      Encode(absl::Substitute(R"({"alg":"none","typ":"at+jwt","kid":"$0"})", key().id));
  EXPECT_THAT(VerifyHere(absl::StrCat(none, ".", parts[1], ".")), kRefused);
  EXPECT_THAT(VerifyHere(absl::StrCat(none, ".", parts[1])), kRefused);
  EXPECT_THAT(VerifyHere(absl::StrCat(parts[0], ".", parts[1], ".")), kRefused);
  EXPECT_THAT(VerifyHere(absl::StrCat(parts[0], ".", parts[1])), kRefused);
  EXPECT_THAT(VerifyHere(""), kRefused);
  EXPECT_THAT(VerifyHere(".."), kRefused);
}

TEST_F(TokenAttackTest, ThePublicKeyIsNoSecretOfAnHmac) {
  const std::string header =
      Encode(absl::Substitute(R"({"alg":"HS256","typ":"at+jwt","kid":"$0"})", key().id));
  const std::vector<std::string> parts = absl::StrSplit(SignHere(Claims()), '.');
  const std::string text = absl::StrCat(header, ".", parts[1]);
  const std::string jwk = *PublicJwk(key());
  std::string number;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(TextAt(ParseObject(jwk).get(), "x"), &number));
  for (const std::string& secret :
       {jwk, number, std::string(TextAt(ParseObject(jwk).get(), "x"))}) {
    unsigned char mac[32];
    unsigned int size = sizeof(mac);
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
    const std::string signature = Encode({reinterpret_cast<const char*>(mac), size});
    EXPECT_THAT(VerifyHere(absl::StrCat(text, ".", signature)), kRefused);
  }
}

TEST_F(TokenAttackTest, AnotherKeyWithTheSameIdIsRefused) {
  SigningKey forged = GenerateKey().value();
  forged.id = key().id;
  EXPECT_THAT(VerifyHere(Sign(forged, Claims()).value()), kRefused);
}

TEST_F(TokenAttackTest, NoByteCanBeChanged) {
  const std::string valid = SignHere(Claims());
  ASSERT_THAT(VerifyHere(valid), IsOk());
  for (size_t i = 0; i < valid.size(); ++i) {
    for (const char c : {'A', 'B', 'Q', 'g', 'w', '_', '-', '.', '=', '+', '/', ' ', '\0', '\xff',
                         static_cast<char>(valid[i] ^ 1), static_cast<char>(valid[i] ^ 0x20)}) {
      if (c == valid[i]) continue;
      std::string changed = valid;
      changed[i] = c;
      ASSERT_THAT(VerifyHere(changed), Not(IsOk())) << "byte " << i << " is " << int{c};
    }
  }
}

TEST_F(TokenAttackTest, TheLastByteOfTheSignatureHasOneForm) {
  const std::string valid = SignHere(Claims());
  int taken = 0;
  for (int c = 0; c < 256; ++c) {
    std::string changed = valid;
    changed.back() = static_cast<char>(c);
    taken += VerifyHere(changed).ok() ? 1 : 0;
  }
  EXPECT_EQ(taken, 1);
}

TEST_F(TokenAttackTest, NoBeginningOfATokenIsOne) {
  const std::string valid = SignHere(Claims());
  for (size_t size = 0; size < valid.size(); ++size) {
    ASSERT_THAT(VerifyHere(valid.substr(0, size)), kRefused) << size;
  }
  for (const char* more : {"=", "A", ".", " ", "\n", ".AAAA"}) {
    EXPECT_THAT(VerifyHere(valid + more), kRefused);
  }
  EXPECT_THAT(VerifyHere(valid + std::string(kTokenBytesMax, 'A')), kRefused);
}

TEST_F(TokenAttackTest, NoneOfTenThousandRandomMutationsIsTaken) {
  const std::string valid = SignHere(Claims());
  std::mt19937 random(20'270'101);
  const auto below = [&](size_t end) {
    return std::uniform_int_distribution<size_t>(0, end - 1)(random);
  };
  constexpr absl::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  int refused = 0;
  while (refused < 10'000) {
    std::string token = valid;
    for (size_t i = 0; i < 1 + below(3); ++i) {
      const size_t at = below(token.size());
      const char c = kAlphabet[below(kAlphabet.size())];
      switch (below(4)) {
        case 0:
          token[at] = c;
          break;
        case 1:
          token.insert(at, 1, c);
          break;
        case 2:
          token.erase(at, 1 + below(4));
          break;
        default:
          std::swap(token[at], token[below(token.size())]);
      }
    }
    if (token == valid) continue;
    ASSERT_THAT(VerifyHere(token), Not(IsOk())) << token;
    ++refused;
  }
}

// A listener that headers point at; whoever came would stand in its queue.
TEST_F(TokenAttackTest, NobodyIsAskedWhereAHeaderPoints) {
  auto listener = listen::Open("127.0.0.1:0");
  ASSERT_THAT(listener, IsOk());
  const std::string url = absl::StrCat("http://", listener->Address(), "/keys");
  const OutsideProvider provider = {
      .issuer = kIssuer,
      .audience = "mostove",
      .keys = *ParseKeySet(absl::StrCat(R"({"keys":[)", *PublicJwk(key()), "]}"))};
  for (const char* field : {"jku", "x5u"}) {
    for (const char* id : {key().id.c_str(), "another"}) {
      const std::string header = absl::Substitute(
          R"({"alg":"EdDSA","typ":"at+jwt","kid":"$0","$1":"$2"})", id, field, url);
      EXPECT_THAT(VerifyHere(Signed(header, "")), kRefused);
      EXPECT_THAT(VerifyOutside(Signed(header, ""), provider, Now()), kRefused);
    }
  }
  const std::string key_with_address =
      absl::Substitute(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"$0","kid":"k","x5u":"$1"}]})",
                       TextAt(ParseObject(*PublicJwk(key())).get(), "x"), url);
  EXPECT_THAT(ParseKeySet(key_with_address), IsOk());
  EXPECT_EQ(accept4(listener->fd(), nullptr, nullptr, SOCK_NONBLOCK), -1);
  EXPECT_EQ(errno, EAGAIN);
}

}  // namespace
}  // namespace mostove::auth
