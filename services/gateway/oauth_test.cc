// The addresses of OAuth 2, the sign-in page and the invitation, before an identity service that a
// test plays.
#include "services/gateway/oauth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "libs/transcoding/percent.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/gateway/form.h"
#include "services/gateway/html_page.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

namespace idv1 = identity::v1;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kForm[] = "Content-Type: application/x-www-form-urlencoded\r\n";
constexpr char kOwnPage[] =
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n";
constexpr char kIssuer[] = "https://registry.example.org";
constexpr char kChallenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

absl::Status Wrong(absl::string_view reason) {
  return status::Make(absl::StatusCode::kInvalidArgument, reason, "what \"identity\" says");
}

class OAuthTest : public GatewayTest {
 protected:
  void SetUp() override {
    identity_.On<idv1::IssueTokenRequest, idv1::TokenResponse>(
        "IssueToken", [this](const auto&) -> absl::StatusOr<idv1::TokenResponse> {
          if (!answer_.ok()) return answer_;
          idv1::TokenResponse token;
          token.set_access_token("a.b.c");
          token.set_token_type("Bearer");
          token.set_expires_in(300);
          token.set_scope("read write");
          return token;
        });
    identity_.On<idv1::RevokeTokenRequest, idv1::RevokeTokenResponse>(
        "RevokeToken", [this](const auto&) -> absl::StatusOr<idv1::RevokeTokenResponse> {
          if (!answer_.ok()) return answer_;
          return idv1::RevokeTokenResponse();
        });
    identity_.On<idv1::DescribeClientRequest, idv1::DescribeClientResponse>(
        "DescribeClient", [](const auto& request) -> absl::StatusOr<idv1::DescribeClientResponse> {
          if (request.client_id() != "phone-app" ||
              (request.redirect_uri() != "https://app.example.org/back" &&
               request.redirect_uri() != "org.example.app:/back?from=mostove")) {
            return Wrong("REDIRECT_URI_UNKNOWN");
          }
          idv1::DescribeClientResponse client;
          client.set_display_name("Phone <app> & more");
          client.add_scopes("read");
          return client;
        });
    identity_.On<idv1::AuthorizeClientRequest, idv1::AuthorizeClientResponse>(
        "AuthorizeClient", [this](const auto&) -> absl::StatusOr<idv1::AuthorizeClientResponse> {
          if (!answer_.ok()) return answer_;
          idv1::AuthorizeClientResponse authorized;
          authorized.set_code("c0de+/=");
          return authorized;
        });
    identity_.On<idv1::AcceptInvitationRequest, idv1::AcceptInvitationResponse>(
        "AcceptInvitation", [this](const auto&) -> absl::StatusOr<idv1::AcceptInvitationResponse> {
          if (!answer_.ok()) return answer_;
          return idv1::AcceptInvitationResponse();
        });
    identity_.On<idv1::ListSigningKeysRequest, idv1::ListSigningKeysResponse>(
        "ListSigningKeys", [this](const auto&) -> absl::StatusOr<idv1::ListSigningKeysResponse> {
          if (!answer_.ok()) return answer_;
          idv1::ListSigningKeysResponse keys;
          keys.add_signing_keys()->set_public_jwk(R"({"kty":"OKP","kid":"k1"})");
          keys.add_signing_keys()->set_public_jwk(R"({"kty":"OKP","kid":"ended"})");
          keys.mutable_signing_keys(1)->mutable_expire_time()->set_seconds(1);
          return keys;
        });
    Open();
  }

  void Open(LimitSettings limits = {}) {
    gateway_.reset();
    budgets_ = std::make_unique<Budgets>(limits, nullptr, metrics_.get());
    auto gateway = Gateway::Start(
        {.address = "127.0.0.1:0",
         .entrance = {.tokens = true, .issuer = kIssuer},
         .budgets = budgets_.get()},
        {&identity_}, [](auto) { return call::Caller(); }, metrics_.get(), nullptr);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }
  Answer Token(const std::string& body, const std::string& headers = "") {
    return Ask("POST", "/oauth2/token", absl::StrCat(kForm, headers), body);
  }
  static std::string Basic(absl::string_view pair) {
    return absl::StrCat("Authorization: Basic ", absl::Base64Escape(pair), "\r\n");
  }

  absl::Status answer_;  // of identity
  FakeInvoker identity_{"mostove.identity.v1.IdentityService"};
  std::unique_ptr<Budgets> budgets_;
};

// --- /oauth2/token

TEST_F(OAuthTest, ATokenIsGivenAsRfc6749Says) {
  const Answer answer = Token("grant_type=client_credentials&scope=read+write&unknown=x",
                              Basic("sofia%2Dhelp-app:s%3Aecret+1"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  EXPECT_EQ(answer.Header("cache-control"), "no-store");
  EXPECT_EQ(answer.Header("pragma"), "no-cache");
  EXPECT_EQ(
      answer.body,
      R"({"access_token":"a.b.c","token_type":"Bearer","expires_in":300,"scope":"read write"})");
  EXPECT_EQ(identity_.request(),
            "grant_type: \"client_credentials\" client_id: \"sofia-help-app\" client_secret: "
            "\"s:ecret 1\" scope: \"read write\" address: \"127.0.0.1\"");
  EXPECT_TRUE(identity_.call().caller.service);
  EXPECT_EQ(identity_.call().caller.name, "services/gateway");
}

TEST_F(OAuthTest, EveryGrantsParametersArePassedOn) {
  Token(
      "grant_type=authorization_code&client_id=phone-app&code=c&redirect_uri=https%3A%2F%2Fx&"
      "code_verifier=v");
  EXPECT_THAT(identity_.request(), AllOf(HasSubstr("code: \"c\""), HasSubstr("\"https://x\""),
                                         HasSubstr("code_verifier: \"v\"")));
  Token("grant_type=password&username=a%40b.bg&password=p+w&client_id=c&client_secret=s");
  EXPECT_THAT(identity_.request(),
              AllOf(HasSubstr("username: \"a@b.bg\""), HasSubstr("password: \"p w\""),
                    HasSubstr("client_secret: \"s\"")));
  Token("grant_type=refresh_token&refresh_token=r");
  EXPECT_THAT(identity_.request(), HasSubstr("refresh_token: \"r\""));
  Token("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=j");
  EXPECT_THAT(identity_.request(), HasSubstr("assertion: \"j\""));
}

TEST_F(OAuthTest, AMalformedTokenRequestIsRefusedBeforeIdentityIsAsked) {
  struct Row {
    const char* name;
    std::string target, headers, body;
    int status;
    const char* error;
  };
  const std::string grant = "grant_type=client_credentials";
  const Row rows[] = {
      {"no form", "", "Content-Type: application/json\r\n", "{}", 400, "invalid_request"},
      {"no type", "", "", grant, 400, "invalid_request"},
      {"no grant type", "", kForm, "client_id=a", 400, "invalid_request"},
      {"empty grant type", "", kForm, "grant_type=&client_id=a", 400, "invalid_request"},
      {"in the query", "?" + grant, kForm, grant, 400, "invalid_request"},
      {"twice", "", kForm, grant + "&scope=read&scope=write", 400, "invalid_request"},
      {"bad escape", "", kForm, grant + "&scope=%zz", 400, "invalid_request"},
      {"NUL", "", kForm, grant + "&scope=%00", 400, "invalid_request"},
      {"two proofs", "", kForm + Basic("a:b"), grant + "&client_secret=b", 400, "invalid_request"},
      {"two ids", "", kForm + Basic("a:b"), grant + "&client_id=c", 400, "invalid_request"},
      {"no pair", "", kForm + Basic("ab"), grant, 401, "invalid_client"},
      {"no base64", "", std::string(kForm) + "Authorization: Basic ?\r\n", grant, 401,
       "invalid_client"},
      {"other scheme", "", std::string(kForm) + "Authorization: Bearer a\r\n", grant, 401,
       "invalid_client"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Answer answer = Ask("POST", "/oauth2/token" + row.target, row.headers, row.body);
    EXPECT_EQ(answer.status, row.status);
    EXPECT_THAT(answer.body, StartsWith(absl::StrCat("{\"error\":\"", row.error, "\"")));
    EXPECT_EQ(answer.Header("cache-control"), "no-store");
    EXPECT_EQ(answer.Header("www-authenticate").empty(), row.status != 401);
  }
  EXPECT_THAT(identity_.request(), IsEmpty());
  EXPECT_EQ(Get("/oauth2/token").status, 405);
  EXPECT_EQ(Get("/oauth2/token").Header("allow"), "POST, OPTIONS");
}

TEST_F(OAuthTest, WhatIdentityRefusesHasItsCodeOfRfc6749) {
  struct Row {
    absl::Status status;
    int http;
    const char* error;
  };
  const Row rows[] = {
      {Wrong("INVALID_REQUEST"), 400, "invalid_request"},
      {Wrong("INVALID_GRANT"), 400, "invalid_grant"},
      {Wrong("INVALID_SCOPE"), 400, "invalid_scope"},
      {Wrong("UNAUTHORIZED_CLIENT"), 400, "unauthorized_client"},
      {Wrong("UNSUPPORTED_GRANT_TYPE"), 400, "unsupported_grant_type"},
      {status::Make(absl::StatusCode::kUnauthenticated, "INVALID_CLIENT", "no"), 401,
       "invalid_client"},
      {status::InvalidField("scope", "TOO_LONG", "too long"), 400, "invalid_request"},
      {status::ResourceExhausted("TOO_MANY_ATTEMPTS", "wait", absl::Milliseconds(29'500)), 429,
       "temporarily_unavailable"},
      {status::Unavailable("DATABASE_UNAVAILABLE", "gone: /secret/path", absl::Seconds(2)), 503,
       "temporarily_unavailable"},
      {status::Internal("secret"), 500, "server_error"},
      {status::PermissionDenied("SERVICES_ONLY", "secret"), 500, "server_error"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.error);
    answer_ = row.status;
    for (const char* path : {"/oauth2/token", "/oauth2/revoke"}) {
      const Answer answer = Ask("POST", path, kForm, "grant_type=refresh_token&token=t");
      EXPECT_EQ(answer.status, row.http);
      EXPECT_THAT(answer.body, StartsWith(absl::StrCat("{\"error\":\"", row.error,
                                                       "\",\"error_description\":\"")));
      EXPECT_THAT(answer.body, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("\\"))));
      EXPECT_EQ(answer.Header("cache-control"), "no-store");
      EXPECT_EQ(answer.Header("retry-after"), row.http == 429 ? "30" : row.http == 503 ? "2" : "");
      EXPECT_EQ(answer.Header("www-authenticate").empty(), row.http != 401);
    }
  }
}

TEST_F(OAuthTest, PasswordsHaveABudgetOfTheirOwn) {
  Open({.sign_ins_per_minute = 2});
  answer_ = Wrong("INVALID_GRANT");
  EXPECT_EQ(Token("grant_type=password&username=a&password=b").status, 400);
  EXPECT_EQ(Token("grant_type=password&username=c&password=d").status, 400);
  const Answer refused = Token("grant_type=password&username=e&password=f");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("retry-after"), "30");
  EXPECT_EQ(refused.Header("ratelimit-policy"), "\"sign-ins\";q=2;w=60");
  answer_ = absl::OkStatus();
  EXPECT_EQ(Token("grant_type=client_credentials", Basic("a:b")).status, 200);
}

TEST_F(OAuthTest, RevokingAnswersWithNothing) {
  const Answer answer = Ask("POST", "/oauth2/revoke", absl::StrCat(kForm, Basic("app:s")),
                            "token=t0ken&token_type_hint=refresh_token");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, IsEmpty());
  EXPECT_EQ(identity_.request(),
            "token: \"t0ken\" client_id: \"app\" client_secret: \"s\" address: \"127.0.0.1\"");
  EXPECT_EQ(Ask("POST", "/oauth2/revoke", kForm, "client_id=a").status, 400);
}

// --- /.well-known

TEST_F(OAuthTest, MetadataNameTheAddressesOfTheIssuer) {
  for (const char* path :
       {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"}) {
    const Answer answer = Get(path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("cache-control"), "public, max-age=3600");
    EXPECT_THAT(
        answer.body,
        AllOf(StartsWith(R"({"issuer":"https://registry.example.org",)"),
              HasSubstr(R"("token_endpoint":"https://registry.example.org/oauth2/token")"),
              HasSubstr(R"("jwks_uri":"https://registry.example.org/.well-known/jwks.json")"),
              HasSubstr(R"("code_challenge_methods_supported":["S256"])"),
              HasSubstr(R"("authorization_response_iss_parameter_supported":true)")));
  }
}

TEST_F(OAuthTest, KeysAreThoseThatVerifyAndStayWhileIdentityIsAway) {
  const Answer answer = Get("/.well-known/jwks.json");
  EXPECT_EQ(answer.body, R"({"keys":[{"kty":"OKP","kid":"k1"}]})");
  EXPECT_EQ(answer.Header("content-type"), "application/jwk-set+json");
  EXPECT_EQ(answer.Header("cache-control"), "public, max-age=300");
  answer_ = status::Unavailable("SERVICE_AWAY", "away", absl::Seconds(1));
  EXPECT_EQ(Get("/.well-known/jwks.json").body, answer.body);
  Open();
  EXPECT_EQ(Get("/.well-known/jwks.json").status, 503);
}

// --- /oauth2/authorize

std::string Query(const std::string& change = "") {
  std::map<std::string, std::string> parameters = {{"response_type", "code"},
                                                   {"client_id", "phone-app"},
                                                   {"redirect_uri", "https://app.example.org/back"},
                                                   {"scope", "read"},
                                                   {"state", "s t&1"},
                                                   {"code_challenge", kChallenge},
                                                   {"code_challenge_method", "S256"}};
  const size_t equals = change.find('=');
  if (equals != std::string::npos) parameters[change.substr(0, equals)] = change.substr(equals + 1);
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!value.empty())
      absl::StrAppend(&query, query.empty() ? "" : "&", name, "=",
                      transcoding::EncodePercent(value));
  }
  return query;
}
const char kBack[] = "https://app.example.org/back?";
const char kRest[] = "&state=s%20t%261&iss=https%3A%2F%2Fregistry.example.org";

TEST_F(OAuthTest, TheSignInPageIsPlainInThreeLanguages) {
  const std::pair<const char*, const char*> kLanguages[] = {
      {"bg", "Вход"}, {"uk", "Вхід"}, {"en", "Sign in"}};
  for (const auto& [language, title] : kLanguages) {
    const Answer page =
        Get("/oauth2/authorize?" + Query(), absl::StrCat("Accept-Language: ", language, "\r\n"));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.Header("content-language"), language);
    EXPECT_EQ(page.Header("cache-control"), "no-store");
    EXPECT_EQ(page.Header("x-frame-options"), "DENY");
    EXPECT_EQ(page.Header("set-cookie"), "");
    EXPECT_THAT(page.Header("content-security-policy"),
                AllOf(StartsWith("default-src 'none'; style-src 'sha256-"),
                      HasSubstr("form-action 'self' https://app.example.org;"),
                      HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("script-src")),
                      Not(HasSubstr("unsafe"))));
    EXPECT_THAT(
        page.body,
        AllOf(HasSubstr(absl::StrCat("<html lang=\"", language, "\">")),
              HasSubstr(absl::StrCat("<h1>", title, "</h1>")),
              HasSubstr("<label for=\"username\">"), HasSubstr("<label for=\"password\">"),
              HasSubstr("autocomplete=\"current-password\""), HasSubstr("content=\"same-origin\""),
              Not(HasSubstr("<script")), HasSubstr("Phone &lt;app&gt; &amp; more"),
              HasSubstr("name=\"state\" value=\"s t&amp;1\"")));
  }
}

TEST_F(OAuthTest, WhoSignsInIsSentBackWithACode) {
  const Answer answer = Ask("POST", "/oauth2/authorize", kOwnPage,
                            Query() + "&username=a%40b.bg&password=p+w&action=sign-in");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.Header("location"), absl::StrCat(kBack, "code=c0de%2B%2F%3D", kRest));
  EXPECT_EQ(answer.Header("cache-control"), "no-store");
  EXPECT_THAT(identity_.request(),
              AllOf(HasSubstr("username: \"a@b.bg\" password: \"p w\" address: \"127.0.0.1\""),
                    HasSubstr(kChallenge)));
  const Answer app =
      Ask("POST", "/oauth2/authorize", kOwnPage,
          Query("redirect_uri=org.example.app:/back?from=mostove") + "&username=a&password=b");
  EXPECT_EQ(app.Header("location"),
            absl::StrCat("org.example.app:/back?from=mostove&code=c0de%2B%2F%3D", kRest));
}

TEST_F(OAuthTest, NobodyIsSentToAnAddressThatIsNotTheClients) {
  for (const char* change :
       {"redirect_uri=https://evil.example/", "redirect_uri=https://app.example.org/back/",
        "redirect_uri=https://app.example.org/back?x", "redirect_uri=//evil.example",
        "redirect_uri=javascript:alert(1)", "redirect_uri=", "client_id=", "client_id=other",
        "redirect_uri=https://app.example.org/back\r\nX: y"}) {
    for (const bool posts : {false, true}) {
      const Answer answer = posts ? Ask("POST", "/oauth2/authorize", kOwnPage,
                                        Query(change) + "&username=a&password=b")
                                  : Get("/oauth2/authorize?" + Query(change));
      EXPECT_EQ(answer.status, 400) << change;
      EXPECT_EQ(answer.Header("location"), "") << change;
      EXPECT_EQ(answer.Header("x"), "") << change;
      EXPECT_THAT(answer.body, HasSubstr("role=\"alert\""));
      EXPECT_THAT(answer.body, AllOf(Not(HasSubstr("evil")), Not(HasSubstr("alert(1)"))));
    }
  }
  EXPECT_EQ(Get("/oauth2/authorize?" + Query() + "&redirect_uri=https%3A%2F%2Fevil.example").status,
            400)
      << "twice";
}

TEST_F(OAuthTest, WhatTheClientDidWrongGoesToTheClient) {
  const std::pair<const char*, const char*> kRows[] = {
      {"response_type=token", "unsupported_response_type"},
      {"response_type=", "unsupported_response_type"},
      {"response_mode=form_post", "invalid_request"},
      {"code_challenge=", "invalid_request"},
      {"code_challenge=short", "invalid_request"},
      {"code_challenge_method=plain", "invalid_request"},
      {"code_challenge_method=", "invalid_request"},
      {"scope=read write", "invalid_scope"},
      {"scope=admin", "invalid_scope"},
      {"prompt=none", "login_required"},
  };
  for (const auto& [change, error] : kRows) {
    const Answer answer = Get("/oauth2/authorize?" + Query(change));
    EXPECT_EQ(answer.status, 303) << change;
    EXPECT_THAT(answer.Header("location"),
                AllOf(StartsWith(absl::StrCat(kBack, "error=", error, "&error_description=")),
                      HasSubstr(kRest)))
        << change;
  }
  EXPECT_THAT(
      Ask("POST", "/oauth2/authorize", kOwnPage, Query() + "&action=cancel").Header("location"),
      StartsWith(absl::StrCat(kBack, "error=access_denied")));
}

TEST_F(OAuthTest, AFormFromElsewhereSignsNobodyIn) {
  const std::string body = Query() + "&username=a&password=b";
  for (const char* headers :
       {"", "Origin: https://evil.example\r\n", "Origin: null\r\n",
        "Origin: http://localhost.evil.example\r\n", "Origin: http://localhost:81\r\n",
        "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: none\r\n", "Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost\r\n",
        "Origin: http://localhost\r\nOrigin: https://evil.example\r\n"}) {
    const Answer answer = Ask("POST", "/oauth2/authorize", absl::StrCat(kForm, headers), body);
    EXPECT_EQ(answer.status, 403) << headers;
    EXPECT_EQ(Ask("POST", "/invitations/accept", absl::StrCat(kForm, headers), "token=t").status,
              403)
        << headers;
  }
  EXPECT_THAT(identity_.request(), IsEmpty()) << "identity was not asked";
  EXPECT_EQ(Ask("POST", "/oauth2/authorize",
                absl::StrCat(kForm,
                             "Host: registry.example.org\r\n"
                             "Origin: https://registry.example.org\r\n"),
                body)
                .status,
            303)
      << "an edge speaks TLS";
}

TEST_F(OAuthTest, AWrongPasswordIsSaidOnThePageAndNothingElseIsTold) {
  answer_ = Wrong("INVALID_GRANT");
  const Answer page =
      Ask("POST", "/oauth2/authorize", absl::StrCat(kOwnPage, "Accept-Language: bg\r\n"),
          Query() + "&username=%22%3E%3Cscript%3E&password=s3cret");
  EXPECT_EQ(page.status, 400);
  EXPECT_EQ(page.Header("location"), "");
  EXPECT_THAT(page.body,
              AllOf(HasSubstr("<title>Грешка: Вход"), HasSubstr("role=\"alert\""),
                    HasSubstr("aria-invalid=\"true\""), HasSubstr("&quot;&gt;&lt;script&gt;"),
                    Not(HasSubstr("<script")), Not(HasSubstr("s3cret"))));
  answer_ = status::ResourceExhausted("TOO_MANY_ATTEMPTS", "wait", absl::Seconds(60));
  const Answer often =
      Ask("POST", "/oauth2/authorize", kOwnPage, Query() + "&username=a&password=b");
  EXPECT_EQ(often.status, 429);
  EXPECT_EQ(often.Header("retry-after"), "60");
  EXPECT_THAT(often.body, HasSubstr("Too many attempts"));
  answer_ = status::Unavailable("SERVICE_AWAY", "away", absl::Seconds(1));
  EXPECT_EQ(Ask("POST", "/oauth2/authorize", kOwnPage, Query() + "&username=a&password=b").status,
            503);
}

// --- /invitations/accept

TEST_F(OAuthTest, AnInvitationIsAcceptedByAFormWhoseTokenStandsInNoAddress) {
  const Answer page = Get("/invitations/accept", "Accept-Language: uk\r\n");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.Header("content-security-policy"),
              AllOf(HasSubstr("script-src 'sha256-"), Not(HasSubstr("unsafe"))));
  EXPECT_THAT(page.body,
              AllOf(HasSubstr("<h1>Прийняти запрошення</h1>"), HasSubstr("<form method=\"post\""),
                    HasSubstr("location.hash"), HasSubstr("autocomplete=\"new-password\"")));
  const Answer done = Ask("POST", "/invitations/accept", kOwnPage,
                          "token=t0ken&display_name=%D0%90%D0%BD%D0%B0&password=a+long+password");
  EXPECT_EQ(done.status, 200);
  EXPECT_THAT(done.body, HasSubstr("The invitation is accepted"));
  EXPECT_THAT(identity_.request(),
              AllOf(HasSubstr("token: \"t0ken\""), HasSubstr("language: \"en\"")));
  EXPECT_EQ(identity_.call().caller, call::Caller()) << "nobody has signed in";
}

TEST_F(OAuthTest, AnInvitationThatCannotBeAcceptedIsExplained) {
  const std::pair<absl::Status, const char*> kRows[] = {
      {status::Precondition("INVITATION_INVALID", "no"), "unknown, used or has expired"},
      {status::Precondition("ACCOUNT_EXISTS", "no"), "sign in first"},
      {status::InvalidField("password", "TOO_SHORT", "is short"), "New password: is short."},
      {status::Internal("secret"), "not possible at the moment"},
  };
  for (const auto& [status, words] : kRows) {
    answer_ = status;
    const Answer page =
        Ask("POST", "/invitations/accept", kOwnPage, "token=t0ken&display_name=Ana&password=p4ss");
    EXPECT_GE(page.status, 400);
    EXPECT_THAT(page.body,
                AllOf(HasSubstr(words), HasSubstr("value=\"Ana\""), HasSubstr("value=\"t0ken\""),
                      Not(HasSubstr("p4ss")), Not(HasSubstr("secret"))));
  }
}

TEST_F(OAuthTest, WithoutAnIdentityServiceThereAreNoSuchAddresses) {
  Start();
  for (const char* path : {"/oauth2/authorize", "/invitations/accept", "/.well-known/jwks.json"}) {
    EXPECT_EQ(Get(path).status, 404);
  }
}

}  // namespace
}  // namespace mostove::gateway
