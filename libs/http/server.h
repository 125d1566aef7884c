// An HTTP/1.1 server: bytes to checked requests, answers to bytes, a bound on everything.
//
//   auto server = http::Server::Start({.address = "127.0.0.1:8080"},
//                                     [](const http::Request& request, http::Responder responder) {
//                                       http::Response response;
//                                       response.AddHeader("Content-Type", "text/plain");
//                                       response.body = "hello\n";
//                                       responder.Respond(std::move(response));
//                                     });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/http/body_stream.h"
#include "libs/http/endpoint.h"
#include "libs/http/limits.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace mostove::http {

class Connection;

// The one answer to one request. Movable to any thread; may outlive the server. One that is dropped
// answers 500.
class Responder {
 public:
  Responder(std::shared_ptr<Connection> connection, uint64_t number);
  Responder(Responder&& other) noexcept = default;
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  // The first call answers; later ones have no effect.
  void Respond(Response response);
  // Answers with this head and a body that follows; null after the first call. `ended` is called
  // once, on a loop thread, when the peer has gone, the server drains, or the body was ended.
  std::shared_ptr<BodyStream> Stream(Response head, std::function<void()> ended);

 private:
  std::shared_ptr<Connection> connection_;  // null once answered
  uint64_t number_;
};

// Runs on a loop thread: it must not block. It may answer at once, or keep the responder for later;
// the next request of the same connection comes after the answer.
using Handler = std::function<void(const Request&, Responder)>;

// Asked about each whole request before the handler. True: `response` is the answer, and the
// handler does not see the request. On a loop thread; for refusals under load, so it has to cost
// next to nothing. `response` comes with what the last one left in it, apart from `busy`.
using TurnAway = std::function<bool(const Request&, Response& response)>;

struct ServerOptions {
  std::string address = "127.0.0.1:0";  // as ParseEndpoint reads it
  int listener = -1;                    // a socket that listens there already; the server closes it
  int loop_threads = 1;                 // one serves 100,000 requests/s
  Limits limits;
  ErrorHandler error_handler = PlainRefusal;
  TurnAway turn_away;  // may be empty
};

class Server {
 public:
  // Listens when it returns. UNAVAILABLE when the address cannot be had.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler);
  ~Server();  // Stop(zero)

  // Accepts no more, lets running requests finish for at most `grace`, closes. The handler is not
  // called afterwards.
  void Stop(absl::Duration grace);

  const Endpoint& endpoint() const { return endpoint_; }  // with the real port
  size_t connections() const;

 private:
  class Impl;
  Server(std::unique_ptr<Impl> impl, Endpoint endpoint);

  std::unique_ptr<Impl> impl_;
  Endpoint endpoint_;
};

}  // namespace mostove::http
