// What the gateway does when too much is asked of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "services/gateway/admission.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

// Calls wait until the test lets them go on.
class HeldInvoker final : public rpc::Invoker {
 public:
  std::vector<const google::protobuf::ServiceDescriptor*> services() const override {
    return {v1::Organization::descriptor()->file()->pool()->FindServiceByName(
        "mostove.organizations.v1.OrganizationsService")};
  }
  void Invoke(const google::protobuf::MethodDescriptor* method, call::Call, call::MessagePtr,
              rpc::Done done) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (open_) return done(Answer(method));
    held_.emplace_back(method, std::move(done));
    more_.notify_all();
  }
  void WaitFor(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    more_.wait(lock, [&] { return held_.size() >= count; });
  }
  void Open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    for (auto& [method, done] : held_) done(Answer(method));
    held_.clear();
  }

 private:
  static call::MessagePtr Answer(const google::protobuf::MethodDescriptor* method) {
    return call::MessagePtr(google::protobuf::MessageFactory::generated_factory()
                                ->GetPrototype(method->output_type())
                                ->New());
  }

  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::pair<const google::protobuf::MethodDescriptor*, rpc::Done>> held_;
  bool open_ = false;
};

class LoadTest : public ::testing::Test {
 protected:
  void Start(GatewayOptions options) {
    options.address = "127.0.0.1:0";
    auto gateway = Gateway::Start(
        std::move(options), {&invoker_},
        [](absl::string_view) { return call::LocalAdministrator(); }, metrics_.get(), nullptr);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }
  std::unique_ptr<TestPeer> Peer() { return std::make_unique<TestPeer>(gateway_->endpoint()); }

  std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  HeldInvoker invoker_;
  std::unique_ptr<Gateway> gateway_;
};

constexpr char kCreate[] =
    "POST /v1/organizations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Content-Length: 2\r\n\r\n{}";

TEST_F(LoadTest, WritesBeyondTheBoundAreRefusedAndReadsAndProbesAreNot) {
  Start({.calls_max = 3});
  std::vector<std::unique_ptr<TestPeer>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(Peer());
    waiting.back()->Send(kCreate);
  }
  invoker_.WaitFor(3);
  const Answer refused = Peer()->AskRaw(kCreate);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Header("retry-after"), "1");
  EXPECT_THAT(refused.body, ::testing::HasSubstr("QUEUE_FULL"));
  for (int i = 0; i < 3; ++i) {  // reads go on up to twice the bound
    waiting.push_back(Peer());
    waiting.back()->Send("GET /v1/organizations HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  invoker_.WaitFor(6);
  EXPECT_EQ(Peer()->Ask("GET", "/v1/organizations").status, 503);
  EXPECT_EQ(Peer()->Ask("GET", "/healthz").status, 200);
  invoker_.Open();
  for (const auto& peer : waiting) EXPECT_EQ(peer->Receive().status, 200);
  EXPECT_EQ(Peer()->AskRaw(kCreate).status, 200) << "what was answered has left";
}

TEST_F(LoadTest, ARefusedConnectionServesOnAfterItsPause) {
  Start({.limits = {.busy_pause = absl::Milliseconds(30)}, .calls_max = 1});
  const auto waiting = Peer();
  waiting->Send(kCreate);
  invoker_.WaitFor(1);
  const auto peer = Peer();
  // Pipelined: the ones behind are read after the pause.
  peer->Send(absl::StrCat(kCreate, kCreate, kCreate));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(peer->Receive().status, 503);
  invoker_.Open();
  EXPECT_EQ(peer->AskRaw(kCreate).status, 200);
}

// Pages of an origin go the long way, everybody else is told with prepared bytes.
TEST_F(LoadTest, PreparedRefusalsSayWhatOthersSay) {
  Start({.calls_max = 1});
  const auto waiting = Peer();
  waiting->Send(kCreate);
  invoker_.WaitFor(1);
  for (const std::string language : {"en", "bg", "uk"}) {
    const std::string headers =
        absl::StrCat("Accept-Language: ", language, "\r\nX-Request-Id: request-7\r\n");
    Answer prepared = Peer()->Ask("PATCH", kName, headers, "{}");
    Answer composed = Peer()->Ask("PATCH", kName, headers + "Origin: http://localhost\r\n", "{}");
    prepared.headers.erase("date");
    composed.headers.erase("date");
    EXPECT_EQ(prepared.status, 503);
    EXPECT_EQ(composed.status, 503);
    EXPECT_EQ(prepared.headers, composed.headers);
    EXPECT_EQ(prepared.Header("content-language"), language);
    EXPECT_EQ(prepared.body, composed.body);
    EXPECT_THAT(prepared.body, ::testing::HasSubstr("\"requestId\":\"request-7\""));
  }
  const Answer figures = Peer()->Ask("GET", "/metrics");
  EXPECT_THAT(figures.body,
              ::testing::HasSubstr("mostove_http_refusals_total{reason=\"QUEUE_FULL\"} 6"));
  EXPECT_THAT(figures.body, ::testing::HasSubstr(
                                "mostove_http_requests_total{route=\"refused\",status=\"503\"} 3"));
}

TEST_F(LoadTest, EachRefusalHasAnIdOfItsOwn) {
  Start({.calls_max = 1});
  const auto waiting = Peer();
  waiting->Send(kCreate);
  invoker_.WaitFor(1);
  const Answer first = Peer()->AskRaw(kCreate);
  const Answer second = Peer()->AskRaw(kCreate);
  EXPECT_EQ(first.Header("x-request-id").size(), 32u);
  EXPECT_NE(first.Header("x-request-id"), second.Header("x-request-id"));
  EXPECT_THAT(second.body, ::testing::HasSubstr(second.Header("x-request-id")));
}

TEST_F(LoadTest, BodiesBeyondTheMemoryOfAllAreRefused) {
  invoker_.Open();
  Start({.limits = {.buffered_bytes_max = 100'000}});
  const std::string head =
      "POST /v1/organizations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 90000\r\n\r\n";
  std::vector<std::unique_ptr<TestPeer>> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(Peer());
    slow.back()->Send(head + std::string(60'000, ' '));
  }
  // Of eight that send 60,000 bytes each, one fits; the others are told at once.
  int refused = 0;
  for (auto& peer : slow) {
    if (!peer->HasAnswerSoon()) continue;
    ++refused;
    EXPECT_EQ(peer->Receive().status, 503);
  }
  EXPECT_GE(refused, 6);
  slow.clear();
  EXPECT_EQ(Peer()->AskRaw(kCreate).status, 200);
}

TEST(AdmissionTest, WhatLeavesMakesRoom) {
  Admission admission(1);
  EXPECT_TRUE(admission.TryEnter(/*reads=*/false));
  EXPECT_FALSE(admission.TryEnter(/*reads=*/false));
  EXPECT_TRUE(admission.TryEnter(/*reads=*/true));
  EXPECT_FALSE(admission.TryEnter(/*reads=*/true));
  EXPECT_EQ(admission.under_way(), 2);
  admission.Leave();
  admission.Leave();
  EXPECT_TRUE(admission.TryEnter(/*reads=*/false));
}

}  // namespace
}  // namespace mostove::gateway
