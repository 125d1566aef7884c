// What breaks the rules of HTTP/2 or costs more than it brings ends its
// connection, and nobody else's.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/grpc_status.h"
#include "libs/rpc/grpc_test_server.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using testing::IsOk;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

enum Type : uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindow = 8,
  kContinuation = 9
};
constexpr char kEndStream = 1, kEndHeaders = 4;

std::string Number(uint64_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i));
  return text;
}

std::string Frame(Type type, int flags, uint32_t stream, const std::string& payload) {
  return Number(static_cast<uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + Number(stream, 4) + payload;
}

std::string Repeat(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// HPACK, a literal that is not indexed.
std::string Literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name +
         static_cast<char>(value.size()) + value;
}

std::string Head(const std::string& path = "/mostove.testing.v1.ShelvesService/Echo") {
  return Literal(":method", "POST") + Literal(":scheme", "http") + Literal(":path", path) +
         Literal(":authority", "localhost") + Literal("content-type", "application/grpc") +
         Literal("te", "trailers");
}

std::string Opening() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, ""); }

std::string RapidResets(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    const auto stream = static_cast<uint32_t>(2 * i + 1);
    all += Frame(kHeaders, kEndHeaders, stream, Head()) + Frame(kReset, 0, stream, Number(8, 4));
  }
  return all;
}

// One field of 4,000 bytes in the table, and thousands of references to it.
std::string HpackBomb() {
  const std::string value(4000, 'x');
  // Indexed literal, new name "x"; the value's length in HPACK's integers.
  const std::string insert = std::string("\x40\x01x\x7f", 4) +
                             static_cast<char>(0x80 | ((4000 - 127) & 0x7f)) +
                             static_cast<char>((4000 - 127) >> 7) + value;
  return Frame(kHeaders, kEndHeaders, 1, Head() + insert + std::string(10'000, '\xbe'));
}

class H2AbuseTest : public GrpcTest {
 protected:
  void SetUp() override {
    shelves_.On<EchoRequest, EchoResponse>(
        "Echo", [](const call::Call&, const EchoRequest&) { return EchoResponse(); });
  }

  int Dial() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  // Sends and reads until the server has closed; false if it does not.
  static bool IsClosedAfter(int fd, const std::string& bytes) {
    size_t sent = 0;
    char buffer[4096];
    while (true) {
      const bool has_more = sent < bytes.size();
      pollfd watched = {fd, static_cast<short>(has_more ? POLLIN | POLLOUT : POLLIN), 0};
      if (poll(&watched, 1, 60'000) <= 0) return false;
      if ((watched.revents & POLLIN) != 0 && recv(fd, buffer, sizeof(buffer), 0) <= 0) return true;
      if ((watched.revents & (POLLERR | POLLHUP)) != 0) return true;
      if ((watched.revents & POLLOUT) == 0) continue;
      const ssize_t count =
          send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno != EAGAIN) return true;
      if (count > 0) sent += static_cast<size_t>(count);
    }
  }

  absl::Status Echo() {
    EchoResponse response;
    const auto context = As("member");
    return FromGrpc(stub_->Echo(context.get(), EchoRequest(), &response));
  }
};

TEST_P(H2AbuseTest, WhatBreaksTheRulesEndsItsConnectionOnly) {
  Start();
  const std::string ping = Frame(kPing, 0, 0, "12345678");
  const std::string table = Frame(kSettings, 0, 0, Number(1, 2) + Number(4096, 4));
  const std::string open = Opening() + Frame(kHeaders, kEndHeaders, 1, Head());
  const struct {
    const char* what;
    std::string bytes;
  } cases[] = {
      {"HTTP/1.1", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"bytes of nothing", std::string(100, '\xff')},
      {"settings that end early", Opening() + Frame(kSettings, 0, 0, "12345")},
      {"a window beyond the end",
       Opening() + Frame(kSettings, 0, 0, Number(4, 2) + Number(0xffffffff, 4))},
      {"data of the connection", Opening() + Frame(kData, 0, 0, "x")},
      {"data of a stream that is not open", Opening() + Frame(kData, 0, 1, "x")},
      {"an even stream", Opening() + Frame(kHeaders, kEndHeaders, 2, Head())},
      {"a frame that is too large", Opening() + Frame(kData, 0, 1, std::string(20'000, 'x'))},
      {"an end without a beginning", Opening() + Frame(kContinuation, kEndHeaders, 1, Head())},
      {"a reference to nothing", Opening() + Frame(kHeaders, kEndHeaders, 1, "\xff\xff\xff\x7f")},
      {"a reset of nothing", Opening() + Frame(kReset, 0, 7, Number(8, 4))},
      {"too much to send at once", Opening() + Frame(kWindow, 0, 0, Number(0x7fffffff, 4))},
      {"a head without an end", Opening() + Frame(kHeaders, 0, 1, Head()) +
                                    Repeat(10'000, Frame(kContinuation, 0, 1, Literal("a", "b")))},
      {"many references to much", Opening() + HpackBomb()},
      {"pings", Opening() + Repeat(100'000, ping)},
      {"settings", Opening() + Repeat(100'000, table)},
      {"priorities", Opening() + Repeat(100'000, Frame(kPriority, 0, 3, Number(0, 5)))},
      {"data without data", open + Repeat(100'000, Frame(kData, 0, 1, ""))},
      {"calls that are dropped at once", Opening() + RapidResets(60'000)},
  };
  for (const auto& c : cases) {
    const int fd = Dial();
    EXPECT_TRUE(IsClosedAfter(fd, c.bytes)) << c.what;
    close(fd);
    EXPECT_THAT(Echo(), IsOk()) << "after " << c.what;
  }
}

TEST_P(H2AbuseTest, APeerThatDoesNotAnswerIsLeft) {
  Start({.threads = 1}, {.ping_interval_min = absl::Milliseconds(10),
                         .keepalive = absl::Milliseconds(100),
                         .keepalive_timeout = absl::Milliseconds(100)});
  const int fd = Dial();
  EXPECT_TRUE(IsClosedAfter(fd, Opening()));
  close(fd);
}

TEST_P(H2AbuseTest, AConnectionEndsWithItsAge) {
  Start({.threads = 1}, {.connection_age_max = absl::Milliseconds(100)});
  const int fd = Dial();
  EXPECT_TRUE(IsClosedAfter(fd, Opening()));
  close(fd);
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Echo(), IsOk()) << "clients go on over another one";
}

INSTANTIATE_TEST_SUITE_P(One, H2AbuseTest, ::testing::Values(ServerKind::kH2), NameOfKind);

}  // namespace
}  // namespace mostove::rpc
