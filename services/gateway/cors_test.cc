#include "services/gateway/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kOrigins[] = "https://app.example.org, http://localhost:5173";
constexpr char kPage[] = "Origin: https://app.example.org\r\nSec-Fetch-Site: cross-site\r\n";

class CorsTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    Start({.cors_origins = kOrigins});
  }
};

TEST_F(CorsTest, APageOfAListedOriginReadsTheAnswer) {
  const Answer answer = Get(kName, kPage);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "https://app.example.org");
  EXPECT_EQ(answer.Header("access-control-allow-credentials"), "");
  for (const char* exposed :
       {"ETag", "Link", "Location", "Retry-After", "X-Request-Id", "Change-Position"}) {
    EXPECT_THAT(answer.Header("access-control-expose-headers"), HasSubstr(exposed));
  }
}

TEST_F(CorsTest, ErrorsAreReadableToo) {
  EXPECT_EQ(Get("/v1/organizations/none", kPage).Header("access-control-allow-origin"),
            "https://app.example.org");
}

TEST_F(CorsTest, PreflightsSayWhatMayBeSent) {
  const Answer answer = Ask("OPTIONS", kName,
                            absl::StrCat(kPage,
                                         "Access-Control-Request-Method: PATCH\r\n"
                                         "Access-Control-Request-Private-Network: true\r\n"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "https://app.example.org");
  EXPECT_THAT(answer.Header("access-control-allow-methods"), HasSubstr("PATCH"));
  EXPECT_THAT(answer.Header("access-control-allow-headers"), HasSubstr("If-Match"));
  EXPECT_THAT(answer.Header("access-control-max-age"), Not(IsEmpty()));
  EXPECT_EQ(answer.Header("access-control-allow-private-network"), "true");
}

TEST_F(CorsTest, OtherOriginsAreRefusedAsEver) {
  for (const char* origin : {"https://evil.example.org", "https://app.example.org.evil.org", "null",
                             "http://app.example.org", "HTTPS://APP.EXAMPLE.ORG", "*"}) {
    const Answer answer = Get(kName, absl::StrCat("Origin: ", origin, "\r\n"));
    ExpectProblem(answer, 403, "FOREIGN_ORIGIN");
    EXPECT_EQ(answer.Header("access-control-allow-origin"), "") << origin;
  }
  // One of two is another page's.
  EXPECT_EQ(Get(kName, absl::StrCat("Origin: https://evil.example.org\r\n", kPage)).status, 403);
  EXPECT_EQ(Get(kName, absl::StrCat(kPage, "Origin: https://evil.example.org\r\n")).status, 403);
}

TEST_F(CorsTest, AListedOriginDoesNotOpenOtherHosts) {
  ExpectProblem(Get(kName, absl::StrCat("Host: evil.example.org\r\n", kPage)), 421, "FOREIGN_HOST");
}

TEST_F(CorsTest, CallersThatAreNoPagesGetNoneOfIt) {
  const Answer answer = Get(kName);
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "");
  EXPECT_EQ(answer.status, 200);
}

TEST_F(GatewayTest, WithoutOriginsNoPageMay) {
  ExpectProblem(Get(kName, kPage), 403, "FOREIGN_ORIGIN");
  EXPECT_EQ(Ask("OPTIONS", kName, absl::StrCat(kPage, "Access-Control-Request-Method: GET\r\n"))
                .Header("access-control-allow-origin"),
            "");
}

TEST(CorsOptionTest, OnlyOriginsAsBrowsersWriteThemAreTaken) {
  for (const char* fine : {"", "https://a.example", "http://localhost:5173 ,https://b.example"})
    EXPECT_EQ(Cors::Check(fine), "") << fine;
  for (const char* wrong : {"*", "null", "a.example", "https://A.example", "https://a.example/",
                            "https://", "ftp://a.example", "https://a.example https://b.example"})
    EXPECT_NE(Cors::Check(wrong), "") << wrong;
}

}  // namespace
}  // namespace mostove::gateway
