#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "libs/rpc/grpc_status.h"
#include "libs/rpc/grpc_test_server.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using call::Call;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

class GrpcDrainTest : public GrpcTest {
 protected:
  absl::Status List() {
    ListShelvesRequest request;
    request.set_parent("organizations/reading-room");
    ListShelvesResponse response;
    grpc::ClientContext context;
    return FromGrpc(stub_->ListShelves(&context, request, &response));
  }
};

TEST_P(GrpcDrainTest, ARunningCallFinishesWithinTheGrace) {
  std::promise<void> begun, release;
  shelves_.On<ListShelvesRequest, ListShelvesResponse>("ListShelves",
                                                       [&](const Call&, const ListShelvesRequest&) {
                                                         begun.set_value();
                                                         release.get_future().wait();
                                                         return ListShelvesResponse();
                                                       });
  Start();
  auto answer = std::async(std::launch::async, [&] { return List(); });
  begun.get_future().wait();
  auto drained = std::async(std::launch::async, [&] { server_->Drain(absl::Minutes(5)); });
  release.set_value();
  EXPECT_THAT(answer.get(), IsOk());
  drained.wait();
}

TEST_P(GrpcDrainTest, AfterTheGraceCallsAreCancelled) {
  std::promise<void> begun;
  shelves_.On<ListShelvesRequest, ListShelvesResponse>(
      "ListShelves", [&](const Call& call, const ListShelvesRequest&) {
        begun.set_value();
        while (!call.cancelled->load()) std::this_thread::yield();
        return ListShelvesResponse();
      });
  Start();
  auto answer = std::async(std::launch::async, [&] { return List(); });
  begun.get_future().wait();
  server_->Drain(absl::Milliseconds(10));
  EXPECT_THAT(answer.get(), ::testing::Not(IsOk()));
}

TEST_P(GrpcDrainTest, ADrainedServerTakesNoCallAndASecondDrainDoesNothing) {
  Start();
  server_->Drain(absl::ZeroDuration());
  server_->Drain(absl::ZeroDuration());
  EXPECT_THAT(List(), StatusIs(absl::StatusCode::kUnavailable));
}

// Every call that a function ran is answered; the others are told that the
// server is gone. Repeated, because what it is after are races.
TEST_P(GrpcDrainTest, UnderLoadNoAnswerIsLost) {
  constexpr int kRounds = 5, kClients = 8;
  constexpr absl::Duration kGrace = absl::Minutes(2);
  std::atomic<int> ran = 0, answered = 0;
  const auto run = [&](const Call&, const ListShelvesRequest&) {
    ++ran;
    return ListShelvesResponse();
  };
  shelves_.On<ListShelvesRequest, ListShelvesResponse>("ListShelves", run);
  shelves_.On<EchoRequest, EchoResponse>("Echo", [&](const Call&, const EchoRequest&) {
    ++ran;
    return EchoResponse();
  });
  for (int round = 0; round < kRounds; ++round) {
    Start();
    std::vector<std::thread> clients;
    std::atomic<int> started = 0;
    for (int c = 0; c < kClients; ++c) {
      clients.emplace_back([&, c] {
        while (true) {
          absl::Status status;
          if (c % 2 == 0) {
            status = List();
          } else {
            EchoResponse response;
            const auto context = As("member");
            status = FromGrpc(stub_->Echo(context.get(), EchoRequest(), &response));
          }
          if (!status.ok()) {
            EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsCancelled(status)) << status;
            return;
          }
          ++answered;
          ++started;
        }
      });
    }
    while (started < 200) std::this_thread::yield();
    const absl::Time begin = absl::Now();
    server_->Drain(kGrace);
    EXPECT_LT(absl::Now() - begin, kGrace / 2) << "it ends with the calls, not with the grace";
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(answered, ran);
    stub_ = nullptr;
    server_ = nullptr;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, GrpcDrainTest, kBothServers, NameOfKind);

}  // namespace
}  // namespace mostove::rpc
