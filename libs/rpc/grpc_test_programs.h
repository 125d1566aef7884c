// Programs that serve the fake shelves, and an invoker that calls them; for
// tests.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/fake_shelves.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/grpc_server_kind.h"
#include "libs/rpc/metadata_keys.h"
#include "libs/testing/temporary_folder.h"

namespace mostove::rpc {

// The authorization is a user's name, or "nobody"; without one, it is an
// administrator. A program is an administrator of its name.
inline absl::StatusOr<call::Caller> CallerOfTests(const MetadataReader& metadata) {
  const std::string service(metadata(kServiceMetadata));
  if (!service.empty()) return call::Caller{.name = service, .administrator = true};
  const std::string user(metadata(kAuthorizationMetadata));
  if (user == "nobody") return call::Caller();
  return user.empty() ? call::LocalAdministrator() : call::Caller{.name = user, .network = true};
}

// A copy of a program: pool, table and server.
class ShelvesProgram {
 public:
  ShelvesProgram(ServerKind kind, const FakeShelves& shelves, const std::string& address,
                 int threads = 8)
      : pool_(WorkerPool::Start({.threads = threads, .queue_max = 1000})), table_(shelves.Bind()) {
    auto server = StartServer(kind, {.invokers = {invoker_.get()},
                                     .address = address,
                                     .caller_of = CallerOfTests,
                                     .limits = LimitsBetweenServices()});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  int port() const { return server_->port(); }
  void Drain(absl::Duration grace) { server_->Drain(grace); }

 private:
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<const ServiceTable> table_;
  std::unique_ptr<Invoker> invoker_ = MakeLocalInvoker({table_.get()}, pool_.get());
  std::unique_ptr<GrpcServer> server_;
};

class GrpcInvokerFixture : public ::testing::TestWithParam<ServerKind> {
 protected:
  using Answer = absl::StatusOr<call::MessagePtr>;

  std::string Socket(const std::string& name = "shelves") const {
    return absl::StrCat("unix:", folder_->path().string(), "/", name, ".sock");
  }
  void Serve(const std::string& address) {
    programs_.push_back(std::make_unique<ShelvesProgram>(GetParam(), shelves_, address));
  }
  // Calls wait long for a copy unless the test says otherwise.
  void Connect(std::vector<std::string> addresses,
               GrpcInvokerOptions options = {.wait_max = absl::Minutes(5)}) {
    options.services = {Descriptor()};
    options.addresses = std::move(addresses);
    invoker_ = MakeGrpcInvoker(std::move(options));
  }

  static const google::protobuf::ServiceDescriptor* Descriptor() {
    testing::v1::EchoRequest::descriptor();  // keeps the file in the program
    return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        FakeShelves::kService);
  }
  static call::Call AsAdministrator() {
    call::Call call;
    call.caller = call::LocalAdministrator();
    return call;
  }

  template <class Request>
  std::future<Answer> Send(const char* method, const Request& request,
                           call::Call call = AsAdministrator()) {
    auto answer = std::make_shared<std::promise<Answer>>();
    invoker_->Invoke(Descriptor()->FindMethodByName(method), std::move(call),
                     std::make_unique<Request>(request),
                     [answer](Answer a) { answer->set_value(std::move(a)); });
    return answer->get_future();
  }
  std::future<Answer> Get(call::Call call = AsAdministrator()) {
    testing::v1::GetShelfRequest request;
    request.set_name("organizations/reading-room/shelves/poetry");
    return Send("GetShelf", request, std::move(call));
  }
  std::future<Answer> List(call::Call call = AsAdministrator()) {
    testing::v1::ListShelvesRequest request;
    request.set_parent("organizations/reading-room");
    return Send("ListShelves", request, std::move(call));
  }
  std::future<Answer> Delete(call::Call call = AsAdministrator()) {
    testing::v1::DeleteShelfRequest request;
    request.set_name("organizations/reading-room/shelves/poetry");
    return Send("DeleteShelf", request, std::move(call));
  }

  std::unique_ptr<testing::TemporaryFolder> folder_ = std::make_unique<testing::TemporaryFolder>(
      *testing::TemporaryFolder::Make("mostove_grpc_invoker"));
  FakeShelves shelves_;
  std::vector<std::unique_ptr<ShelvesProgram>> programs_;
  std::unique_ptr<GrpcInvoker> invoker_;
};

}  // namespace mostove::rpc
