#include "services/gateway/docs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/gzip/gzip.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class DocsTest : public GatewayTest {};

TEST_F(DocsTest, ServesTheDocumentPlainOrPacked) {
  const Answer plain = Get("/openapi.json");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.Header("content-type"), "application/json");
  EXPECT_THAT(plain.body, StartsWith(R"({"openapi":"3.1.0","info":{"title":"Mostove")"));
  const Answer packed = Get("/openapi.json", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(packed.Header("content-encoding"), "gzip");
  EXPECT_EQ(gzip::Unpack(packed.body).value_or(""), plain.body);
  EXPECT_EQ(Get("/openapi.json", "Accept-Encoding: gzip;q=0\r\n").body, plain.body);
}

TEST_F(DocsTest, SendsNothingToWhoHasIt) {
  const std::string tag = Get("/docs/swagger-ui.js").Header("etag");
  const Answer again = Get("/docs/swagger-ui.js", "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST_F(DocsTest, LetsThePageLoadFromHereOnly) {
  const Answer page = Get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.Header("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.Header("content-security-policy"), Not(HasSubstr("unsafe")));
  EXPECT_THAT(page.body, Not(HasSubstr("://")));
  EXPECT_THAT(page.body, HasSubstr("width=device-width"));
  EXPECT_THAT(Get("/docs/swagger-ui.js").body, HasSubstr("SwaggerUIBundle"));
}

TEST_F(DocsTest, AreLinkedFromTheFirstPage) {
  EXPECT_THAT(Get("/").body, HasSubstr("<a href=\"/docs\" hreflang=\"en\">"));
}

TEST_F(DocsTest, ASlashTooManyLeadsToThem) {
  const Answer answer = Get("/docs/");
  EXPECT_EQ(answer.status, 308);
  EXPECT_EQ(answer.Header("location"), "/docs");
}

TEST_F(DocsTest, AreReadOnly) {
  const Answer answer = TestPeer(gateway_->endpoint()).Ask("POST", "/openapi.json");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("allow"), "GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace mostove::gateway
