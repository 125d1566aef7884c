#include "services/gateway/docs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/gzip/gzip.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/gateway/gateway.h"
#include "services/gateway/test_peer.h"

namespace mostove::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Reaches the organizations service, which is never called here.
class SilentOrganizations final : public rpc::Invoker {
 public:
  std::vector<const google::protobuf::ServiceDescriptor*> services() const override {
    return {organizations::v1::Organization::descriptor()->file()->pool()->FindServiceByName(
        "mostove.organizations.v1.OrganizationsService")};
  }
  void Invoke(const google::protobuf::MethodDescriptor*, call::Call, call::MessagePtr,
              rpc::Done done) override {
    done(absl::InternalError("called"));
  }
};

class DocsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gateway = Gateway::Start(
        {.address = "127.0.0.1:0"}, {&service_},
        [](absl::string_view) { return call::LocalAdministrator(); }, nullptr, nullptr);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }
  Answer Get(const std::string& path, const std::string& headers = "") {
    return TestPeer(gateway_->endpoint()).Ask("GET", path, headers);
  }

  SilentOrganizations service_;
  std::unique_ptr<Gateway> gateway_;
};

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
  EXPECT_THAT(Get("/").body, HasSubstr("<a href=\"/docs\">"));
  EXPECT_THAT(Get("/", "Accept-Language: bg\r\n").body, HasSubstr("Документация"));
}

TEST_F(DocsTest, AreReadOnly) {
  const Answer answer = TestPeer(gateway_->endpoint()).Ask("POST", "/openapi.json");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("allow"), "GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace mostove::gateway
