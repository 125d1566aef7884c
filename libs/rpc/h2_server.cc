#include "libs/rpc/h2_server.h"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "libs/h2/connection.h"
#include "libs/listen/socket.h"
#include "libs/loop/loop.h"
#include "libs/rpc/h2_server_call.h"
#include "libs/status/macros.h"
#include "libs/telemetry/log.h"
#include "libs/tls/credentials.h"

namespace mostove::rpc {
namespace {

using boost::asio::generic::stream_protocol;
using ErrorCode = boost::system::error_code;
using Acceptor =
    boost::asio::basic_socket_acceptor<stream_protocol, boost::asio::io_context::executor_type>;

constexpr size_t kConnectionsMax = 1000;
constexpr std::chrono::milliseconds kTick(100);
constexpr std::chrono::milliseconds kAcceptPause(100);  // mostly for want of files
constexpr absl::Duration kHandshakeMax = absl::Seconds(10);
// For clients to read the last answers.
constexpr absl::Duration kFarewell = absl::Milliseconds(500);

// One client.
class Peer final : public ServerPeer, public std::enable_shared_from_this<Peer> {
 public:
  Peer(ServerRuntime& runtime, std::function<void(Peer*)> on_end)
      : runtime_(runtime), on_end_(std::move(on_end)) {}

  // `tls` null: plain.
  void Start(loop::Loop& loop, h2::Socket socket, std::unique_ptr<tls::Engine> tls) {
    const GrpcLimits& limits = runtime_.options().limits;
    const h2::Limits h2_limits = {
        .streams_max = static_cast<uint32_t>(limits.streams_per_connection_max),
        .header_bytes_max = static_cast<uint32_t>(limits.metadata_bytes_max)};
    const h2::Keepalive keepalive = {.idle = limits.keepalive,
                                     .busy = limits.keepalive,
                                     .gap = limits.ping_interval_min,
                                     .timeout = limits.keepalive_timeout};
    // The connection lives as long as this, and its streams know only this.
    auto accept = [this](h2::StreamId id) -> std::shared_ptr<h2::Listener> {
      return std::make_shared<ServerCall>(runtime_, weak_from_this(), id);
    };
    connection_ = std::make_shared<h2::Connection>(
        loop, std::move(socket), h2_limits, std::move(accept), keepalive,
        [weak = weak_from_this()] {
          const auto self = weak.lock();
          if (self != nullptr && self->connection_->closed()) self->on_end_(self.get());
        },
        std::move(tls));
    began_ = absl::Now();
    connection_->Start();
  }

  h2::Session& session() override { return connection_->session(); }
  void FlushSoon() override { connection_->FlushSoon(); }
  absl::string_view name() const override {
    return connection_->tls() == nullptr ? "" : absl::string_view(connection_->tls()->peer());
  }
  // Why TLS ended it; "" for other ends.
  absl::string_view tls_error() const {
    return connection_->tls() == nullptr ? "" : absl::string_view(connection_->tls()->error());
  }
  void Abort() { connection_->Abort(); }

  // Its client sends no further calls here; it ends after those that run.
  void Drain() {
    if (std::exchange(draining_, true)) return;
    drained_ = absl::Now();
    connection_->Drain();
  }

  void Tick(absl::Time now) {
    const GrpcLimits& limits = runtime_.options().limits;
    connection_->Tick(h2::Clock::now());
    if (connection_->closed()) return;
    if (!session().ready() && now - began_ >= kHandshakeMax) return Abort();
    if (now - began_ >= limits.connection_age_max) Drain();
    const bool is_late = draining_ && now - drained_ >= limits.connection_age_grace;
    if (is_late && !runtime_.draining) Abort();
  }

 private:
  ServerRuntime& runtime_;
  const std::function<void(Peer*)> on_end_;
  std::shared_ptr<h2::Connection> connection_;
  absl::Time began_, drained_;
  bool draining_ = false;
};

class Server final : public GrpcServer {
 public:
  explicit Server(const GrpcServerOptions& options)
      : runtime_(options, &loop_), acceptor_(loop_.context()), timer_(loop_.context()) {}
  ~Server() override { Drain(absl::ZeroDuration()); }

  absl::Status Listen() {
    const GrpcServerOptions& options = runtime_.options();
    listen::Socket socket(options.listener);
    if (options.listener < 0) {
      ASSIGN_OR_RETURN(socket, listen::Open(options.address));
    }
    const std::string address = socket.Address();
    const bool is_unix = address.compare(0, 5, "unix:") == 0;
    if (is_unix) tls_ = nullptr;
    if (!is_unix && !absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port_)) port_ = 0;
    const int family = is_unix ? AF_UNIX : address.front() == '[' ? AF_INET6 : AF_INET;
    ErrorCode error;
    acceptor_.assign(stream_protocol(family, is_unix ? 0 : IPPROTO_TCP), socket.fd(), error);
    if (error) return absl::InternalError(error.message());
    socket.Release();
    acceptor_.non_blocking(true, error);
    drained_ = false;
    loop_.Run();
    loop_.Post([this] {
      Accept();
      Tick();
    });
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void Drain(absl::Duration grace) override {
    std::lock_guard lock(drain_mutex_);
    if (std::exchange(drained_, true)) return;
    const absl::Time deadline = absl::Now() + grace;
    OnLoop([this] { StopTaking(); });
    if (!runtime_.WaitUntilNoneRuns(deadline)) {
      OnLoop([this] { runtime_.ForEachWaiting([](ServerCall& call) { call.GiveUp(); }); });
      runtime_.WaitUntilNoneRuns(absl::InfiniteFuture());
    }
    WaitForFarewell();
    OnLoop([this] { EndAll(); });
    loop_.Join();
  }

 private:
  // Returns when the work is done.
  void OnLoop(const std::function<void()>& work) {
    std::promise<void> done;
    const bool posted = loop_.Post([&] {
      work();
      done.set_value();
    });
    if (posted) done.get_future().wait();
  }

  // ---- on the loop's thread

  void Accept() {
    acceptor_.async_accept([this](const ErrorCode& error, h2::Socket socket) {
      if (!acceptor_.is_open()) return;
      if (error) return AcceptLater();
      if (peers_.size() < kConnectionsMax) Welcome(std::move(socket));
      Accept();
    });
  }

  void AcceptLater() {
    accept_timer_.expires_after(kAcceptPause);
    accept_timer_.async_wait([this](const ErrorCode& error) {
      if (!error && acceptor_.is_open()) Accept();
    });
  }

  void Welcome(h2::Socket socket) {
    auto peer = std::make_shared<Peer>(runtime_, [this](Peer* ended) { Forget(ended); });
    peers_[peer.get()] = peer;
    peer->Start(loop_, std::move(socket), tls_ == nullptr ? nullptr : tls_->Accept());
  }

  void Forget(Peer* peer) {
    if (!peer->tls_error().empty()) TellOfRefusal(*peer);
    peers_.erase(peer);
    if (peers_.empty() && runtime_.draining) none_left_.set_value_once();
  }

  // Whoever reaches the port can do this: one line a second.
  void TellOfRefusal(const Peer& peer) {
    const absl::Time now = absl::Now();
    if (now - refusal_told_ < absl::Seconds(1)) return;
    refusal_told_ = now;
    telemetry::Log(telemetry::Level::kWarning, "tls_refused",
                   {{"peer", peer.name()}, {"error", peer.tls_error()}});
  }

  void StopTaking() {
    runtime_.draining = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    const auto peers = peers_;
    for (const auto& [key, peer] : peers) peer->Drain();
    runtime_.ForEachWaiting([](ServerCall& call) { call.Drain(); });
    if (peers_.empty()) none_left_.set_value_once();
  }

  void EndAll() {
    ended_ = true;  // a tick that is due already cannot be cancelled
    timer_.cancel();
    const auto peers = peers_;
    for (const auto& [key, peer] : peers) peer->Abort();
  }

  void Tick() {
    const absl::Time now = absl::Now();
    const auto peers = peers_;
    for (const auto& [key, peer] : peers) peer->Tick(now);
    runtime_.EndLate(now);
    timer_.expires_after(kTick);
    timer_.async_wait([this](const ErrorCode& error) {
      if (!error && !ended_) Tick();
    });
  }

  // ---- on the draining thread

  // The connections end by themselves when their clients have read all.
  void WaitForFarewell() { none_left_.wait_for(kFarewell); }

  // A promise that may be kept twice.
  class Once {
   public:
    void set_value_once() {
      if (!std::exchange(set_, true)) promise_.set_value();
    }
    void wait_for(absl::Duration time) { future_.wait_for(absl::ToChronoNanoseconds(time)); }

   private:
    bool set_ = false;
    std::promise<void> promise_;
    std::future<void> future_ = promise_.get_future();
  };

  loop::Loop loop_;
  ServerRuntime runtime_;
  tls::Credentials* tls_ = runtime_.options().tls;
  absl::Time refusal_told_;
  Acceptor acceptor_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer accept_timer_{loop_.context()};
  absl::flat_hash_map<Peer*, std::shared_ptr<Peer>> peers_;
  bool ended_ = false;
  Once none_left_;
  int port_ = 0;
  std::mutex drain_mutex_;
  bool drained_ = true;  // until it listens
};

}  // namespace

GrpcLimits LimitsBetweenServices() {
  GrpcLimits limits;
  limits.streams_per_connection_max = 10000;
  limits.connection_age_max = absl::InfiniteDuration();
  return limits;
}

absl::StatusOr<std::unique_ptr<GrpcServer>> StartH2Server(const GrpcServerOptions& options) {
  auto server = std::make_unique<Server>(options);
  RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace mostove::rpc
