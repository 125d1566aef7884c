#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "libs/rpc/fake_shelves.h"
#include "libs/rpc/invoker.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using call::Call;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

class LocalInvokerTest : public ::testing::Test {
 protected:
  using Answer = absl::StatusOr<call::MessagePtr>;

  LocalInvokerTest() {
    shelves_.On<EchoRequest, EchoResponse>("Echo", [](const Call&, const EchoRequest& request) {
      EchoResponse response;
      response.set_text(request.text());
      return response;
    });
    shelves_.On<ListShelvesRequest, ListShelvesResponse>(
        "ListShelves", [this](const Call&, const ListShelvesRequest&) {
          begun_.set_value();
          release_.get_future().wait();
          return ListShelvesResponse();
        });
    table_ = shelves_.Bind({.metrics = metrics_.get()});
    invoker_ = MakeLocalInvoker({table_.get()}, pool_.get());
  }

  void Invoke(const char* method, call::MessagePtr request, Done done) {
    Call call;
    call.caller = call::LocalAdministrator();
    invoker_->Invoke(table_->descriptor()->FindMethodByName(method), call, std::move(request),
                     std::move(done));
  }
  std::future<Answer> List() {
    auto request = std::make_unique<ListShelvesRequest>();
    request->set_parent("organizations/reading-room");
    auto answer = std::make_shared<std::promise<Answer>>();
    Invoke("ListShelves", std::move(request),
           [answer](Answer a) { answer->set_value(std::move(a)); });
    return answer->get_future();
  }
  std::shared_ptr<Stream> Watch() {
    Call call;
    call.caller = call::LocalAdministrator();
    auto request = std::make_unique<WatchShelvesRequest>();
    request->set_parent("organizations/reading-room");
    return invoker_->Open(table_->descriptor()->FindMethodByName("WatchShelves"), std::move(call),
                          std::move(request));
  }
  static std::future<Answer> Pull(Stream& stream) {
    auto answer = std::make_shared<std::promise<Answer>>();
    stream.Pull([answer](Answer next) { answer->set_value(std::move(next)); });
    return answer->get_future();
  }

  std::promise<void> begun_, release_;
  std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  FakeShelves shelves_;
  std::unique_ptr<const ServiceTable> table_;
  std::unique_ptr<WorkerPool> pool_ = WorkerPool::Start({.threads = 1, .queue_max = 0});
  std::unique_ptr<Invoker> invoker_;
};

TEST_F(LocalInvokerTest, InlineMethodsAnswerBeforeInvokeReturns) {
  auto request = std::make_unique<EchoRequest>();
  request->set_text("hello");
  std::string text;
  Invoke("Echo", std::move(request), [&](Answer answer) {
    ASSERT_THAT(answer, IsOk());
    text = static_cast<const EchoResponse&>(**answer).text();
  });
  EXPECT_EQ(text, "hello");
}

TEST_F(LocalInvokerTest, OtherMethodsRunOnThePool) {
  pool_ = WorkerPool::Start({.threads = 1, .queue_max = 1});
  invoker_ = MakeLocalInvoker({table_.get()}, pool_.get());
  std::future<Answer> answer = List();
  begun_.get_future().wait();
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  release_.set_value();
  EXPECT_THAT(answer.get(), IsOk());
}

TEST_F(LocalInvokerTest, AFullPoolAnswersAtOnceAndIsCounted) {
  EXPECT_THAT(List().get(), StatusIs(absl::StatusCode::kUnavailable, HasReason("QUEUE_FULL")));
  EXPECT_THAT(metrics_->Text(), ::testing::HasSubstr("code=\"UNAVAILABLE\""));
}

TEST_F(LocalInvokerTest, StreamsAndForeignMethodsAreUnknown) {
  absl::Status status;
  Invoke("WatchShelves", std::make_unique<WatchShelvesRequest>(),
         [&](Answer answer) { status = answer.status(); });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnimplemented, HasReason("METHOD_UNKNOWN")));
}

TEST_F(LocalInvokerTest, StreamsArePulledOnThePoolHoweverFullItIs) {
  const auto stream = Watch();  // the pool's queue takes nothing
  std::future<Answer> first = Pull(*stream);
  shelves_.feed().Push({});
  EXPECT_THAT(first.get(), IsOk());
  shelves_.feed().End(absl::OutOfRangeError("end"));
  EXPECT_THAT(Pull(*stream).get(), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(LocalInvokerTest, ACancelledStreamAnswersTheWaitingAndEveryLaterPull) {
  const auto stream = Watch();
  std::future<Answer> waiting = Pull(*stream);
  stream->Cancel();
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Pull(*stream).get(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(LocalInvokerTest, OtherMethodsCannotBeOpened) {
  const auto stream = invoker_->Open(table_->descriptor()->FindMethodByName("Echo"), Call(),
                                     std::make_unique<EchoRequest>());
  EXPECT_THAT(Pull(*stream).get(), HasReason("METHOD_UNKNOWN"));
}

TEST_F(LocalInvokerTest, ItNamesItsServices) {
  EXPECT_THAT(invoker_->services(), ::testing::ElementsAre(table_->descriptor()));
}

}  // namespace
}  // namespace mostove::rpc
