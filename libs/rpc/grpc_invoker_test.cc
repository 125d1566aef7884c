#include "libs/rpc/grpc_invoker.h"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "libs/rpc/grpc_test_programs.h"
#include "libs/status/status.h"
#include "libs/telemetry/trace.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using call::Call;
using ::testing::AllOf;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

class GrpcInvokerTest : public GrpcInvokerFixture {
 protected:
  // GetShelf answers with the name and keeps the call.
  void AnswerGet() {
    shelves_.On<GetShelfRequest, Shelf>("GetShelf",
                                        [this](const Call& call, const GetShelfRequest& request) {
                                          seen_ = call;
                                          Shelf shelf;
                                          shelf.set_name(request.name());
                                          return shelf;
                                        });
  }
  // ListShelves blocks until its caller goes away.
  void BlockList() {
    shelves_.On<ListShelvesRequest, ListShelvesResponse>(
        "ListShelves", [this](const Call& call, const ListShelvesRequest&) {
          begun_.set_value();
          while (!call.cancelled->load()) std::this_thread::yield();
          return ListShelvesResponse();
        });
  }

  Call seen_;
  std::promise<void> begun_;
};

TEST_P(GrpcInvokerTest, CallsReachTheServiceOverBothKindsOfAddress) {
  AnswerGet();
  Serve(Socket());
  Serve("127.0.0.1:0");
  for (const std::string& address :
       {Socket(), absl::StrCat("127.0.0.1:", programs_.back()->port())}) {
    Connect({address});
    const Answer answer = Get().get();
    ASSERT_THAT(answer, IsOk()) << address;
    EXPECT_EQ(static_cast<const Shelf&>(**answer).name(),
              "organizations/reading-room/shelves/poetry");
    EXPECT_THAT(invoker_->Check(), IsOk());
  }
}

TEST_P(GrpcInvokerTest, WhatTheCallSaysArrives) {
  AnswerGet();
  Serve(Socket());
  Connect({Socket()});
  Call call;
  call.caller = {.name = "users/3", .network = true};
  call.authorization = "users/3";
  call.deadline = absl::Now() + absl::Seconds(20);
  call.request_id = "from-the-edge:1";
  call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  call.language = "bg-BG";
  ASSERT_THAT(Get(call).get(), IsOk());
  EXPECT_EQ(seen_.caller, call.caller);
  EXPECT_EQ(seen_.authorization, call.authorization);
  EXPECT_EQ(seen_.request_id, call.request_id);
  EXPECT_EQ(seen_.traceparent.substr(0, 36), call.traceparent.substr(0, 36));
  EXPECT_EQ(seen_.language, call.language);
  EXPECT_LE(absl::AbsDuration(seen_.deadline - call.deadline), absl::Seconds(1));
}

TEST_P(GrpcInvokerTest, AProgramCallsInItsOwnNameAndPassesNoTokenOn) {
  AnswerGet();
  Serve(Socket());
  Connect({Socket()});
  Call call;
  call.caller = {.name = "services/funding", .service = true};
  call.authorization = "users/3";
  ASSERT_THAT(Get(call).get(), IsOk());
  EXPECT_EQ(seen_.caller.name, "funding");
  EXPECT_EQ(seen_.authorization, "");
}

TEST_P(GrpcInvokerTest, TextThatIsNoMetadataIsLeftOut) {
  AnswerGet();
  Serve(Socket());
  Connect({Socket()});
  Call call = AsAdministrator();
  call.traceparent = "one\r\nx-request-id: two";
  call.language = "български";
  call.request_id = "\x01";
  ASSERT_THAT(Get(call).get(), IsOk());
  EXPECT_NE(telemetry::ParseTraceparent(seen_.traceparent).trace_id, "") << "a new one";
  EXPECT_EQ(seen_.language, "en");
  EXPECT_EQ(seen_.request_id.size(), 36u) << "a new one";
}

TEST_P(GrpcInvokerTest, TheIdempotencyKeyArrives) {
  Call seen;
  shelves_.On<DeleteShelfRequest, Shelf>("DeleteShelf",
                                         [&](const Call& call, const DeleteShelfRequest&) {
                                           seen = call;
                                           return Shelf();
                                         });
  Serve(Socket());
  Connect({Socket()});
  Call call = AsAdministrator();
  call.idempotency_key = "ключ-1";
  ASSERT_THAT(Delete(call).get(), IsOk());
  EXPECT_EQ(seen.idempotency_key, "ключ-1");
}

TEST_P(GrpcInvokerTest, ErrorsArriveWithTheirDetails) {
  const absl::Status error = status::NotFound("testing.mostove.bg/Shelf", "poetry");
  shelves_.On<GetShelfRequest, Shelf>(
      "GetShelf",
      [&](const Call&, const GetShelfRequest&) -> absl::StatusOr<Shelf> { return error; });
  Serve(Socket());
  Connect({Socket()});
  EXPECT_EQ(Get().get().status(), error);
  EXPECT_THAT(Send("GetShelf", GetShelfRequest()).get(), testing::HasViolation("name", "REQUIRED"));
}

TEST_P(GrpcInvokerTest, AServiceThatIsAwayIsNamedAfterAShortWait) {
  Connect({Socket(), "127.0.0.1:1"}, {.wait_max = absl::Milliseconds(30)});
  EXPECT_THAT(invoker_->Check(), HasReason("SERVICE_AWAY"));
  const Answer answer = Get().get();
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable,
                               AllOf(HasReason("SERVICE_AWAY"),
                                     HasMessage(HasSubstr(FakeShelves::kService)))));
  EXPECT_GT(status::RetryAfter(answer.status()), absl::ZeroDuration());
}

TEST_P(GrpcInvokerTest, TheDeadlineEndsTheWaitForAService) {
  Connect({Socket()});
  Call call = AsAdministrator();
  call.deadline = absl::Now() + absl::Milliseconds(30);
  EXPECT_THAT(Get(call).get(), HasReason("SERVICE_AWAY"));
}

TEST_P(GrpcInvokerTest, AServiceMayStartAfterTheCall) {
  AnswerGet();
  Connect({Socket()});
  std::future<Answer> answer = Get();
  Serve(Socket());
  EXPECT_THAT(answer.get(), IsOk());
}

TEST_P(GrpcInvokerTest, ADeadlineThatPassesEndsTheCall) {
  BlockList();
  Serve(Socket());
  Connect({Socket()});
  Call call = AsAdministrator();
  call.deadline = absl::Now() + absl::Milliseconds(300);
  EXPECT_THAT(List(call).get(),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasReason("DEADLINE_EXCEEDED")));
}

TEST_P(GrpcInvokerTest, ACallerThatGoesAwayCancelsTheCallThere) {
  BlockList();
  Serve(Socket());
  Connect({Socket()});
  Call call = AsAdministrator();
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  call.cancelled = cancelled;
  std::future<Answer> answer = List(call);
  begun_.get_future().wait();
  *cancelled = true;
  EXPECT_THAT(answer.get(), StatusIs(absl::StatusCode::kCancelled));
  programs_.clear();  // would wait for ever if the function still ran
}

TEST_P(GrpcInvokerTest, CallsUnderWayAreBounded) {
  AnswerGet();
  Connect({Socket()}, {.calls_max = 2, .wait_max = absl::Minutes(5)});
  std::future<Answer> first = Get(), second = Get();
  EXPECT_THAT(Get().get(), StatusIs(absl::StatusCode::kUnavailable, HasReason("QUEUE_FULL")));
  Serve(Socket());
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(second.get(), IsOk());
  EXPECT_THAT(Get().get(), IsOk());
}

TEST_P(GrpcInvokerTest, ItsEndAnswersTheCallsUnderWay) {
  BlockList();
  Serve(Socket());
  Connect({Socket()});
  std::future<Answer> sent = List();
  begun_.get_future().wait();
  invoker_.reset();
  EXPECT_THAT(sent.get(), StatusIs(absl::StatusCode::kUnavailable));

  Connect({Socket("nobody")});
  std::future<Answer> waiting = Get();
  invoker_.reset();
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kUnavailable, HasReason("STOPPING")));
}

TEST_P(GrpcInvokerTest, AnswersOfEightMebibytesPassAndLargerOnesDoNot) {
  shelves_.On<ListShelvesRequest, ListShelvesResponse>(
      "ListShelves", [](const Call&, const ListShelvesRequest& request) {
        ListShelvesResponse response;
        for (int i = 0; i < request.page_size(); ++i) {
          response.add_shelves()->set_title(std::string(1000, 'x'));
        }
        return response;
      });
  Serve(Socket());
  Connect({Socket()});
  ListShelvesRequest request;
  request.set_parent("organizations/reading-room");
  request.set_page_size(8000);
  EXPECT_THAT(Send("ListShelves", request).get(), IsOk());
  request.set_page_size(9000);
  EXPECT_THAT(Send("ListShelves", request).get(), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_P(GrpcInvokerTest, ForeignMethodsAndStreamsCannotBeInvoked) {
  Connect({Socket()});
  EXPECT_THAT(Send("WatchShelves", WatchShelvesRequest()).get(), HasReason("METHOD_UNKNOWN"));
}

TEST_P(GrpcInvokerTest, ManyThreadsCallAtOnce) {
  AnswerGet();
  shelves_.On<GetShelfRequest, Shelf>("GetShelf", [](const Call&, const GetShelfRequest& request) {
    Shelf shelf;
    shelf.set_name(request.name());
    return shelf;
  });
  Serve(Socket());
  Connect({Socket()});
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 64; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        GetShelfRequest request;
        request.set_name(absl::StrCat("organizations/o/shelves/s", t, "-", i));
        const Answer answer = Send("GetShelf", request).get();
        if (answer.ok() && static_cast<const Shelf&>(**answer).name() == request.name()) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 64 * 50);
}

INSTANTIATE_TEST_SUITE_P(Both, GrpcInvokerTest, kBothServers, NameOfKind);

}  // namespace
}  // namespace mostove::rpc
