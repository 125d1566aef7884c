#include "libs/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace mostove::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A peer that sends what it likes.
class Peer {
 public:
  explicit Peer(const Server& server) : socket_(context_) {
    socket_.connect(
        {boost::asio::ip::make_address(server.endpoint().address), server.endpoint().port});
  }

  void Send(const std::string& bytes) {
    boost::system::error_code ignored;  // the server may have closed already
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  void EndSending() { socket_.shutdown(boost::asio::socket_base::shutdown_send); }
  void Close() { socket_.close(); }
  void Reset() {
    socket_.set_option(boost::asio::socket_base::linger(true, 0));
    socket_.close();
  }
  // The next answer whole; what came before the end of the stream if it ends first.
  std::string Read(bool head = false) {
    while (true) {
      const size_t end = received_.find("\r\n\r\n");
      if (end != std::string::npos) {
        size_t length = 0;
        const size_t field = received_.find("Content-Length: ");
        if (field < end && !head) {
          const size_t digits = field + 16;
          EXPECT_TRUE(absl::SimpleAtoi(
              received_.substr(digits, received_.find('\r', digits) - digits), &length));
        }
        if (received_.size() >= end + 4 + length) {
          const std::string answer = received_.substr(0, end + 4 + length);
          received_.erase(0, answer.size());
          return answer;
        }
      }
      if (!ReadSome()) return std::exchange(received_, {});
    }
  }
  // Everything until the server closes.
  std::string ReadToEnd() {
    while (ReadSome()) {
    }
    return std::exchange(received_, {});
  }
  std::string Ask(const std::string& bytes) {
    Send(bytes);
    return Read();
  }

 private:
  bool ReadSome() {
    char bytes[65536];
    boost::system::error_code error;
    const size_t count = socket_.read_some(boost::asio::buffer(bytes), error);
    received_.append(bytes, count);
    return !error;
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
};

constexpr char kGet[] = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

// Keeps responders until the test answers them.
class Shelf {
 public:
  void Put(Responder responder, std::shared_ptr<const std::atomic<bool>> cancelled) {
    const std::lock_guard<std::mutex> lock(mutex_);
    responders_.push_back(std::move(responder));
    cancelled_ = std::move(cancelled);
    changed_.notify_all();
  }
  Responder Take() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !responders_.empty(); });
    Responder responder = std::move(responders_.back());
    responders_.pop_back();
    return responder;
  }
  std::shared_ptr<const std::atomic<bool>> cancelled() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return cancelled_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Responder> responders_;
  std::shared_ptr<const std::atomic<bool>> cancelled_;
};

class ServerTest : public ::testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    auto server =
        Server::Start(std::move(options), [this](const Request& request, Responder responder) {
          if (request.path == "/later") return shelf_.Put(std::move(responder), request.cancelled);
          if (request.path == "/drop") return;
          if (request.path == "/throw") throw std::runtime_error("thrown");
          Response response;
          response.AddHeader("X-Method", request.method_name);
          if (request.path == "/large") {
            response.body = std::string(16 << 20, 'x');
          } else {
            response.body = absl::StrCat(request.path, " ", request.body.size());
          }
          responder.Respond(std::move(response));
        });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  // The server still serves others.
  void ExpectServes() { EXPECT_THAT(Peer(*server_).Ask(kGet), HasSubstr("/hello 0")); }

  Shelf shelf_;
  std::unique_ptr<Server> server_;
};

ServerOptions With(void (*change)(Limits&)) {
  ServerOptions options;
  change(options.limits);
  return options;
}

TEST_F(ServerTest, AnswersOneRequestAfterAnotherOnOneConnection) {
  Start();
  Peer peer(*server_);
  for (int i = 0; i < 100; ++i) {
    const std::string answer = peer.Ask(kGet);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
    EXPECT_THAT(answer, HasSubstr("GMT\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\n\r\n/hello 0"));
    EXPECT_THAT(answer, Not(HasSubstr("Connection:")));
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Start({.loop_threads = 2});
  Peer peer(*server_);
  std::string requests;
  for (int i = 0; i < 2000; ++i)
    requests += absl::StrCat("GET /", i, " HTTP/1.1\r\nHost: a\r\n\r\n");
  std::thread sender([&] { peer.Send(requests); });
  for (int i = 0; i < 2000; ++i)
    EXPECT_THAT(peer.Read(), HasSubstr(absl::StrCat("\r\n\r\n/", i, " 0")));
  sender.join();
}

TEST_F(ServerTest, ARequestBehindOneThatRunsWaitsForItsAnswer) {
  Start();
  Peer peer(*server_);
  peer.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet));
  Responder responder = shelf_.Take();
  responder.Respond({.body = "first"});
  EXPECT_THAT(peer.Read(), HasSubstr("first"));
  EXPECT_THAT(peer.Read(), HasSubstr("/hello"));
}

TEST_F(ServerTest, OnlyTheFirstAnswerCounts) {
  Start();
  Peer peer(*server_);
  peer.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  {
    Responder responder = shelf_.Take();
    responder.Respond({.body = "first"});
    responder.Respond({.body = "second"});
  }
  EXPECT_THAT(peer.Read(), HasSubstr("first"));
  EXPECT_THAT(peer.Ask(kGet), HasSubstr("/hello"));
}

TEST_F(ServerTest, ADroppedResponderAnswers500) {
  Start();
  Peer peer(*server_);
  EXPECT_THAT(peer.Ask("GET /drop HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(peer.Ask("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
  peer.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  { const Responder dropped = shelf_.Take(); }
  EXPECT_THAT(peer.Read(), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(peer.Ask(kGet), HasSubstr("/hello"));
}

TEST_F(ServerTest, HeadHasTheLengthWithoutTheBody) {
  Start();
  Peer peer(*server_);
  peer.Send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(peer.Read(/*head=*/true), HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(peer.Ask(kGet), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, ConnectionCloseAndHttp10EndTheConnection) {
  Start();
  for (const char* request : {"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                              "GET /hello HTTP/1.0\r\n\r\n"}) {
    Peer peer(*server_);
    peer.Send(absl::StrCat(request, kGet));
    const std::string all = peer.ReadToEnd();
    EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(all.find("HTTP/1.1"), all.rfind("HTTP/1.1")) << all;
  }
}

TEST_F(ServerTest, APeerThatOnlyStopsSendingStillGetsItsAnswer) {
  Start();
  Peer peer(*server_);
  peer.Send(kGet);
  peer.EndSending();
  EXPECT_THAT(peer.ReadToEnd(), HasSubstr("/hello 0"));
}

TEST_F(ServerTest, ExpectationIsContinued) {
  Start();
  Peer peer(*server_);
  EXPECT_EQ(
      peer.Ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
      "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(peer.Ask("ab"), HasSubstr("/x 2"));
}

TEST_F(ServerTest, BodiesOfAMebibyteAreRead) {
  Start();
  Peer peer(*server_);
  const std::string body(1 << 20, 'a');
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(peer.Ask(absl::StrCat("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ",
                                      body.size(), "\r\n\r\n", body)),
                HasSubstr("/x 1048576"));
  }
}

struct TrapCase {
  const char* name;
  std::string bytes;
  const char* status_line;
};

TEST_F(ServerTest, TrapsAreAnsweredThenClosedAndTheNextConnectionWorks) {
  Start();
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<TrapCase> rows = {
      {"trailer beyond every bound",
       absl::StrCat(chunked, "0\r\nA: ", std::string(1 << 20, 'a'), "\r\n\r\n"), "HTTP/1.1 400 "},
      {"huge chunk extension",
       absl::StrCat(chunked, "1;", std::string(1 << 20, 'a'), "\r\na\r\n0\r\n\r\n"),
       "HTTP/1.1 400 "},
      {"body too large, sent whole",
       absl::StrCat(post, "Content-Length: 8000000\r\n\r\n", std::string(8'000'000, 'a')),
       "HTTP/1.1 413 "},
      {"chunks too large, sent whole",
       absl::StrCat(chunked, "7A1200\r\n", std::string(8'000'000, 'a')), "HTTP/1.1 413 "},
      {"smuggling",
       post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kGet,
       "HTTP/1.1 400 "},
      {"smuggling by doubled coding",
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + kGet,
       "HTTP/1.1 400 "},
      {"endless line", absl::StrCat("GET /", std::string(1 << 20, 'a')), "HTTP/1.1 414 "},
      {"endless fields", absl::StrCat("GET / HTTP/1.1\r\nA: ", std::string(1 << 20, 'a')),
       "HTTP/1.1 431 "},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400 "},
      {"garbage", std::string(100, '\xff'), "HTTP/1.1 400 "},
  };
  for (const TrapCase& row : rows) {
    Peer peer(*server_);
    peer.Send(row.bytes);
    peer.EndSending();
    const std::string all = peer.ReadToEnd();
    EXPECT_THAT(all, StartsWith(row.status_line)) << row.name;
    EXPECT_THAT(all, HasSubstr("Connection: close\r\n")) << row.name;
    EXPECT_EQ(all.find("HTTP/1.1 "), all.rfind("HTTP/1.1 "))
        << row.name << ": more than one answer";
    ExpectServes();
  }
}

TEST_F(ServerTest, RefusalsAreMadeByTheErrorHandler) {
  Start({.error_handler = [](const Refusal& refusal) {
    return Response{.status = refusal.status, .body = absl::StrCat("<", refusal.reason, ">")};
  }});
  EXPECT_THAT(Peer(*server_).Ask("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
              HasSubstr("<METHOD_UNKNOWN>"));
}

TEST_F(ServerTest, SlowHeadersTimeOutEvenWhenTheyTrickle) {
  Start(With([](Limits& limits) { limits.header_time = absl::Milliseconds(80); }));
  Peer peer(*server_);
  peer.Send("GET / HTTP/1.1\r\nHost: a\r\n");
  EXPECT_THAT(peer.ReadToEnd(), StartsWith("HTTP/1.1 408 "));
  Peer trickler(*server_);
  std::atomic<bool> ended{false};
  std::thread sender([&] {
    trickler.Send("GET / HTTP/1.1\r\n");
    while (!ended) {
      trickler.Send("A: b\r\n");
      absl::SleepFor(absl::Milliseconds(10));  // what a slow peer does
    }
  });
  EXPECT_THAT(trickler.Read(), StartsWith("HTTP/1.1 408 "));
  ended = true;
  sender.join();
  ExpectServes();
}

TEST_F(ServerTest, SlowBodiesTimeOut) {
  Start(With([](Limits& limits) { limits.body_time = absl::Milliseconds(80); }));
  Peer peer(*server_);
  peer.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_THAT(peer.ReadToEnd(), StartsWith("HTTP/1.1 408 "));
  ExpectServes();
}

TEST_F(ServerTest, IdleConnectionsAreClosedSilently) {
  Start(With([](Limits& limits) { limits.idle_time = absl::Milliseconds(80); }));
  Peer silent(*server_);
  EXPECT_EQ(silent.ReadToEnd(), "");
  Peer peer(*server_);
  EXPECT_THAT(peer.Ask(kGet), HasSubstr("/hello"));
  EXPECT_EQ(peer.ReadToEnd(), "");
}

TEST_F(ServerTest, ReadersThatDoNotReadAreClosed) {
  Start(With([](Limits& limits) { limits.write_time = absl::Milliseconds(80); }));
  Peer peer(*server_);
  constexpr int kRequests = 20;  // more than the kernel's buffers take
  for (int i = 0; i < kRequests; ++i) peer.Send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server_->connections() > 0) std::this_thread::yield();
  EXPECT_LT(peer.ReadToEnd().size(), kRequests * (size_t{16} << 20));
  ExpectServes();
}

TEST_F(ServerTest, LargeAnswersArriveWhole) {
  Start();
  Peer peer(*server_);
  EXPECT_GT(peer.Ask("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").size(), size_t{16} << 20);
  EXPECT_THAT(peer.Ask(kGet), HasSubstr("/hello"));
}

TEST_F(ServerTest, APeerThatGoesAwayCancelsItsRequest) {
  Start();
  Peer peer(*server_);
  peer.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  Responder responder = shelf_.Take();
  const auto cancelled = shelf_.cancelled();
  EXPECT_FALSE(*cancelled);
  peer.Reset();
  while (!*cancelled) std::this_thread::yield();
  responder.Respond({.body = "to nobody"});
  ExpectServes();
}

TEST_F(ServerTest, APeerThatHasSaidAllGetsItsAnswer) {
  Start();
  Peer peer(*server_);
  peer.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  Responder responder = shelf_.Take();
  peer.EndSending();
  ExpectServes();  // the end of its input has been read by now
  EXPECT_FALSE(*shelf_.cancelled());
  responder.Respond({.body = "to who still reads"});
  EXPECT_THAT(peer.Read(), HasSubstr("to who still reads"));
}

TEST_F(ServerTest, ManyConnectionsAreServedAtOnce) {
  Start();
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 400; ++i) peers.push_back(std::make_unique<Peer>(*server_));
  for (const auto& peer : peers) peer->Send(kGet);
  for (const auto& peer : peers) EXPECT_THAT(peer->Read(), HasSubstr("/hello 0"));
  EXPECT_EQ(server_->connections(), 400u);
}

TEST_F(ServerTest, ConnectionsOfOneAddressHaveABound) {
  Start(With([](Limits& limits) { limits.connections_per_address_max = 2; }));
  auto first = std::make_unique<Peer>(*server_);
  Peer second(*server_);
  EXPECT_THAT(first->Ask(kGet), HasSubstr("/hello"));
  EXPECT_THAT(second.Ask(kGet), HasSubstr("/hello"));
  EXPECT_THAT(Peer(*server_).ReadToEnd(), StartsWith("HTTP/1.1 503 "));
  first.reset();
  while (server_->connections() > 1) std::this_thread::yield();
  ExpectServes();
}

TEST_F(ServerTest, StopLetsRunningRequestsFinish) {
  Start();
  Peer idle(*server_);
  EXPECT_THAT(idle.Ask(kGet), HasSubstr("/hello"));
  Peer peer(*server_);
  peer.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  Responder responder = shelf_.Take();
  std::thread stopper([this] { server_->Stop(absl::Seconds(30)); });
  EXPECT_EQ(idle.ReadToEnd(), "");  // so draining has begun
  responder.Respond({.body = "finished"});
  const std::string answer = peer.ReadToEnd();
  EXPECT_THAT(answer, HasSubstr("finished"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  peer.Close();
  stopper.join();
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(ServerTest, StopEndsAfterItsGraceAndRespondersMayOutliveTheServer) {
  Start();
  Peer peer(*server_);
  peer.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  std::optional<Responder> responder(shelf_.Take());
  server_->Stop(absl::Milliseconds(20));
  EXPECT_EQ(peer.ReadToEnd(), "");
  server_.reset();
  responder->Respond({.body = "too late"});
}

TEST_F(ServerTest, APortInUseIsAnErrorThatSaysSo) {
  Start();
  const auto second =
      Server::Start({.address = server_->endpoint().ToString()}, [](const Request&, Responder) {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(server_->endpoint().ToString()));
}

TEST(EndpointTest, OnlyNumericAddressesAndLocalhostAreRead) {
  EXPECT_EQ(ParseEndpoint("localhost:80")->ToString(), "127.0.0.1:80");
  EXPECT_EQ(ParseEndpoint("[::1]:80")->ToString(), "[::1]:80");
  EXPECT_TRUE(ParseEndpoint("[::1]:80")->loopback);
  EXPECT_TRUE(ParseEndpoint("127.1.2.3:80")->loopback);
  EXPECT_FALSE(ParseEndpoint("0.0.0.0:80")->loopback);
  for (const char* wrong :
       {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "::1:80", "[127.0.0.1]:80", "example.org:80", "127.0.0.1:80 "}) {
    EXPECT_EQ(ParseEndpoint(wrong).status().code(), absl::StatusCode::kInvalidArgument) << wrong;
  }
}

}  // namespace
}  // namespace mostove::http
