#include "libs/rpc/remote_copy.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "libs/telemetry/log.h"

namespace mostove::rpc {
namespace {

// Connections come back soon after the program does.
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kPauseMax = absl::Seconds(2);
constexpr std::chrono::seconds kAttemptMax(2);

// Finds a machine that is gone without a word, and a copy that hangs while calls
// wait for it. Not more often than the servers' GrpcLimits::ping_interval_min, or
// they would hang up.
constexpr h2::Keepalive kKeepalive = {.idle = absl::Seconds(20),
                                      .busy = absl::Seconds(3),
                                      .gap = absl::Seconds(11),
                                      .timeout = absl::Seconds(5)};

}  // namespace

RemoteCopy::RemoteCopy(loop::Loop& loop, h2::SocketAddress address, std::string authority,
                       ConnectTls connect_tls, Owner& owner)
    : loop_(loop),
      address_(std::move(address)),
      authority_(std::move(authority)),
      connect_tls_(std::move(connect_tls)),
      owner_(&owner) {}

void RemoteCopy::Connect() {
  began_ = h2::Clock::now();
  connecting_ = std::make_shared<h2::Socket>(loop_.context());
  connecting_->async_connect(address_,
                             [self = shared_from_this(), socket = connecting_](const auto& error) {
                               if (self->connecting_ != socket) return;  // given up
                               self->connecting_ = nullptr;
                               self->OnConnected(error, *socket);
                             });
}

void RemoteCopy::OnConnected(const boost::system::error_code& error, h2::Socket& socket) {
  if (owner_ == nullptr) return;
  if (error) return ConnectLater();
  const auto knows = std::make_shared<h2::Connection*>(nullptr);
  connection_ = std::make_shared<h2::Connection>(
      loop_, std::move(socket), h2::Limits(), nullptr, kKeepalive,
      [weak = weak_from_this(), knows] {
        if (const auto self = weak.lock()) self->OnEvent(*knows);
      },
      connect_tls_ ? connect_tls_() : nullptr);
  *knows = connection_.get();
  connection_->Start();
}

void RemoteCopy::OnEvent(const h2::Connection* connection) {
  const auto is_it = [connection](const auto& other) { return other.get() == connection; };
  if (!is_it(connection_)) {
    if (connection->closed()) {
      leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(), is_it), leaving_.end());
    }
    return;
  }
  if (connection_->closed()) {
    const bool was_ready = ready_;
    if (!was_ready) TellOfRefusal(*connection_);
    connection_ = nullptr;
    SetReady(false);
    if (owner_ == nullptr) return;
    return was_ready ? Connect() : ConnectLater();
  }
  if (connection_->session().going_away()) {
    leaving_.push_back(std::exchange(connection_, nullptr));
    SetReady(false);
    return ConnectLater();
  }
  if (!ready_ && connection_->session().ready()) {
    pause_ = absl::ZeroDuration();
    refusal_.clear();
    SetReady(true);
  }
}

// Once for each reason, of every row of attempts.
void RemoteCopy::TellOfRefusal(const h2::Connection& connection) {
  if (connection.tls() == nullptr || connection.tls()->error().empty()) return;
  if (std::exchange(refusal_, connection.tls()->error()) == connection.tls()->error()) return;
  telemetry::Log(telemetry::Level::kWarning, "tls_refused",
                 {{"address", authority_}, {"error", refusal_}});
}

void RemoteCopy::SetReady(bool ready) {
  if (std::exchange(ready_, ready) != ready && owner_ != nullptr) owner_->OnCopyChanged(ready);
}

// Longer each time, and different for clients that lost it together.
void RemoteCopy::ConnectLater() {
  pause_ = std::clamp(pause_ * 1.6, kFirstPause, kPauseMax);
  resume_ = h2::Clock::now() + absl::ToChronoNanoseconds(pause_ * absl::Uniform(random_, 0.8, 1.2));
}

void RemoteCopy::Tick(h2::Clock::time_point now) {
  const auto leaving = leaving_;
  for (const auto& connection : leaving) connection->Tick(now);
  if (ready_) return connection_->Tick(now);
  const bool trying = connecting_ != nullptr || connection_ != nullptr;
  if (!trying) {
    if (now >= resume_) Connect();
    return;
  }
  if (now - began_ < kAttemptMax) return;
  if (connecting_ != nullptr) {
    boost::system::error_code ignored;
    std::exchange(connecting_, nullptr)->close(ignored);
    ConnectLater();
  } else {
    connection_->Abort();
  }
}

void RemoteCopy::End() {
  SetReady(false);
  owner_ = nullptr;
  boost::system::error_code ignored;
  if (connecting_ != nullptr) std::exchange(connecting_, nullptr)->close(ignored);
  const auto leaving = leaving_;
  for (const auto& connection : leaving) connection->Abort();
  if (const auto connection = connection_) connection->Abort();
}

}  // namespace mostove::rpc
