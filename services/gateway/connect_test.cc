#include "services/gateway/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/gzip/gzip.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/gateway/gateway.h"
#include "services/gateway/test_peer.h"

namespace mostove::gateway {
namespace {

namespace v1 = organizations::v1;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kService[] = "/mostove.organizations.v1.OrganizationsService/";
constexpr char kJson[] = "Content-Type: application/json\r\n";
constexpr char kHelp[] = R"({"name":"organizations/sofia-help","legalName":"Sofia Help"})";

// Knows one organization, and creates others; remembers the last call.
class FakeOrganizations final : public rpc::Invoker {
 public:
  std::vector<const google::protobuf::ServiceDescriptor*> services() const override {
    return {v1::Organization::descriptor()->file()->pool()->FindServiceByName(
        "mostove.organizations.v1.OrganizationsService")};
  }
  void Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
              call::MessagePtr request, rpc::Done done) override {
    call_ = std::move(call);
    if (method->name() == "CreateOrganization") {
      return done(status::InvalidField("organization.legal_name", "REQUIRED", "has to be given"));
    }
    const auto& name = static_cast<const v1::GetOrganizationRequest&>(*request).name();
    if (name != "organizations/sofia-help") {
      return done(status::Unavailable("QUEUE_FULL", "too many", absl::Seconds(2)));
    }
    auto organization = std::make_unique<v1::Organization>();
    organization->set_name(name);
    organization->set_legal_name("Sofia Help");
    done(std::move(organization));
  }
  const call::Call& call() const { return call_; }

 private:
  call::Call call_;
};

class ConnectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gateway = Gateway::Start(
        {.address = "127.0.0.1:0"}, {&service_},
        [](absl::string_view) { return call::LocalAdministrator(); }, nullptr, nullptr);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }
  Answer Ask(const std::string& http_method, const std::string& method, const std::string& headers,
             const std::string& body = "") {
    return TestPeer(gateway_->endpoint()).Ask(http_method, kService + method, headers, body);
  }
  Answer Post(const std::string& method, const std::string& headers, const std::string& body) {
    return Ask("POST", method, headers, body);
  }

  FakeOrganizations service_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(ConnectTest, AnswersJsonAndProtobufInTheirOwnForm) {
  const Answer json = Post("GetOrganization", kJson, R"({"name": "organizations/sofia-help"})");
  EXPECT_EQ(json.status, 200) << json.body;
  EXPECT_EQ(json.Header("content-type"), "application/json");
  EXPECT_EQ(json.body, kHelp);

  v1::GetOrganizationRequest request;
  request.set_name("organizations/sofia-help");
  const Answer proto =
      Post("GetOrganization", "Content-Type: application/proto\r\n", request.SerializeAsString());
  EXPECT_EQ(proto.status, 200);
  EXPECT_EQ(proto.Header("content-type"), "application/proto");
  v1::Organization organization;
  ASSERT_TRUE(organization.ParseFromString(proto.body));
  EXPECT_EQ(organization.legal_name(), "Sofia Help");
}

TEST_F(ConnectTest, AnswersGetsOfMethodsWithoutSideEffects) {
  const std::string message = R"({"name":"organizations/sofia-help"})";
  std::string base64;
  absl::WebSafeBase64Escape(message, &base64);
  const std::string plain =
      "GetOrganization?connect=v1&encoding=json&message="
      "%7B%22name%22%3A%22organizations%2Fsofia-help%22%7D";
  EXPECT_EQ(Ask("GET", plain, "").body, kHelp);
  EXPECT_EQ(
      Ask("GET", absl::StrCat("GetOrganization?encoding=json&base64=1&message=", base64), "").body,
      kHelp);

  const std::string tag = Ask("GET", plain, "").Header("etag");
  const Answer again = Ask("GET", plain, absl::StrCat("If-None-Match: ", tag, "\r\n"));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");

  const Answer write = Ask("GET", "CreateOrganization?encoding=json&message=%7B%7D", "");
  EXPECT_EQ(write.status, 405);
  EXPECT_EQ(write.Header("allow"), "POST, OPTIONS");
}

TEST_F(ConnectTest, TellsErrorsByCodeReasonAndDetails) {
  const Answer wrong = Post("CreateOrganization", kJson, "{}");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.Header("content-type"), "application/json");
  EXPECT_THAT(wrong.body, StartsWith(R"({"code":"invalid_argument","message":")"));
  EXPECT_THAT(wrong.body, HasSubstr(R"("type":"google.rpc.BadRequest","value":")"));
  EXPECT_THAT(wrong.body, HasSubstr(R"("field":"organization.legal_name")"));

  const Answer away = Post("GetOrganization", kJson, R"({"name": "organizations/other"})");
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.Header("retry-after"), "2");
  EXPECT_THAT(away.body, StartsWith(R"({"code":"unavailable")"));
}

TEST_F(ConnectTest, RefusesWhatIsNotConnect) {
  struct Case {
    const char* what;
    const char* method;
    std::string headers;
    std::string body;
    int status;
    const char* code;
  };
  const std::string json = kJson;
  const Case cases[] = {
      {"no such method", "Nothing", json, "{}", 404, "unimplemented"},
      {"another type", "GetOrganization", "Content-Type: text/plain\r\n", "{}", 415,
       "invalid_argument"},
      {"a stream's type", "GetOrganization", "Content-Type: application/connect+json\r\n", "{}",
       415, "invalid_argument"},
      {"another version", "GetOrganization", json + "Connect-Protocol-Version: 2\r\n", "{}", 400,
       "invalid_argument"},
      {"a timeout in words", "GetOrganization", json + "Connect-Timeout-Ms: soon\r\n", "{}", 400,
       "invalid_argument"},
      {"eleven digits", "GetOrganization", json + "Connect-Timeout-Ms: 12345678901\r\n", "{}", 400,
       "invalid_argument"},
      {"a passed deadline", "GetOrganization", json + "Connect-Timeout-Ms: 0\r\n", "{}", 504,
       "deadline_exceeded"},
      {"another compression", "GetOrganization", json + "Content-Encoding: br\r\n", "{}", 501,
       "unimplemented"},
      {"no gzip", "GetOrganization", json + "Content-Encoding: gzip\r\n", "{}", 400,
       "invalid_argument"},
      {"no JSON", "GetOrganization", json, "{", 400, "invalid_argument"},
      {"an unknown field", "GetOrganization", json, R"({"nane": ""})", 400, "invalid_argument"},
      {"no protobuf", "GetOrganization", "Content-Type: application/proto\r\n", "\x0f", 400,
       "invalid_argument"},
  };
  for (const Case& each : cases) {
    const Answer answer = Post(each.method, each.headers, each.body);
    EXPECT_EQ(answer.status, each.status) << each.what << ": " << answer.body;
    EXPECT_THAT(answer.body, StartsWith(absl::StrCat(R"({"code":")", each.code, "\"")))
        << each.what;
  }
  EXPECT_EQ(Post("GetOrganization", kJson, R"({"name": "organizations/sofia-help"})").status, 200);
}

TEST_F(ConnectTest, UnpacksRequestsWithinTheLimitOfBodies) {
  const std::string headers = absl::StrCat(kJson, "Content-Encoding: gzip\r\n");
  const std::string message = R"({"name": "organizations/sofia-help"})";
  EXPECT_EQ(Post("GetOrganization", headers, gzip::Pack(message)).body, kHelp);
  const Answer bomb =
      Post("GetOrganization", headers, gzip::Pack(message + std::string(2 << 20, ' ')));
  EXPECT_EQ(bomb.status, 400);
  EXPECT_THAT(bomb.body, HasSubstr("TOO_LARGE"));
}

TEST_F(ConnectTest, PassesOnWhatHeaderFieldsSayOfACall) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const absl::Time before = absl::Now();
  const Answer answer = Post(
      "GetOrganization",
      absl::StrCat(kJson, "Idempotency-Key: abc\r\nX-Request-Id: request-7\r\ntraceparent: ", trace,
                   "\r\nConnect-Timeout-Ms: 5000\r\n"),
      R"({"name": "organizations/sofia-help"})");
  EXPECT_EQ(answer.Header("x-request-id"), "request-7");
  EXPECT_EQ(service_.call().idempotency_key, "abc");
  EXPECT_EQ(service_.call().request_id, "request-7");
  EXPECT_EQ(service_.call().traceparent.substr(0, 36), trace.substr(0, 36)) << "the same trace";
  EXPECT_NE(service_.call().traceparent, trace) << "a span of its own";
  EXPECT_GE(service_.call().deadline, before + absl::Seconds(5));
  EXPECT_LE(service_.call().deadline, absl::Now() + absl::Seconds(5));
}

}  // namespace
}  // namespace mostove::gateway
