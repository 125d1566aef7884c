// A gRPC server over a fake service, and stubs that call it; for tests.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/rpc/fake_shelves.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/grpc_server_kind.h"
#include "libs/rpc/health.h"
#include "libs/telemetry/metrics.h"
#include "mostove/testing/v1/shelves_service.grpc.pb.h"

namespace mostove::rpc {

// Who the metadata key `who` says: "member", "owner", "administrator"; else
// nobody. "forged" is refused.
inline absl::StatusOr<call::Caller> CallerByName(const MetadataReader& metadata) {
  const absl::string_view who = metadata("who");
  if (who == "member") return call::Caller{.name = "users/2", .network = true};
  if (who == "owner") {
    return call::Caller{
        .name = "users/3", .network = true, .organizations = {"organizations/reading-room"}};
  }
  if (who == "administrator") return call::LocalAdministrator();
  if (who == "forged") return absl::UnauthenticatedError("the token is forged");
  return call::Caller();
}

class GrpcTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  using Stub = testing::v1::ShelvesService::Stub;

  // After the functions are set.
  void Start(WorkerPoolOptions pool = {.threads = 4, .queue_max = 100}, GrpcLimits limits = {}) {
    pool_ = WorkerPool::Start(pool);
    table_ = shelves_.Bind({.metrics = metrics_.get()});
    invoker_ = MakeLocalInvoker({table_.get(), health_table_.get()}, pool_.get());
    auto server = StartServer(GetParam(), {.invokers = {invoker_.get()},
                                           .address = "127.0.0.1:0",
                                           .caller_of = CallerByName,
                                           .metrics = metrics_.get(),
                                           .limits = limits});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = testing::v1::ShelvesService::NewStub(Channel());
  }

  // A connection of its own.
  std::shared_ptr<grpc::Channel> Channel() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  static std::unique_ptr<grpc::ClientContext> As(const std::string& who) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("who", who);
    return context;
  }

  std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  FakeShelves shelves_;
  Health health_;
  std::unique_ptr<const ServiceTable> health_table_ = health_.Table(metrics_.get());
  std::unique_ptr<const ServiceTable> table_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<Invoker> invoker_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace mostove::rpc
