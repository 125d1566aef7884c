// What each kind of answer says to a browser about itself. The reasons:
//  - nosniff, Referrer-Policy and Cross-Origin-Resource-Policy: everything;
//  - Content-Security-Policy: everything with a body; only pages may load anything, and only from
//    here; nothing may be framed (frame-ancestors does not fall back to default-src);
//  - Cross-Origin-Opener-Policy: what is shown as a page of its own;
//  - form-action: only pages have forms, and theirs lead here;
//  - Cache-Control: what depends on the caller is private and asked for again (its entity tag makes
//    that cheap); what is of a moment is not stored; the documentation is the same for all;
//  - Strict-Transport-Security is the proxy's, which has the TLS.
#include "absl/strings/match.h"
#include "services/dashboard/frame.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

constexpr char kNothing[] = "default-src 'none'; frame-ancestors 'none'";
constexpr char kPages[] =
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";
constexpr char kPrivate[] = "private, no-cache";

struct Kind {
  std::string name, method, target, headers, body;
  int status = 200;
  std::string policy = kNothing;
  std::string cache;
  std::string opener = "";
};

class SecurityHeadersTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    Start({.limits = {.header_bytes_max = 4096}, .cors_origins = "https://app.example.org"});
  }
};

TEST_F(SecurityHeadersTest, EveryKindOfAnswerCarriesWhatItHasTo) {
  const std::string json = "Content-Type: application/json\r\n";
  const std::string page = "Origin: https://app.example.org\r\n";
  const std::string method = "/mostove.organizations.v1.OrganizationsService/";
  const Kind kinds[] = {
      {"JSON", "GET", kName, "", "", 200, kNothing, kPrivate},
      {"a list", "GET", "/v1/organizations", "", "", 200, kNothing, kPrivate},
      {"a write", "PATCH", kName, json, "{}", 200, kNothing, kPrivate},
      {"HEAD", "HEAD", kName, "", "", 200, kNothing, kPrivate},
      {"not modified", "GET", kName, "If-None-Match: \"7\"\r\n", "", 304, "", kPrivate},
      {"JSON for a page", "GET", kName, page, "", 200, kNothing, kPrivate},
      {"a problem", "GET", "/v1/organizations/none", "", "", 404, kNothing, "no-store"},
      {"no route", "GET", "/v1/nothing", "", "", 404, kNothing, "no-store"},
      {"wrong method", "DELETE", "/healthz", "", "", 405, kNothing, "no-store"},
      {"wrong host", "GET", kName, "Host: example.org\r\n", "", 421, kNothing, "no-store"},
      {"wrong origin", "GET", kName, "Origin: https://evil.example\r\n", "", 403, kNothing,
       "no-store"},
      {"refused by the server", "GET", kName, "X: " + std::string(5000, 'x') + "\r\n", "", 431,
       kNothing, "no-store"},
      {"Connect", "POST", method + "CreateOrganization", json,
       R"({"organization":{"legalName":"x"}})", 200, kNothing, kPrivate},
      {"Connect's error", "POST", method + "None", json, "{}", 404, kNothing, "no-store"},
      {"the first page", "GET", "/", "", "", 200, kPages, "no-store", "same-origin"},
      {"a missing page", "GET", "/none", "Accept: text/html\r\n", "", 404, kPages, "no-store",
       "same-origin"},
      {"the pages' style", "GET", dashboard::StyleAddress(), "", "", 200, kNothing,
       "public, max-age=31536000, immutable"},
      {"the documentation", "GET", "/docs", "", "", 200,
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
       "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
       "no-cache", "same-origin-allow-popups"},
      {"its script", "GET", "/docs/page.js", "", "", 200, kNothing, "no-cache"},
      {"its style", "GET", "/docs/page.css", "", "", 200, kNothing, "no-cache"},
      {"the document", "GET", "/openapi.json", "", "", 200, kNothing, "no-cache"},
      {"figures", "GET", "/metrics", "", "", 200, kNothing, "no-store"},
      {"health", "GET", "/healthz", "", "", 200, kNothing, "no-store"},
      {"readiness", "GET", "/readyz", "", "", 200, kNothing, "no-store"},
      {"robots", "GET", "/robots.txt", "", "", 200, kNothing, "no-store"},
      {"events", "HEAD", "/v1/organizations:watch", "Accept: text/event-stream\r\n", "", 200,
       kNothing, "no-store"},
      {"preflight", "OPTIONS", kName, page + "Access-Control-Request-Method: PATCH\r\n", "", 204,
       "", ""},
      {"options", "OPTIONS", kName, "", "", 204, "", ""},
  };
  for (const Kind& kind : kinds) {
    SCOPED_TRACE(kind.name);
    const Answer answer = Ask(kind.method, kind.target, kind.headers, kind.body);
    EXPECT_EQ(answer.status, kind.status) << answer.body;
    EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.Header("referrer-policy"), "no-referrer");
    EXPECT_EQ(answer.Header("cross-origin-resource-policy"), "same-origin");
    EXPECT_EQ(answer.Header("content-security-policy"), kind.policy);
    EXPECT_EQ(answer.Header("cache-control"), kind.cache);
    EXPECT_EQ(answer.Header("cross-origin-opener-policy"), kind.opener);
    // Only a listed page may read an answer, and never with the browser's credentials.
    EXPECT_EQ(answer.Header("access-control-allow-origin"),
              absl::StrContains(kind.headers, page) ? "https://app.example.org" : "");
    EXPECT_EQ(answer.Header("access-control-allow-credentials"), "");
    EXPECT_EQ(answer.Header("location"), "") << "nothing is answered by sending elsewhere";
    EXPECT_EQ(answer.Header("set-cookie"), "");
  }
}

}  // namespace
}  // namespace mostove::gateway
