#include "libs/http/server.h"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <future>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http/address_counter.h"
#include "libs/http/connection.h"
#include "libs/http/loop.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::http {
namespace {

using boost::asio::ip::tcp;
using Acceptor = boost::asio::basic_socket_acceptor<tcp, boost::asio::io_context::executor_type>;
using ErrorCode = boost::system::error_code;

constexpr Refusal kTooManyConnections{503, "TOO_MANY_CONNECTIONS",
                                      "there are too many connections; come back later"};
constexpr Refusal kNoAnswer{500, "INTERNAL", "the request was not answered"};
// After accept failed, mostly for want of file descriptors.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr int kAcceptedAtOnce = 32;

}  // namespace

Responder::Responder(std::shared_ptr<Connection> connection, uint64_t number)
    : connection_(std::move(connection)), number_(number) {}

Responder::~Responder() {
  if (connection_ != nullptr) connection_->AnswerRefusal(number_, kNoAnswer);
}

void Responder::Respond(Response response) {
  if (const auto connection = std::move(connection_))
    connection->Answer(number_, std::move(response));
}

std::shared_ptr<BodyStream> Responder::Stream(Response head, std::function<void()> ended) {
  const auto connection = std::move(connection_);
  if (connection == nullptr) return nullptr;
  connection->BeginStream(number_, std::move(head), std::move(ended));
  return std::make_shared<BodyStream>(connection, number_);
}

class Server::Impl {
 public:
  explicit Impl(std::shared_ptr<const ServerParts> parts) : parts_(std::move(parts)) {
    for (int i = 0; i < std::max(parts_->options.loop_threads, 1); ++i)
      loops_.push_back(std::make_shared<Loop>(parts_));
    acceptor_ = std::make_unique<Acceptor>(loops_[0]->context());
    accept_timer_ = std::make_unique<boost::asio::steady_timer>(loops_[0]->context());
  }

  // Gives the real port.
  absl::StatusOr<uint16_t> Listen(const Endpoint& endpoint) {
    const tcp::endpoint address(boost::asio::ip::make_address(endpoint.address), endpoint.port);
    ErrorCode error;
    if (const int listener = parts_->options.listener; listener >= 0) {
      acceptor_->assign(address.protocol(), listener, error);
      return acceptor_->local_endpoint(error).port();
    }
    acceptor_->open(address.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(address, error);
    if (!error) acceptor_->listen(boost::asio::socket_base::max_listen_connections, error);
    if (error) {
      return status::Make(absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
                          absl::StrCat("cannot listen on ", endpoint.ToString(), ": ",
                                       error.message(), "; choose another port"));
    }
    return acceptor_->local_endpoint(error).port();
  }

  void Run() {
    ErrorCode ignored;
    acceptor_->non_blocking(true, ignored);
    Accept();
    for (const auto& loop : loops_) loop->Run();
  }

  void Stop(absl::Duration grace) {
    if (std::exchange(stopped_, true)) return;
    std::promise<void> closed;
    loops_[0]->Post([&] {
      ErrorCode ignored;
      acceptor_->close(ignored);
      accept_timer_->cancel();
      closed.set_value();
    });
    closed.get_future().wait();
    for (const auto& loop : loops_) {
      loop->Post([loop = loop.get()] { loop->Drain(); });
    }
    if (grace > absl::ZeroDuration()) parts_->addresses->WaitForNone(grace);
    for (const auto& loop : loops_) loop->Join();
  }

  size_t connections() const { return parts_->addresses->all(); }

 private:
  void Accept() {
    const std::shared_ptr<Loop>& loop = loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(loop->context(), [this, loop](const ErrorCode& error, Socket socket) {
      if (!acceptor_->is_open()) return;
      if (error) return AcceptLater();
      Welcome(loop, std::move(socket));
      AcceptWaiting();
      Accept();
    });
  }

  // Those that have come meanwhile: one in each turn of a busy loop would be slow.
  void AcceptWaiting() {
    for (int i = 0; i < kAcceptedAtOnce; ++i) {
      const std::shared_ptr<Loop>& loop = loops_[next_loop_++ % loops_.size()];
      ErrorCode error;
      Socket socket = acceptor_->accept(loop->context(), error);
      if (error) return;
      Welcome(loop, std::move(socket));
    }
  }

  void AcceptLater() {
    accept_timer_->expires_after(kAcceptPause);
    accept_timer_->async_wait([this](const ErrorCode& error) {
      if (!error && acceptor_->is_open()) Accept();
    });
  }

  void Welcome(const std::shared_ptr<Loop>& loop, Socket socket) {
    ErrorCode error;
    const auto remote = socket.remote_endpoint(error).address();
    if (error) return;
    if (!parts_->addresses->TryAdd(remote)) return TurnAway(std::move(socket));
    auto connection = std::make_shared<Connection>(loop, std::move(socket), remote);
    if (loop->OnThisThread()) return loop->Add(std::move(connection));
    loop->Post([loop = loop.get(), connection] { loop->Add(connection); });
  }

  // Says why, as far as that goes without waiting.
  void TurnAway(Socket socket) {
    std::string out;
    Compose(parts_->options.error_handler(kTooManyConnections), {.close = true}, loops_[0]->Date(),
            out);
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(boost::asio::buffer(out), ignored);
  }

  const std::shared_ptr<const ServerParts> parts_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<boost::asio::steady_timer> accept_timer_;
  size_t next_loop_ = 0;
  bool stopped_ = false;
};

Server::Server(std::unique_ptr<Impl> impl, Endpoint endpoint)
    : impl_(std::move(impl)), endpoint_(std::move(endpoint)) {}

Server::~Server() { Stop(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler) {
  ASSIGN_OR_RETURN(Endpoint endpoint, ParseEndpoint(options.address));
  auto addresses = std::make_shared<AddressCounter>(options.limits.connections_max,
                                                    options.limits.connections_per_address_max);
  auto impl = std::make_unique<Impl>(std::make_shared<const ServerParts>(
      ServerParts{std::move(options), std::move(handler), std::move(addresses)}));
  ASSIGN_OR_RETURN(endpoint.port, impl->Listen(endpoint));
  impl->Run();
  return std::unique_ptr<Server>(new Server(std::move(impl), std::move(endpoint)));
}

void Server::Stop(absl::Duration grace) { impl_->Stop(grace); }

size_t Server::connections() const { return impl_->connections(); }

}  // namespace mostove::http
