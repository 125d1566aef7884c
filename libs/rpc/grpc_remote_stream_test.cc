// Streams through an invoker, and calls through a server that only passes them
// on.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "libs/rpc/grpc_status.h"
#include "libs/rpc/grpc_test_programs.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelves_service.grpc.pb.h"

namespace mostove::rpc {
namespace {

using call::Call;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

class GrpcRemoteStreamTest : public GrpcInvokerFixture {
 protected:
  std::shared_ptr<Stream> Watch(Call call = AsAdministrator()) {
    auto request = std::make_unique<WatchShelvesRequest>();
    request->set_parent("organizations/reading-room");
    return invoker_->Open(Descriptor()->FindMethodByName("WatchShelves"), std::move(call),
                          std::move(request));
  }
  static std::future<Answer> Pull(Stream& stream) {
    auto answer = std::make_shared<std::promise<Answer>>();
    stream.Pull([answer](Answer next) { answer->set_value(std::move(next)); });
    return answer->get_future();
  }
  static Shelf Titled(std::string title) {
    Shelf shelf;
    shelf.set_title(std::move(title));
    return shelf;
  }
  void WaitForOpen(int streams) {
    while (shelves_.feed().open() != streams) std::this_thread::yield();
  }
};

TEST_P(GrpcRemoteStreamTest, MessagesComeInOrderUntilTheEnd) {
  Serve(Socket());
  Connect({Socket()});
  const auto stream = Watch();
  std::future<Answer> early = Pull(*stream);  // waits for the first message
  shelves_.feed().Push(Titled("0"));
  ASSERT_THAT(early.get(), IsOk());
  for (int i = 1; i < 50; ++i) shelves_.feed().Push(Titled(absl::StrCat(i)));
  shelves_.feed().End(absl::OutOfRangeError("end"));
  for (int i = 1; i < 50; ++i) {
    const Answer next = Pull(*stream).get();
    ASSERT_THAT(next, IsOk());
    EXPECT_EQ(static_cast<const Shelf&>(**next).title(), absl::StrCat(i));
  }
  EXPECT_THAT(Pull(*stream).get(), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Pull(*stream).get(), StatusIs(absl::StatusCode::kOutOfRange)) << "and stays so";
}

TEST_P(GrpcRemoteStreamTest, AnErrorEndsItWithDetails) {
  Serve(Socket());
  Connect({Socket()});
  const auto stream = Watch();
  shelves_.feed().End(status::Precondition("EPOCH_CHANGED", "start again"));
  EXPECT_THAT(Pull(*stream).get(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("EPOCH_CHANGED")));
  Call anonymous;
  anonymous.authorization = "nobody";
  EXPECT_THAT(Pull(*Watch(anonymous)).get(), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_P(GrpcRemoteStreamTest, CancelEndsItHereAndThere) {
  Serve(Socket());
  Connect({Socket()});
  const auto pulled = Watch(), resting = Watch();
  std::future<Answer> waiting = Pull(*pulled);
  WaitForOpen(2);
  pulled->Cancel();
  resting->Cancel();
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Pull(*pulled).get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Pull(*resting).get(), StatusIs(absl::StatusCode::kCancelled));
  WaitForOpen(0);
}

TEST_P(GrpcRemoteStreamTest, OneWhoseServiceIsAwaySaysSo) {
  Connect({Socket()}, {.wait_max = absl::Milliseconds(30)});
  EXPECT_THAT(Pull(*Watch()).get(), HasReason("SERVICE_AWAY"));
  Connect({Socket()});
  const auto stream = Watch();
  std::future<Answer> waiting = Pull(*stream);
  stream->Cancel();
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_P(GrpcRemoteStreamTest, ItEndsWithItsService) {
  Serve(Socket());
  Connect({Socket()});
  const auto stream = Watch();
  std::future<Answer> waiting = Pull(*stream);
  WaitForOpen(1);
  programs_.clear();
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(GrpcRemoteStreamTest, TheInvokersEndEndsIt) {
  Serve(Socket());
  Connect({Socket()});
  const auto pulled = Watch(), resting = Watch();
  std::future<Answer> waiting = Pull(*pulled);
  WaitForOpen(2);
  invoker_.reset();
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(GrpcRemoteStreamTest, AServiceIsAskedNoFasterThanItsReaderPulls) {
  Serve(Socket());
  Connect({Socket()});
  constexpr int kShelves = 400;
  for (int i = 0; i < kShelves; ++i) shelves_.feed().Push(Titled(std::string(100'000, 'x')));
  shelves_.feed().End(absl::OutOfRangeError("end"));
  const auto stream = Watch();
  ASSERT_THAT(Pull(*stream).get(), IsOk());
  // Were it not for the flow control, all would be on their way by now.
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Pull(*stream).get(), IsOk());
  EXPECT_GT(shelves_.feed().waiting(), kShelves / 2);
  for (int i = 21; i < kShelves; ++i) ASSERT_THAT(Pull(*stream).get(), IsOk());
  EXPECT_THAT(Pull(*stream).get(), StatusIs(absl::StatusCode::kOutOfRange));
}

// A client, a server without tables, an invoker, and the service: as in the
// gateway.
class GrpcForwardTest : public GrpcRemoteStreamTest {
 protected:
  void StartFront() {
    Serve(Socket());
    Connect({Socket()});
    auto front = StartServer(GetParam(), {.invokers = {invoker_.get()},
                                          .address = Socket("front"),
                                          .caller_of = [](const MetadataReader&) {
                                            return call::LocalAdministrator();
                                          }});
    ASSERT_THAT(front, IsOk());
    front_ = *std::move(front);
    stub_ = ShelvesService::NewStub(
        grpc::CreateChannel(Socket("front"), grpc::InsecureChannelCredentials()));
  }
  std::unique_ptr<grpc::ClientReader<Shelf>> WatchFront(grpc::ClientContext& context) {
    WatchShelvesRequest request;
    request.set_parent("organizations/reading-room");
    return stub_->WatchShelves(&context, request);
  }

  std::unique_ptr<GrpcServer> front_;
  std::unique_ptr<ShelvesService::Stub> stub_;
};

TEST_P(GrpcForwardTest, UnaryCallsAndTheirErrorsPass) {
  shelves_.On<GetShelfRequest, Shelf>(
      "GetShelf", [](const Call&, const GetShelfRequest& request) -> absl::StatusOr<Shelf> {
        if (request.name() != "organizations/o/shelves/s") {
          return status::NotFound("testing.mostove.bg/Shelf", request.name());
        }
        return Titled("poetry");
      });
  StartFront();
  GetShelfRequest request;
  request.set_name("organizations/o/shelves/s");
  Shelf shelf;
  grpc::ClientContext found, missing;
  EXPECT_THAT(FromGrpc(stub_->GetShelf(&found, request, &shelf)), IsOk());
  EXPECT_EQ(shelf.title(), "poetry");
  request.set_name("organizations/o/shelves/t");
  EXPECT_EQ(FromGrpc(stub_->GetShelf(&missing, request, &shelf)),
            status::NotFound("testing.mostove.bg/Shelf", "organizations/o/shelves/t"));
}

TEST_P(GrpcForwardTest, StreamsPass) {
  StartFront();
  grpc::ClientContext context;
  const auto reader = WatchFront(context);
  Shelf shelf;
  for (int i = 0; i < 20; ++i) {
    shelves_.feed().Push(Titled(absl::StrCat(i)));
    ASSERT_TRUE(reader->Read(&shelf));
    EXPECT_EQ(shelf.title(), absl::StrCat(i));
  }
  shelves_.feed().End(absl::OutOfRangeError("end"));
  EXPECT_FALSE(reader->Read(&shelf));
  EXPECT_THAT(FromGrpc(reader->Finish()), IsOk());
}

TEST_P(GrpcForwardTest, ACallerWhoLeavesAStreamEndsItInTheService) {
  StartFront();
  grpc::ClientContext context;
  const auto reader = WatchFront(context);
  WaitForOpen(1);
  context.TryCancel();
  EXPECT_THAT(FromGrpc(reader->Finish()), StatusIs(absl::StatusCode::kCancelled));
  WaitForOpen(0);
}

TEST_P(GrpcForwardTest, ADrainOfTheFrontEndsItsStreams) {
  StartFront();
  grpc::ClientContext context;
  const auto reader = WatchFront(context);
  WaitForOpen(1);
  front_->Drain(absl::Minutes(5));
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kUnavailable, HasReason("DRAINING")));
  WaitForOpen(0);
}

INSTANTIATE_TEST_SUITE_P(Both, GrpcForwardTest, kBothServers, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Both, GrpcRemoteStreamTest, kBothServers, NameOfKind);

}  // namespace
}  // namespace mostove::rpc
