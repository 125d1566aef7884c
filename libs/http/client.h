// A small blocking HTTP/1.1 client for our own programs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mostove::http {

// Where a server listens.
struct ServerAddress {
  std::string host;  // a name or a literal address, without brackets
  uint16_t port = 0;

  // "127.0.0.1:8080", "[::1]:8080": what goes into the header Host.
  std::string ToString() const;
};

// Takes "http://127.0.0.1:8080", "http://host" (port 80), "host:port" and
// "[::1]:8080", each with at most a "/" after it. INVALID_ARGUMENT for anything
// else, https among it: TLS ends at a proxy.
absl::StatusOr<ServerAddress> ParseServerAddress(absl::string_view text);

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query, encoded
  HeaderList headers;        // beside Host, Content-Length and Connection
  std::string body;
};

struct ClientResponse {
  int status = 0;
  HeaderList headers;
  std::string body;

  // The first header of that name, whatever its case; "" if there is none.
  absl::string_view Header(absl::string_view name) const;
};

struct ClientOptions {
  absl::Duration connect_timeout = absl::Seconds(5);
  // From the first byte sent to the last byte received.
  absl::Duration request_timeout = absl::Seconds(60);
  uint64_t response_body_bytes_max = 64 << 20;
  // Of every request that has no such field itself.
  HeaderList headers;
};

// One kept-alive connection, opened when it is first needed. For one thread at
// a time; for requests in parallel make several clients.
class Client {
 public:
  explicit Client(ServerAddress address, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends the request and reads the whole answer, whatever its status. On a
  // lost connection a GET or HEAD, and any request with an Idempotency-Key, is
  // sent once more over a new one.
  //
  // Errors are those of the way there and back, never those of the server:
  // UNAVAILABLE with reason NOT_REACHABLE (refused, no such host, connection
  // lost), DEADLINE_EXCEEDED with reason TIMEOUT, INTERNAL for an answer that
  // is not HTTP or too large.
  absl::StatusOr<ClientResponse> Send(const ClientRequest& request);

 private:
  class Connection;
  ServerAddress address_;
  ClientOptions options_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mostove::http
