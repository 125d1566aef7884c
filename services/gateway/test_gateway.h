// A gateway before an organizations service that a test plays.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libs/status/status.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/gateway/gateway.h"
#include "services/gateway/test_peer.h"

namespace mostove::gateway {

namespace v1 = organizations::v1;

inline constexpr char kName[] = "/v1/organizations/sofia-help";

// A service, by default that of organizations, with functions that a test sets; remembers the last
// call.
class FakeInvoker final : public rpc::Invoker {
 public:
  explicit FakeInvoker(std::string service = "mostove.organizations.v1.OrganizationsService")
      : service_(std::move(service)) {}

  using Function =
      std::function<absl::StatusOr<call::MessagePtr>(const google::protobuf::Message&)>;

  template <class Request, class Response>
  void On(const std::string& method,
          std::function<absl::StatusOr<Response>(const Request&)> function) {
    functions_[method] =
        [function](const google::protobuf::Message& request) -> absl::StatusOr<call::MessagePtr> {
      auto response = function(static_cast<const Request&>(request));
      if (!response.ok()) return response.status();
      return std::make_unique<Response>(*std::move(response));
    };
  }
  // Answers come from another thread from now on.
  void set_elsewhere() { elsewhere_ = true; }
  // Calls are dropped without an answer from now on.
  void set_drops() { drops_ = true; }

  std::vector<const google::protobuf::ServiceDescriptor*> services() const override {
    return {google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service_)};
  }
  // Keys are asked of nobody: what they hold is seen as `key()`.
  void Read(const google::protobuf::MethodDescriptor* method, call::Call call,
            absl::string_view key, std::shared_ptr<rpc::Reading> reading) override {
    key_ = std::string(key);
    rpc::Invoker::Read(method, std::move(call), key, std::move(reading));
  }
  std::string key() const { return key_; }

  void Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
              call::MessagePtr request, rpc::Done done) override {
    absl::StatusOr<call::MessagePtr> response =
        status::Make(absl::StatusCode::kUnimplemented, "FAKE", "fake");
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      call_ = call;
      request_ = request->ShortDebugString();
      const auto found = functions_.find(method->name());
      if (found != functions_.end()) response = found->second(*request);
    }
    if (drops_) return;
    if (!elsewhere_) return done(std::move(response));
    std::thread([done = std::move(done), response = std::move(response)]() mutable {
      done(std::move(response));
    }).detach();
  }

  call::Call call() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return call_;
  }
  // As text format; "" when nothing was called.
  std::string request() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return request_;
  }

 private:
  const std::string service_;
  std::mutex mutex_;
  std::map<std::string, Function> functions_;
  call::Call call_;
  std::string request_;
  std::string key_;
  bool elsewhere_ = false;
  bool drops_ = false;
};

class GatewayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    invoker_.On<v1::GetOrganizationRequest, v1::Organization>(
        "GetOrganization", [](const auto& request) -> absl::StatusOr<v1::Organization> {
          if (request.name() != "organizations/sofia-help") {
            return status::NotFound("organizations.mostove.bg/Organization", request.name());
          }
          return Help();
        });
    invoker_.On<v1::ListOrganizationsRequest, v1::ListOrganizationsResponse>(
        "ListOrganizations", [](const auto&) {
          v1::ListOrganizationsResponse response;
          *response.add_organizations() = Help();
          response.set_next_page_token("a+b/c=");
          return response;
        });
    invoker_.On<v1::UpdateOrganizationRequest, v1::Organization>(
        "UpdateOrganization", [](const auto& request) -> absl::StatusOr<v1::Organization> {
          if (!request.organization().etag().empty() && request.organization().etag() != "\"7\"") {
            return status::Aborted("ETAG_MISMATCH", "was changed meanwhile");
          }
          return request.organization();
        });
    invoker_.On<v1::DeleteOrganizationRequest, v1::Organization>(
        "DeleteOrganization", [](const auto&) { return Help(); });
    invoker_.On<v1::CreateOrganizationRequest, v1::Organization>(
        "CreateOrganization", [](const auto& request) -> absl::StatusOr<v1::Organization> {
          if (request.organization().legal_name().empty()) {
            return status::InvalidField("organization.legal_name", "REQUIRED", "must be given");
          }
          return request.organization();
        });
    Start();
  }

  static v1::Organization Help() {
    v1::Organization organization;
    organization.set_name("organizations/sofia-help");
    organization.set_legal_name("Sofia Help");
    organization.set_etag("\"7\"");
    return organization;
  }

  void Start(GatewayOptions options = {}, ReadinessCheck ready = nullptr) {
    options.address = "127.0.0.1:0";
    gateway_.reset();
    auto gateway = Gateway::Start(
        std::move(options), {&invoker_},
        [](absl::string_view) { return call::LocalAdministrator(); }, metrics_.get(),
        std::move(ready));
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }

  // On a connection of its own.
  Answer Ask(const std::string& method, const std::string& target, const std::string& headers = "",
             const std::string& body = "") {
    return TestPeer(gateway_->endpoint()).Ask(method, target, headers, body);
  }
  Answer Get(const std::string& target, const std::string& headers = "") {
    return Ask("GET", target, headers);
  }

  // A problem document with this status and reason; the server still serves.
  void ExpectProblem(const Answer& answer, int status, const std::string& reason) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.Header("content-type"), "application/problem+json");
    EXPECT_THAT(answer.body, ::testing::StartsWith("{\"type\":\"https://mostove.bg/problems/" +
                                                   reason + "\",\"title\":\""));
    EXPECT_THAT(answer.body, ::testing::HasSubstr("\"status\":" + std::to_string(status)));
    EXPECT_THAT(answer.body, ::testing::HasSubstr("\"reason\":\"" + reason + "\""));
    EXPECT_THAT(answer.body, ::testing::HasSubstr("\"instance\":\"urn:mostove:request:" +
                                                  answer.Header("x-request-id") + "\""));
    EXPECT_THAT(answer.body,
                ::testing::HasSubstr("\"requestId\":\"" + answer.Header("x-request-id") + "\""));
    EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
    EXPECT_EQ(Get(kName).status, 200);
  }

  std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  FakeInvoker invoker_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace mostove::gateway
