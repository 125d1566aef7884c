#include "libs/http/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

absl::Status NotReachable(const ServerAddress& address, absl::string_view why) {
  return status::Make(absl::StatusCode::kUnavailable, "NOT_REACHABLE",
                      absl::StrCat("no connection to ", address.ToString(), ": ", why));
}

absl::Status Timeout(const ServerAddress& address, absl::Duration limit) {
  return status::Make(
      absl::StatusCode::kDeadlineExceeded, "TIMEOUT",
      absl::StrCat(address.ToString(), " did not answer within ", absl::FormatDuration(limit)));
}

bool MayRepeat(const ClientRequest& request) {
  if (request.method == "GET" || request.method == "HEAD") return true;
  for (const auto& [name, value] : request.headers) {
    if (absl::EqualsIgnoreCase(name, "Idempotency-Key")) return true;
  }
  return false;
}

}  // namespace

std::string ServerAddress::ToString() const {
  return absl::StrCat(absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : host, ":",
                      port);
}

absl::StatusOr<ServerAddress> ParseServerAddress(absl::string_view text) {
  const auto wrong = [&] {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text, "' is no address of a gateway; write http://HOST:PORT or HOST:PORT"));
  };
  absl::string_view rest = text;
  const bool has_scheme = absl::StartsWithIgnoreCase(rest, "http://");
  if (has_scheme) rest.remove_prefix(7);
  if (absl::EndsWith(rest, "/")) rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@ \t\r\n") != absl::string_view::npos) return wrong();

  ServerAddress address;
  absl::string_view port;
  if (rest.front() == '[') {
    const size_t end = rest.find(']');
    if (end == absl::string_view::npos) return wrong();
    address.host = std::string(rest.substr(1, end - 1));
    port = rest.substr(end + 1);
  } else {
    const size_t colon = std::min(rest.find(':'), rest.size());
    address.host = std::string(rest.substr(0, colon));
    port = rest.substr(colon);
  }
  if (address.host.empty()) return wrong();
  if (port.empty()) {
    if (!has_scheme) return wrong();
    address.port = 80;
    return address;
  }
  uint32_t number = 0;
  if (port.front() != ':' || !absl::SimpleAtoi(port.substr(1), &number) || number == 0 ||
      number > 65535) {
    return wrong();
  }
  address.port = static_cast<uint16_t>(number);
  return address;
}

absl::string_view ClientResponse::Header(absl::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, name)) return value;
  }
  return {};
}

// Beast's timeouts work on asynchronous operations only, so each step starts
// one and runs the loop until it is done.
class Client::Connection {
 public:
  error_code Open(const ServerAddress& address, absl::Duration timeout) {
    error_code failure;
    Tcp::resolver resolver(loop_);
    const auto endpoints = resolver.resolve(address.host, std::to_string(address.port), failure);
    if (failure) return failure;
    stream_.expires_after(absl::ToChronoNanoseconds(timeout));
    stream_.async_connect(endpoints,
                          [&](error_code code, const Tcp::endpoint&) { failure = code; });
    Run();
    if (!failure) {
      error_code ignored;
      stream_.socket().set_option(Tcp::no_delay(true), ignored);
    }
    return failure;
  }

  using Request = beast::http::request<beast::http::string_body>;
  using Parser = beast::http::response_parser<beast::http::string_body>;

  error_code Exchange(const Request& request, Parser& parser, absl::Duration timeout) {
    stream_.expires_after(absl::ToChronoNanoseconds(timeout));
    error_code failure;
    beast::http::async_write(stream_, request, [&](error_code code, size_t) { failure = code; });
    Run();
    if (failure) return failure;
    beast::http::async_read(stream_, buffer_, parser,
                            [&](error_code code, size_t) { failure = code; });
    Run();
    return failure;
  }

 private:
  void Run() {
    loop_.restart();
    loop_.run();
  }

  asio::io_context loop_{1};
  beast::tcp_stream stream_{loop_};
  beast::flat_buffer buffer_{1 << 20};  // headers may not be larger
};

Client::Client(ServerAddress address, ClientOptions options)
    : address_(std::move(address)), options_(std::move(options)) {}

Client::~Client() = default;

namespace {

beast::http::request<beast::http::string_body> ToBeast(const ServerAddress& address,
                                                       const HeaderList& defaults,
                                                       const ClientRequest& request) {
  beast::http::request<beast::http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.target);
  message.set(beast::http::field::host, address.ToString());
  message.set(beast::http::field::user_agent, "mostove");
  for (const HeaderList* list : {&defaults, &request.headers}) {
    for (const auto& [name, value] : *list) message.set(name, value);
  }
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

// The connection ended before the answer did; a repeat may succeed.
bool IsLost(const error_code& code) {
  return code == beast::http::error::end_of_stream || code == beast::http::error::partial_message ||
         code == asio::error::eof || code == asio::error::connection_reset ||
         code == asio::error::broken_pipe || code == asio::error::connection_aborted;
}

}  // namespace

absl::StatusOr<ClientResponse> Client::Send(const ClientRequest& request) try {
  const auto message = ToBeast(address_, options_.headers, request);
  for (bool repeated = false;; repeated = true) {
    if (connection_ == nullptr) {
      auto connection = std::make_unique<Connection>();
      const error_code code = connection->Open(address_, options_.connect_timeout);
      if (code) return NotReachable(address_, code.message());
      connection_ = std::move(connection);
    }
    Connection::Parser parser;
    parser.body_limit(options_.response_body_bytes_max);
    parser.skip(request.method == "HEAD");
    const error_code code = connection_->Exchange(message, parser, options_.request_timeout);
    if (code) {
      connection_.reset();
      if (code == beast::error::timeout) return Timeout(address_, options_.request_timeout);
      if (!IsLost(code)) {
        return absl::InternalError(absl::StrCat(
            address_.ToString(), " gave an answer that cannot be read: ", code.message()));
      }
      if (!repeated && MayRepeat(request)) continue;
      return NotReachable(address_, "the connection was lost while waiting for the answer");
    }
    if (!parser.get().keep_alive()) connection_.reset();
    ClientResponse response;
    response.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
      response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(parser.get().body());
    return response;
  }
} catch (const std::exception& failure) {
  // Beast throws on some malformed answers and where memory runs out.
  connection_.reset();
  return absl::InternalError(absl::StrCat("HTTP client: ", failure.what()));
}

}  // namespace mostove::http
