// How often a caller may, over gRPC: from the same budgets as over REST and Connect.
#include <csignal>

#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "libs/redis/redis_server.h"
#include "libs/rpc/grpc_status.h"
#include "libs/testing/matchers.h"
#include "mostove/organizations/v1/organizations_service.grpc.pb.h"
#include "services/gateway/grpc_callers.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

using absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

// "Bearer NAME" is the caller users/NAME.
absl::StatusOr<call::Caller> CallerOf(absl::string_view authorization) {
  if (authorization.empty()) return call::Caller();
  if (authorization == "Bearer expired") {
    return status::Make(StatusCode::kUnauthenticated, "TOKEN_EXPIRED", "it ended");
  }
  return call::Caller{.name = absl::StrCat("users/", authorization.substr(7)), .network = true};
}

class GrpcLimitsTest : public GatewayTest {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // as programs do
    GatewayTest::SetUp();
    invoker_.On<v1::BatchCreateOrganizationsRequest, v1::BatchCreateOrganizationsResponse>(
        "BatchCreateOrganizations",
        [](const auto&) { return v1::BatchCreateOrganizationsResponse(); });
  }

  // Both doors, on the same budgets.
  void Open(LimitSettings limits, redis::Client* redis = nullptr, const std::string& edges = "") {
    Close();
    budgets_ = std::make_unique<Budgets>(limits, redis, nullptr);
    auto gateway = Gateway::Start({.address = "127.0.0.1:0",
                                   .entrance = {.tokens = true, .trusted_edges = edges},
                                   .budgets = budgets_.get()},
                                  {&invoker_}, CallerOf, metrics_.get(), nullptr);
    ASSERT_THAT(gateway, IsOk());
    gateway_ = *std::move(gateway);
    auto server = rpc::GrpcServer::Start({.invokers = {&invoker_},
                                          .address = "127.0.0.1:0",
                                          .caller_of = GrpcCallersOf(CallerOf, edges, *budgets_)});
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    stub_ = v1::OrganizationsService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }
  void Close() {
    server_.reset();
    gateway_.reset();
    budgets_.reset();
  }
  void TearDown() override { Close(); }

  using Metadata = std::vector<std::pair<std::string, std::string>>;
  absl::Status OverGrpc(const Metadata& metadata = {{"authorization", "Bearer ana"}}) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    v1::GetOrganizationRequest request;
    request.set_name("organizations/sofia-help");
    v1::Organization answer;
    return rpc::FromGrpc(stub_->GetOrganization(&context, request, &answer));
  }
  absl::Status BatchOverGrpc() {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer ana");
    v1::BatchCreateOrganizationsResponse answer;
    return rpc::FromGrpc(stub_->BatchCreateOrganizations(&context, {}, &answer));
  }
  int OverRest() { return Get(kName, "Authorization: Bearer ana\r\n").status; }
  int OverConnect() {
    return Ask("POST", "/mostove.organizations.v1.OrganizationsService/GetOrganization",
               "Content-Type: application/json\r\nAuthorization: Bearer ana\r\n",
               R"({"name":"organizations/sofia-help"})")
        .status;
  }
  static auto IsRefused() {
    return StatusIs(StatusCode::kResourceExhausted, HasReason("RATE_LIMITED"));
  }

  std::unique_ptr<Budgets> budgets_;
  std::unique_ptr<rpc::GrpcServer> server_;
  std::unique_ptr<v1::OrganizationsService::Stub> stub_;
};

TEST_F(GrpcLimitsTest, ACallerHasOneBudgetWhicheverWayItComes) {
  Open({.calls_per_minute = 6});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(OverGrpc(), IsOk());
    EXPECT_EQ(OverRest(), 200);
    EXPECT_EQ(OverConnect(), 200);
  }
  const absl::Status refused = OverGrpc();
  EXPECT_THAT(refused, IsRefused());
  EXPECT_GT(status::RetryAfter(refused), absl::ZeroDuration());
  EXPECT_LE(status::RetryAfter(refused), absl::Seconds(10));
  EXPECT_EQ(OverRest(), 429);
  EXPECT_EQ(OverConnect(), 429);
  EXPECT_THAT(OverGrpc({{"authorization", "Bearer boris"}}), IsOk()) << "somebody else";
  EXPECT_THAT(OverGrpc({}), IsOk()) << "nobody";
}

TEST_F(GrpcLimitsTest, ThePublicAndWrongTokensTakeFromTheAddress) {
  Open({.public_calls_per_minute = 4});
  EXPECT_THAT(OverGrpc({}), IsOk());
  EXPECT_THAT(OverGrpc({{"authorization", "Bearer expired"}}),
              StatusIs(StatusCode::kUnauthenticated));
  EXPECT_EQ(Get(kName).status, 200);
  EXPECT_EQ(Get(kName, "Authorization: Bearer expired\r\n").status, 401);
  EXPECT_THAT(OverGrpc({}), IsRefused());
  EXPECT_THAT(OverGrpc({{"authorization", "Bearer expired"}}), IsRefused());
  EXPECT_THAT(OverGrpc({{"x-forwarded-for", "203.0.113.1"}}), IsRefused()) << "nobody is trusted";
  EXPECT_EQ(Get(kName).status, 429);
  EXPECT_THAT(OverGrpc(), IsOk()) << "whom a token names";
}

TEST_F(GrpcLimitsTest, BehindATrustedEdgeTheClientsAddressCounts) {
  Open({.public_calls_per_minute = 1}, nullptr, "127.0.0.1");
  EXPECT_THAT(OverGrpc({{"x-forwarded-for", "203.0.113.1"}}), IsOk());
  EXPECT_THAT(OverGrpc({{"x-forwarded-for", "203.0.113.1"}}), IsRefused());
  EXPECT_THAT(OverGrpc({{"x-forwarded-for", "203.0.113.2"}}), IsOk());
}

TEST_F(GrpcLimitsTest, BatchesHaveABudgetOfTheirOwn) {
  Open({.calls_per_minute = 1, .batches_per_minute = 2});
  EXPECT_THAT(BatchOverGrpc(), IsOk());
  EXPECT_THAT(BatchOverGrpc(), IsOk());
  EXPECT_THAT(BatchOverGrpc(), IsRefused());
  EXPECT_THAT(OverGrpc(), IsOk());
  EXPECT_THAT(OverGrpc(), IsRefused());
}

TEST_F(GrpcLimitsTest, GatewaysShareALimitThroughRedisAndHoldItAloneWithout) {
  auto redis = redis::RedisServer::Start();
  ASSERT_THAT(redis, IsOk());
  // A loaded machine is no Redis that is away.
  redis::Client client({.address = redis::Address::Parse((*redis)->address()).value(),
                        .command_time = absl::Seconds(30)});
  const LimitSettings limits = {.calls_per_minute = 20};
  Open(limits, &client);
  Budgets others(limits, &client, nullptr);
  const call::Caller ana = {.name = "users/ana", .network = true};
  while (others.TakeCall(ana, "GetTopic", nullptr).status().ok()) {
  }
  // This one lets few pass before it has heard of that.
  int passed = 0;
  while (OverGrpc().ok()) {
    ++passed;
    absl::SleepFor(absl::Seconds(1));
  }
  EXPECT_LT(passed, 15);
  (*redis)->Kill();
  int alone = 0;
  while (OverGrpc({{"authorization", "Bearer boris"}}).ok()) ++alone;
  EXPECT_GE(alone, 20) << "by itself";
  EXPECT_LT(alone, 200) << "and no more";
  Close();  // before the client
}

}  // namespace
}  // namespace mostove::gateway
