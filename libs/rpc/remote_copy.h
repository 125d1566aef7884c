// One program that serves, as one loop reaches it. Private to the invoker.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "libs/h2/address.h"
#include "libs/h2/connection.h"
#include "libs/loop/loop.h"

namespace mostove::rpc {

// Has one connection, which comes back by itself. For the loop's thread.
class RemoteCopy : public std::enable_shared_from_this<RemoteCopy> {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // Whether ready() changed.
    virtual void OnCopyChanged(bool ready) = 0;
  };

  // `connect_tls` makes the TLS of a connection; may be empty: plain.
  using ConnectTls = std::function<std::unique_ptr<tls::Engine>()>;
  RemoteCopy(loop::Loop& loop, h2::SocketAddress address, std::string authority,
             ConnectTls connect_tls, Owner& owner);

  void Connect();
  void Tick(h2::Clock::time_point now);
  // No event comes after it.
  void End();

  // Takes streams: its settings have come, and it does not end.
  bool ready() const {
    return ready_ && !connection_->closed() && !connection_->session().going_away();
  }
  // Only while ready.
  const std::shared_ptr<h2::Connection>& connection() const { return connection_; }
  const std::string& authority() const { return authority_; }
  const h2::SocketAddress& address() const { return address_; }
  // Streams whose end has not come.
  int under_way = 0;

 private:
  void OnConnected(const boost::system::error_code& error, h2::Socket& socket);
  void OnEvent(const h2::Connection* connection);
  void TellOfRefusal(const h2::Connection& connection);
  void SetReady(bool ready);
  void ConnectLater();

  loop::Loop& loop_;
  const h2::SocketAddress address_;
  const std::string authority_;
  const ConnectTls connect_tls_;
  std::string refusal_;  // that was told of last
  Owner* owner_;         // null after End
  absl::InsecureBitGen random_;
  std::shared_ptr<h2::Socket> connecting_;
  std::shared_ptr<h2::Connection> connection_;  // the present one, or its handshake
  // Those that the server ends when their streams have ended.
  std::vector<std::shared_ptr<h2::Connection>> leaving_;
  h2::Clock::time_point began_, resume_;
  absl::Duration pause_;  // before the next attempt
  bool ready_ = false;
};

}  // namespace mostove::rpc
