// Peers that take their time, beside one that does not.
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/http/server.h"

namespace mostove::http {
namespace {

using Socket = boost::asio::ip::tcp::socket;

constexpr int kSlowHeads = 400, kSlowBodies = 400, kSlowReaders = 200;

// Each connection has two ends in this process.
bool MayOpenFiles(rlim_t count) {
  rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min(files.rlim_max, std::max(files.rlim_cur, count));
  return setrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur >= count;
}

class SlowPeersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MayOpenFiles(4096)) GTEST_SKIP() << "needs 4096 open files";
    auto server = Server::Start({.limits = {.connections_per_address_max = 2000}},
                                [this](const Request& request, Responder responder) {
                                  Response response;
                                  response.body = request.path == "/large" ? large_ : "fine";
                                  responder.Respond(std::move(response));
                                });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  Socket Connect() {
    Socket socket(context_, boost::asio::ip::tcp::v4());
    socket.set_option(boost::asio::socket_base::receive_buffer_size(4096));
    socket.connect(
        {boost::asio::ip::make_address(server_->endpoint().address), server_->endpoint().port});
    return socket;
  }
  void Open(int count, const std::string& bytes) {
    for (int i = 0; i < count; ++i) {
      slow_.push_back(Connect());
      boost::asio::write(slow_.back(), boost::asio::buffer(bytes));
    }
  }

  const std::string large_ = std::string(512 << 10, 'a');  // more than a reader's buffer holds
  boost::asio::io_context context_;
  std::unique_ptr<Server> server_;
  std::vector<Socket> slow_;
};

TEST_F(SlowPeersTest, AThousandSlowOnesDoNotKeepOthersFromTheirAnswers) {
  Open(kSlowHeads, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
  Open(kSlowBodies, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it");
  Open(kSlowReaders, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");  // and reads nothing
  Socket healthy = Connect();
  for (int i = 0; i < 300; ++i) {
    boost::asio::write(healthy, boost::asio::buffer(absl::StrCat(
                                    "GET / HTTP/1.1\r\nHost: a\r\nX-Number: ", i, "\r\n\r\n")));
    // Slow ones go on being slow: a byte each now and then.
    const std::string more = "a";
    boost::asio::write(slow_[i], boost::asio::buffer(more));
    std::string answer;
    boost::asio::read_until(healthy, boost::asio::dynamic_buffer(answer), "fine");
    EXPECT_TRUE(absl::StartsWith(answer, "HTTP/1.1 200 ")) << answer;
  }
  EXPECT_EQ(server_->connections(), kSlowHeads + kSlowBodies + kSlowReaders + 1u);
}

// Bytes that the kernel holds for the peer of this socket, whose other end is in this process.
int HeldFor(const Socket& peer) {
  for (int fd = 0; fd < 4096; ++fd) {
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    const bool connected = getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!connected || ntohs(address.sin_port) != peer.local_endpoint().port()) continue;
    int bytes = -1;
    ioctl(fd, SIOCOUTQ, &bytes);
    return bytes;
  }
  return -1;
}

TEST_F(SlowPeersTest, TheKernelHoldsLittleForWhoReadsNothing) {
  std::string requests;
  for (int i = 0; i < 64; ++i) requests += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  Socket reader = Connect();
  boost::asio::write(reader, boost::asio::buffer(requests));
  // The answer of another one, asked later, comes when the first has had its turns.
  Socket other = Connect();
  const std::string small = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (int i = 0; i < 100; ++i) {
    boost::asio::write(other, boost::asio::buffer(small));
    std::string answer;
    boost::asio::read_until(other, boost::asio::dynamic_buffer(answer), "fine");
  }
  const int held = HeldFor(reader);
  EXPECT_GT(held, 0);
  EXPECT_LT(held, 400 << 10);
}

}  // namespace
}  // namespace mostove::http
