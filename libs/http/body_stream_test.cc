// Bodies that come piece by piece.
#include "libs/http/body_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "libs/http/server.h"

namespace mostove::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kAsk[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// A body that the test writes.
class Body {
 public:
  void Begin(Responder responder) {
    auto body = responder.Stream(Response{}, [this] { ended_.set_value(); });
    body_.set_value(std::move(body));
  }
  // True when the peer had room for it.
  bool Send(const std::string& piece) {
    std::promise<bool> sent;
    stream().Send(piece, [&](bool more) { sent.set_value(more); });
    return sent.get_future().get();
  }
  BodyStream& stream() {
    if (taken_ == nullptr) taken_ = body_.get_future().get();
    return *taken_;
  }
  void AwaitEnd() { ended_.get_future().wait(); }

 private:
  std::promise<std::shared_ptr<BodyStream>> body_;
  std::shared_ptr<BodyStream> taken_;
  std::promise<void> ended_;
};

class BodyStreamTest : public ::testing::Test {
 protected:
  void Start(absl::Duration write_time = absl::Seconds(30)) {
    ServerOptions options;
    options.limits.write_time = write_time;
    auto server = Server::Start(options, [this](const Request& request, Responder responder) {
      if (request.path == "/") return body_.Begin(std::move(responder));
      Response response;
      response.body = "other";
      responder.Respond(std::move(response));
    });
    ASSERT_TRUE(server.ok());
    server_ = *std::move(server);
    socket_.connect(
        {boost::asio::ip::make_address(server_->endpoint().address), server_->endpoint().port});
  }
  void Say(const std::string& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
  // Reads until what came ends so; everything where the server closes before.
  std::string ReadUntil(const std::string& end) {
    std::string read;
    char bytes[4096];
    boost::system::error_code error;
    while (!error && read.find(end) == std::string::npos) {
      read.append(bytes, socket_.read_some(boost::asio::buffer(bytes), error));
    }
    return read;
  }

  Body body_;
  std::unique_ptr<Server> server_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
};

TEST_F(BodyStreamTest, PiecesAreChunksAndTheConnectionServesOn) {
  Start();
  Say(kAsk);
  EXPECT_TRUE(body_.Send("first"));
  EXPECT_TRUE(body_.Send(std::string(26, 'x')));
  body_.stream().End();
  const std::string answer = ReadUntil("0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n1a\r\n"));
  EXPECT_THAT(answer, EndsWith("x\r\n0\r\n\r\n"));
  body_.AwaitEnd();
  Say("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(ReadUntil("other"), EndsWith("other"));
}

TEST_F(BodyStreamTest, ToAnOldPeerTheBodyEndsWithTheConnection) {
  Start();
  Say("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(body_.Send("first"));
  body_.stream().End();
  EXPECT_THAT(ReadUntil("never"), EndsWith("Connection: close\r\n\r\nfirst"));
}

TEST_F(BodyStreamTest, APeerThatGoesAwayEndsTheBody) {
  Start();
  Say(kAsk);
  EXPECT_TRUE(body_.Send("first"));
  socket_.close();
  body_.AwaitEnd();
  EXPECT_FALSE(body_.Send("second"));
}

TEST_F(BodyStreamTest, APeerThatTakesNothingLosesTheConnection) {
  Start(absl::Milliseconds(200));
  Say(kAsk);
  int sent = 0;
  while (body_.Send(std::string(100'000, 'x'))) ASSERT_LT(++sent, 1000) << "no end to its patience";
  body_.AwaitEnd();
}

TEST_F(BodyStreamTest, AServerThatStopsEndsTheBodyWell) {
  Start();
  Say(kAsk);
  EXPECT_TRUE(body_.Send("first"));
  std::thread stopper([this] { server_->Stop(absl::Seconds(60)); });
  EXPECT_THAT(ReadUntil("never"), EndsWith("first\r\n0\r\n\r\n"));
  socket_.close();
  stopper.join();
  body_.AwaitEnd();
}

}  // namespace
}  // namespace mostove::http
