// People whom an outside OpenID provider signs in.
#include <rhonabwy.h>

#include <fstream>

#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "services/identity/fetch.h"
#include "services/identity/identity_fixture.h"

namespace mostove::identity {
namespace {

using absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

constexpr char kIssuer[] = "https://id.example.org";

// The provider's key, as its library makes it.
class ProviderKey {
 public:
  ProviderKey() {
    r_jwk_init(&private_);
    r_jwk_init(&public_);
    EXPECT_EQ(r_jwk_generate_key_pair(private_, public_, R_KEY_TYPE_EDDSA, 256, "k1"), RHN_OK);
  }
  ~ProviderKey() {
    r_jwk_free(private_);
    r_jwk_free(public_);
  }
  std::string Jwks() const {
    char* const text = r_jwk_export_to_json_str(public_, 0);
    const std::string jwks = absl::Substitute(R"({"keys":[$0]})", text);
    r_free(text);
    return jwks;
  }
  std::string Sign(const std::string& claims) const {
    jws_t* jws = nullptr;
    r_jws_init(&jws);
    r_jws_set_alg(jws, R_JWA_ALG_EDDSA);
    r_jws_set_header_str_value(jws, "kid", "k1");
    r_jws_set_payload(jws, reinterpret_cast<const unsigned char*>(claims.data()), claims.size());
    char* const text = r_jws_serialize(jws, private_, R_FLAG_IGNORE_REMOTE);
    std::string token = text == nullptr ? "" : text;
    r_free(text);
    r_jws_free(jws);
    return token;
  }

 private:
  jwk_t* private_ = nullptr;
  jwk_t* public_ = nullptr;
};

class ProviderTest : public IdentityTest {
 protected:
  Options TestOptions() override {
    Options options = IdentityTest::TestOptions();
    options.provider = {.issuer = kIssuer, .jwks = FileIn("jwks.json"), .audience = "mostove"};
    return options;
  }
  void Publish(const ProviderKey& key) { std::ofstream(FileIn("jwks.json")) << key.Jwks(); }

  absl::StatusOr<v1::TokenResponse> Show(const ProviderKey& key, const std::string& subject,
                                         const std::string& email, bool verified = true) {
    const std::string token = key.Sign(absl::Substitute(
        R"({"iss":"$0","aud":"mostove","sub":"$1","email":"$2","email_verified":$3,)"
        R"("name":"Ana","iat":$4,"exp":$5})",
        kIssuer, subject, email, verified ? "true" : "false", absl::ToUnixSeconds(Now()),
        absl::ToUnixSeconds(Now()) + 300));
    return Issue("grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' assertion: '" + token +
                 "'");
  }
};
INSTANTIATE_ON_BOTH_ENGINES(ProviderTest);

TEST_P(ProviderTest, APersonIsAUserByAddressByInvitationAndThenBySubject) {
  const ProviderKey key;
  Publish(key);
  const auto refused = StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT"));
  EXPECT_THAT(Show(key, "s1", "ana@example.org"), refused);  // nobody has asked for her
  const std::string ana = MakeUser("ana@example.org");
  EXPECT_THAT(Show(key, "s1", "ana@example.org", /*verified=*/false), refused);
  EXPECT_EQ(SessionOf(Show(key, "s1", "Ana@example.org")).subject(), ana);
  // From now on the subject decides, whatever the address.
  EXPECT_EQ(SessionOf(Show(key, "s1", "new@example.org")).subject(), ana);
  ASSERT_THAT(Create<v1::Invitation>("", "",
                                     "organization: 'organizations/help' role: ORGANIZATION_READER "
                                     "email: 'vera@example.org'"),
              IsOk());
  const std::string vera = SessionOf(Show(key, "s2", "vera@example.org")).subject();
  EXPECT_NE(vera, "");
  EXPECT_EQ(List<v1::RoleGrant>("", "member = \"" + vera + "\"").size(), 1u);
  EXPECT_EQ(SessionOf(Show(key, "s2", "vera@example.org")).subject(), vera);
  ASSERT_THAT(Update<v1::User>(ana, "disabled: true"), IsOk());
  EXPECT_THAT(Show(key, "s1", "ana@example.org"), refused);
}

TEST_P(ProviderTest, KeysThatTheProviderRotatedAreReadAgainOnceAMinute) {
  const ProviderKey first;
  const ProviderKey second;
  Publish(first);
  MakeUser("ana@example.org");
  ASSERT_THAT(Show(first, "s1", "ana@example.org"), IsOk());
  Publish(second);
  EXPECT_THAT(Show(second, "s1", "ana@example.org"), StatusIs(StatusCode::kInvalidArgument));
  Advance(absl::Minutes(1));
  EXPECT_THAT(Show(second, "s1", "ana@example.org"), IsOk());
}

TEST(FetchTest, KeysComeOverHttpsFromThisMachineOrFromAFile) {
  const auto away = StatusIs(StatusCode::kUnavailable, HasReason("PROVIDER_AWAY"));
  for (const char* place : {"http://id.example.org/jwks", "http://127.0.0.1.example.org/jwks",
                            "ftp://id.example.org/jwks", "/nowhere/jwks.json"}) {
    EXPECT_THAT(FetchDocument(place, absl::Seconds(1)), away) << place;
  }
}

}  // namespace
}  // namespace mostove::identity
