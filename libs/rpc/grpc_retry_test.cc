// What happens to calls when copies fail, end and come back.
#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "libs/rpc/grpc_test_programs.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using call::Call;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

class GrpcRetryTest : public GrpcInvokerFixture {
 protected:
  // GetShelf and DeleteShelf fail as often as `failures_` says.
  void SometimesFail() {
    shelves_.On<GetShelfRequest, Shelf>(
        "GetShelf", [this](const Call&, const GetShelfRequest&) { return AnswerOrFail(); });
    shelves_.On<DeleteShelfRequest, Shelf>(
        "DeleteShelf", [this](const Call&, const DeleteShelfRequest&) { return AnswerOrFail(); });
  }
  absl::StatusOr<Shelf> AnswerOrFail() {
    ++runs_;
    if (failures_.fetch_sub(1) > 0) {
      return status::Unavailable("DATABASE_AWAY", "try again", absl::Seconds(1));
    }
    return Shelf();
  }

  std::atomic<int> failures_ = 0, runs_ = 0;
};

TEST_P(GrpcRetryTest, ReadsAndWritesWithAKeyAreSentUpToThreeTimesOthersOnce) {
  SometimesFail();
  Serve(Socket());
  Connect({Socket()});
  Call with_key = AsAdministrator();
  with_key.idempotency_key = "key-1";
  const struct {
    const char* what;
    std::function<std::future<Answer>()> send;
    int runs;
  } cases[] = {{"a read", [&] { return Get(); }, 3},
               {"a write with a key", [&] { return Delete(with_key); }, 3},
               {"a write without", [&] { return Delete(); }, 1}};
  for (const auto& c : cases) {
    runs_ = 0;
    failures_ = 2;
    EXPECT_EQ(c.send().get().ok(), c.runs > 1) << c.what;
    EXPECT_EQ(runs_, c.runs) << c.what;
    runs_ = 0;
    failures_ = 3;
    EXPECT_THAT(c.send().get(),
                StatusIs(absl::StatusCode::kUnavailable, HasReason("DATABASE_AWAY")));
    EXPECT_EQ(runs_, c.runs) << c.what;
  }
}

TEST_P(GrpcRetryTest, OtherErrorsAreNotTriedAgain) {
  shelves_.On<GetShelfRequest, Shelf>(
      "GetShelf", [&](const Call&, const GetShelfRequest& request) -> absl::StatusOr<Shelf> {
        ++runs_;
        return status::NotFound("testing.mostove.bg/Shelf", request.name());
      });
  Serve(Socket());
  Connect({Socket()});
  EXPECT_THAT(Get().get(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(runs_, 1);
}

TEST_P(GrpcRetryTest, NoCallIsSentAgainBeyondItsDeadline) {
  SometimesFail();
  failures_ = 1000;
  Serve(Socket());
  Connect({Socket()});
  Call call = AsAdministrator();
  ASSERT_THAT(Get(call).get(), HasReason("DATABASE_AWAY")) << "and is connected from here on";
  runs_ = 0;
  call.deadline = absl::Now() + absl::Milliseconds(9);  // less than the shortest pause
  EXPECT_FALSE(Get(call).get().ok());
  EXPECT_LE(runs_, 1);
}

TEST_P(GrpcRetryTest, TheBudgetStopsAStorm) {
  SometimesFail();
  failures_ = 1000;
  Serve(Socket());
  Connect({Socket()}, {.wait_max = absl::Minutes(5), .retry_tokens_max = 10});
  for (int i = 0; i < 50; ++i) EXPECT_THAT(Get().get(), HasReason("DATABASE_AWAY"));
  EXPECT_EQ(runs_, 50 + 3) << "the fifth failure empties half of the bucket, the third ends a call";
}

TEST_P(GrpcRetryTest, AServiceThatIsRestartedIsFoundAgain) {
  SometimesFail();
  Serve(Socket());
  Connect({Socket()});
  ASSERT_THAT(Get().get(), IsOk());
  programs_.clear();
  std::future<Answer> read = Get();
  std::future<Answer> write = Delete();
  Serve(Socket());
  EXPECT_THAT(read.get(), IsOk());
  // It had no copy to be sent to, or saw the connection end.
  const Answer written = write.get();
  EXPECT_TRUE(written.ok() || absl::IsUnavailable(written.status())) << written.status();
  EXPECT_THAT(Delete().get(), IsOk());
}

TEST_P(GrpcRetryTest, LoadIsSharedAmongCopies) {
  std::atomic<int> runs[2] = {0, 0};
  for (int i = 0; i < 2; ++i) {
    shelves_.On<GetShelfRequest, Shelf>("GetShelf", [&runs, i](const Call&, const auto&) {
      ++runs[i];
      return Shelf();
    });
    Serve(Socket(absl::StrCat("copy", i)));
  }
  Connect({Socket("copy0"), Socket("copy1")});
  while (runs[0] == 0 || runs[1] == 0) ASSERT_THAT(Get().get(), IsOk());  // both are connected
  runs[0] = runs[1] = 0;
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Get().get(), IsOk());
  EXPECT_EQ(runs[0], 10);
  EXPECT_EQ(runs[1], 10);
}

TEST_P(GrpcRetryTest, WhenACopyEndsUnderLoadNoReadAndNoWriteWithAKeyFails) {
  SometimesFail();
  Serve(Socket("copy0"));
  Serve("127.0.0.1:0");
  Connect({Socket("copy0"), absl::StrCat("127.0.0.1:", programs_[1]->port())});
  std::atomic<int> answered = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        Call call = AsAdministrator();
        call.idempotency_key = absl::StrCat("key-", t, "-", i);
        const Answer answer = t % 2 == 0 ? Get().get() : Delete(call).get();
        EXPECT_THAT(answer, IsOk());
        ++answered;
      }
    });
  }
  const auto wait_for = [&](int more) {
    const int goal = answered + more;
    while (answered < goal) std::this_thread::yield();
  };
  wait_for(500);
  programs_[0].reset();
  wait_for(500);
  programs_[0] = std::make_unique<ShelvesProgram>(GetParam(), shelves_, Socket("copy0"));
  wait_for(500);
  programs_[1].reset();
  wait_for(500);
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Both, GrpcRetryTest, kBothServers, NameOfKind);

}  // namespace
}  // namespace mostove::rpc
