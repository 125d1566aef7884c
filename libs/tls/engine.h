// TLS of one connection, without its socket: bytes in, bytes out. For one thread.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct ssl_st;

namespace mostove::tls {

class Engine {
 public:
  // Made by Credentials. A client's begins at once; `wanted` is whom it means
  // ("services/funding"); a server's, "": any program.
  Engine(ssl_st* ssl, std::string wanted);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Takes what came and appends what it says. False when nothing more can come:
  // the peer has ended, or error() says why it was refused; there may be a last
  // word for it, which Send gives.
  bool Receive(absl::string_view bytes, std::string& plain);
  // Appends what is to be sent: the handshake's part and, once established, `plain`.
  void Send(absl::string_view plain, std::string& out);
  // Says to the peer that nothing more comes.
  void End(std::string& out);

  // Both sides have proved who they are.
  bool established() const { return established_; }
  // Whom the peer's certificate names, once established: "services/funding".
  const std::string& peer() const { return peer_; }
  // Why it cannot go on; "" while it can, and after a proper end.
  const std::string& error() const { return error_; }

 private:
  friend class Verification;
  bool GoOn(int result);
  bool Fail();

  ssl_st* const ssl_;
  const std::string wanted_;
  std::string peer_, error_;
  bool established_ = false;
};

}  // namespace mostove::tls
