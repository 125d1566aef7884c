#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/grpc_test_server.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using testing::HasReason;
using testing::HasViolation;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

class GrpcStreamTest : public GrpcTest {
 protected:
  struct Watcher {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientReader<Shelf>> reader;
    absl::Status Finish() { return FromGrpc(reader->Finish()); }
  };

  Watcher Watch(const std::string& who = "member",
                const std::string& parent = "organizations/reading-room") {
    WatchShelvesRequest request;
    request.set_parent(parent);
    Watcher watcher;
    watcher.context = As(who);
    watcher.reader = stub_->WatchShelves(watcher.context.get(), request);
    return watcher;
  }
  static Shelf Titled(const std::string& title) {
    Shelf shelf;
    shelf.set_title(title);
    shelf.set_owner_note("o");
    return shelf;
  }
  void WaitForOpen(int streams) {
    while (shelves_.feed().open() != streams) std::this_thread::yield();
  }
};

TEST_P(GrpcStreamTest, MessagesComeInOrderUntilTheEnd) {
  Start();
  for (int i = 0; i < 50; ++i) shelves_.feed().Push(Titled(absl::StrCat(i)));
  Watcher watcher = Watch();
  Shelf shelf;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(watcher.reader->Read(&shelf));
    EXPECT_EQ(shelf.title(), absl::StrCat(i));
    EXPECT_EQ(shelf.owner_note(), "") << "each message is stripped for the caller";
  }
  shelves_.feed().End(absl::OutOfRangeError("end"));
  EXPECT_FALSE(watcher.reader->Read(&shelf));
  EXPECT_THAT(watcher.Finish(), IsOk());
  WaitForOpen(0);
}

TEST_P(GrpcStreamTest, AnIdleStreamHoldsNoThreadAndIsWoken) {
  Start({.threads = 1, .queue_max = 10});
  Watcher watcher = Watch();
  WaitForOpen(1);
  std::promise<void> idle;  // the pool's only thread is free again
  ASSERT_TRUE(pool_->TryRun([&] { idle.set_value(); }));
  idle.get_future().wait();
  Shelf shelf;
  for (const char* title : {"a", "b", "c"}) {
    shelves_.feed().Push(Titled(title));
    ASSERT_TRUE(watcher.reader->Read(&shelf));
    EXPECT_EQ(shelf.title(), title);
  }
  shelves_.feed().End(absl::OutOfRangeError("end"));
  EXPECT_FALSE(watcher.reader->Read(&shelf));
  EXPECT_THAT(watcher.Finish(), IsOk());
}

TEST_P(GrpcStreamTest, NoWakeIsLostBetweenManyPushes) {
  Start();
  Watcher watcher = Watch();
  constexpr int kShelves = 2000;
  std::thread pusher([&] {
    for (int i = 0; i < kShelves; ++i) shelves_.feed().Push(Titled(absl::StrCat(i)));
    shelves_.feed().End(absl::OutOfRangeError("end"));
  });
  Shelf shelf;
  int seen = 0;
  while (watcher.reader->Read(&shelf)) EXPECT_EQ(shelf.title(), absl::StrCat(seen++));
  pusher.join();
  EXPECT_EQ(seen, kShelves);
  EXPECT_THAT(watcher.Finish(), IsOk());
}

TEST_P(GrpcStreamTest, AStreamWaitsForRoomInTheFullPool) {
  Start({.threads = 1, .queue_max = 1});
  Watcher watcher = Watch();
  WaitForOpen(1);
  std::promise<void> begun, release;
  const auto block = [&] {
    begun.set_value();
    release.get_future().wait();
  };
  while (!pool_->TryRun(block)) std::this_thread::yield();
  begun.get_future().wait();
  ASSERT_TRUE(pool_->TryRun([] {}));
  shelves_.feed().Push(Titled("late"));
  release.set_value();
  Shelf shelf;
  ASSERT_TRUE(watcher.reader->Read(&shelf));
  EXPECT_EQ(shelf.title(), "late");
}

TEST_P(GrpcStreamTest, AnErrorEndsItWithDetails) {
  Start();
  Watcher watcher = Watch();
  shelves_.feed().End(status::Precondition("EPOCH_CHANGED", "start again"));
  Shelf shelf;
  EXPECT_FALSE(watcher.reader->Read(&shelf));
  EXPECT_THAT(watcher.Finish(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("EPOCH_CHANGED")));
}

TEST_P(GrpcStreamTest, OneThatMayNotBeOpenedSaysWhy) {
  Start();
  EXPECT_THAT(Watch("nobody").Finish(), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(Watch("member", "").Finish(), HasViolation("parent", "REQUIRED"));
}

TEST_P(GrpcStreamTest, WhenTheCallerGoesTheStreamIsReleased) {
  Start();
  Watcher leaving = Watch();
  WaitForOpen(1);
  leaving.context->TryCancel();
  EXPECT_THAT(leaving.Finish(), StatusIs(absl::StatusCode::kCancelled));
  WaitForOpen(0);

  Watcher impatient;
  impatient.context = As("member");
  impatient.context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(100)));
  WatchShelvesRequest request;
  request.set_parent("organizations/reading-room");
  impatient.reader = stub_->WatchShelves(impatient.context.get(), request);
  EXPECT_THAT(impatient.Finish(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  WaitForOpen(0);
  shelves_.feed().Push(Titled("nobody is woken"));
}

TEST_P(GrpcStreamTest, ADrainEndsIdleStreamsAtOnce) {
  Start();
  Watcher watcher = Watch();
  WaitForOpen(1);
  server_->Drain(absl::Minutes(5));
  EXPECT_THAT(watcher.Finish(), StatusIs(absl::StatusCode::kUnavailable, HasReason("DRAINING")));
  EXPECT_EQ(shelves_.feed().open(), 0);
}

TEST_P(GrpcStreamTest, HealthIsWatchedInline) {
  Start({.threads = 1, .queue_max = 0});  // nothing runs on the pool
  const auto stub = grpc::health::v1::Health::NewStub(Channel());
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("a");
  const auto reader = stub->Watch(&context, request);
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN);
  health_.SetServing("a", true);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

INSTANTIATE_TEST_SUITE_P(Both, GrpcStreamTest, kBothServers, NameOfKind);

}  // namespace
}  // namespace mostove::rpc
