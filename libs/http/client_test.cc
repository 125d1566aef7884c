#include "libs/http/client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/status/status.h"

namespace mostove::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

// Serves connections one after another by a script: one function per
// connection, with the socket.
class ScriptedServer {
 public:
  using Script = std::function<void(Tcp::socket&)>;

  explicit ScriptedServer(std::vector<Script> scripts)
      : acceptor_(loop_, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this, scripts = std::move(scripts)] {
          for (const Script& script : scripts) {
            Tcp::socket socket(loop_);
            acceptor_.accept(socket);
            script(socket);
          }
        }) {}
  ~ScriptedServer() { thread_.join(); }

  ServerAddress address() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }

 private:
  asio::io_context loop_;
  Tcp::acceptor acceptor_;
  std::thread thread_;
};

// Reads one request without a body and gives its head.
std::string ReadHead(Tcp::socket& socket) {
  asio::streambuf buffer;
  boost::system::error_code ignored;
  const size_t size = asio::read_until(socket, buffer, "\r\n\r\n", ignored);
  return std::string(asio::buffers_begin(buffer.data()), asio::buffers_begin(buffer.data()) + size);
}

void Answer(Tcp::socket& socket, const std::string& body) {
  asio::write(socket, asio::buffer(absl::StrCat(
                          "HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: ", body.size(),
                          "\r\n\r\n", body)));
}

TEST(ServerAddressTest, TakesUrlsAndHostWithPort) {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const Case& c :
       {Case{"http://127.0.0.1:8080", "127.0.0.1", 8080}, Case{"HTTP://gateway:81/", "gateway", 81},
        Case{"http://gateway", "gateway", 80}, Case{"localhost:9", "localhost", 9},
        Case{"[::1]:8080", "::1", 8080}}) {
    const auto address = ParseServerAddress(c.text);
    ASSERT_TRUE(address.ok()) << c.text << ": " << address.status();
    EXPECT_EQ(address->host, c.host) << c.text;
    EXPECT_EQ(address->port, c.port) << c.text;
  }
  EXPECT_EQ(ParseServerAddress("[::1]:8080")->ToString(), "[::1]:8080");
}

TEST(ServerAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "http://", "host", "host:", "host:0", "host:65536", "host:80x", "https://host:443",
        "http://host:80/v1", "http://user@host:80", "[::1", "a b:80", ":80"}) {
    EXPECT_EQ(ParseServerAddress(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ClientTest, ConnectionIsKeptForTheNextRequest) {
  std::string first, second;
  ScriptedServer server({[&](Tcp::socket& socket) {
    first = ReadHead(socket);
    Answer(socket, "one");
    second = ReadHead(socket);
    Answer(socket, "two");
  }});
  Client client(server.address());
  const auto one = client.Send({.target = "/a?b=c", .headers = {{"Accept-Language", "bg"}}});
  const auto two = client.Send({.target = "/d"});
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(one->body, "one");
  EXPECT_EQ(one->Header("x-test"), "yes");
  EXPECT_EQ(two->body, "two");
  EXPECT_THAT(first, testing::StartsWith("GET /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(first, testing::HasSubstr("Accept-Language: bg\r\n"));
  EXPECT_THAT(second, testing::StartsWith("GET /d HTTP/1.1\r\n"));
}

TEST(ClientTest, LostConnectionIsRepeatedOnceWhereThatIsHarmless) {
  const auto lose = [](Tcp::socket& socket) { ReadHead(socket); };
  const auto answer = [](Tcp::socket& socket) {
    ReadHead(socket);
    Answer(socket, "again");
  };
  for (const ClientRequest& request :
       {ClientRequest{.method = "GET"},
        ClientRequest{.method = "DELETE", .headers = {{"Idempotency-Key", "k"}}}}) {
    ScriptedServer server({lose, answer});
    Client client(server.address());
    const auto response = client.Send(request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "again");
  }
  ScriptedServer server({lose});
  Client client(server.address());
  const auto response = client.Send({.method = "DELETE"});
  EXPECT_EQ(status::Reason(response.status()), "NOT_REACHABLE");
}

TEST(ClientTest, ASecondLossIsAnError) {
  const auto lose = [](Tcp::socket& socket) { ReadHead(socket); };
  ScriptedServer server({lose, lose});
  Client client(server.address());
  EXPECT_EQ(status::Reason(client.Send({}).status()), "NOT_REACHABLE");
}

TEST(ClientTest, SilentServerIsGivenUpAfterTheTimeout) {
  ScriptedServer server({[](Tcp::socket& socket) {
    ReadHead(socket);
    ReadHead(socket);  // until the client goes away
  }});
  Client client(server.address(), {.request_timeout = absl::Milliseconds(50)});
  const auto response = client.Send({});
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status::Reason(response.status()), "TIMEOUT");
}

TEST(ClientTest, NobodyListeningIsNotReachable) {
  asio::io_context loop;
  Tcp::acceptor acceptor(loop, Tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const ServerAddress address{"127.0.0.1", acceptor.local_endpoint().port()};
  acceptor.close();
  Client client(address);
  EXPECT_EQ(status::Reason(client.Send({}).status()), "NOT_REACHABLE");
}

TEST(ClientTest, AnswerThatIsNoHttpOrTooLargeIsAnError) {
  for (const std::string& answer : {std::string("220 mail.example.org ESMTP\r\n\r\n"),
                                    std::string("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"
                                                "12345678901")}) {
    ScriptedServer server({[&](Tcp::socket& socket) {
      ReadHead(socket);
      asio::write(socket, asio::buffer(answer));
    }});
    Client client(server.address(), {.response_body_bytes_max = 10});
    EXPECT_EQ(client.Send({}).status().code(), absl::StatusCode::kInternal) << answer;
  }
}

}  // namespace
}  // namespace mostove::http
