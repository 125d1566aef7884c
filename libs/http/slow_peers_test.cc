// Peers that take their time, beside one that does not.
#include <gtest/gtest.h>
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

}  // namespace
}  // namespace mostove::http
