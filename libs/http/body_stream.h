// An answer whose body comes piece by piece, for as long as both sides want it.
//
//   auto body = responder.Stream(std::move(head), /*ended=*/[...] { stop making pieces; });
//   body->Send("first", [body](bool more) { if (more) body->Send("second", ...); });
//
// Pieces are chunks of HTTP/1.1; to an HTTP/1.0 peer the body ends with the connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mostove::http {

class Connection;

// For any thread. The last owner's end ends the body.
class BodyStream {
 public:
  BodyStream(std::shared_ptr<Connection> connection, uint64_t number);
  ~BodyStream();
  BodyStream(const BodyStream&) = delete;

  // One piece at a time: send the next when `sent(true)` was called, which is when the peer has
  // made room for this one. `sent(false)`: the body has ended. A peer that takes no piece within
  // Limits::write_time loses the connection.
  void Send(std::string bytes, std::function<void(bool more)> sent);
  // Ends the body well; pieces of later calls are dropped.
  void End();

 private:
  const std::shared_ptr<Connection> connection_;
  const uint64_t number_;
};

}  // namespace mostove::http
