// An HTTP client for tests that sends what it likes.
#pragma once

#include <poll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/http/endpoint.h"

namespace mostove::gateway {

struct Answer {
  int status = 0;                              // 0: the connection ended first
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class TestPeer {
 public:
  explicit TestPeer(const http::Endpoint& endpoint) : socket_(context_) {
    socket_.connect({boost::asio::ip::make_address(endpoint.address), endpoint.port});
  }

  // `headers` are complete lines; Host is added if it has none.
  Answer Ask(const std::string& method, const std::string& target, const std::string& headers = "",
             const std::string& body = "") {
    std::string request = absl::StrCat(method, " ", target, " HTTP/1.1\r\n", headers);
    if (headers.find("Host:") == std::string::npos) request += "Host: localhost\r\n";
    if (!body.empty()) absl::StrAppend(&request, "Content-Length: ", body.size(), "\r\n");
    absl::StrAppend(&request, "\r\n", body);
    return AskRaw(request, method == "HEAD");
  }

  Answer AskRaw(const std::string& bytes, bool head = false) {
    Send(bytes);
    return Read(head);
  }

  void Send(const std::string& bytes) {
    boost::system::error_code ignored;  // the server may have closed already
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  // The next answer.
  Answer Receive() { return Read(/*head=*/false); }
  // Whether one begins within half a second.
  bool HasAnswerSoon() {
    pollfd poll_socket = {.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    return poll(&poll_socket, 1, 500) == 1;
  }

 private:
  Answer Read(bool head) {
    size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadSome()) return {};
    }
    Answer answer;
    const std::vector<std::string> lines = absl::StrSplit(received_.substr(0, end), "\r\n");
    if (!absl::SimpleAtoi(lines[0].substr(9, 3), &answer.status)) return {};
    for (size_t i = 1; i < lines.size(); ++i) {
      const std::pair<std::string, std::string> field =
          absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
      answer.headers.emplace(absl::AsciiStrToLower(field.first), field.second);
    }
    received_.erase(0, end + 4);
    size_t length = 0;
    if (!head && !answer.Header("content-length").empty() &&
        !absl::SimpleAtoi(answer.Header("content-length"), &length)) {
      return {};
    }
    while (received_.size() < length) {
      if (!ReadSome()) return {};
    }
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }

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

}  // namespace mostove::gateway
