#include "libs/rpc/grpc_acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace mostove::rpc {
namespace {

// After accept failed for want of file descriptors.
constexpr std::chrono::milliseconds kPause{100};

bool WantsFiles(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

GrpcAcceptor::GrpcAcceptor(grpc::ServerBuilder& builder, int listener)
    : listener_(listener),
      wake_(eventfd(0, EFD_CLOEXEC)),
      connections_(builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
          grpc::InsecureServerCredentials())) {}

GrpcAcceptor::~GrpcAcceptor() {
  Stop();
  close(wake_);
}

void GrpcAcceptor::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void GrpcAcceptor::Stop() {
  if (!thread_.joinable()) return;
  eventfd_write(wake_, 1);
  thread_.join();
  close(listener_);
}

void GrpcAcceptor::Loop() {
  pollfd watched[] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
  while (true) {
    poll(watched, 2, -1);
    if (watched[1].revents != 0) return;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (WantsFiles(errno)) std::this_thread::sleep_for(kPause);
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // fails for a Unix socket
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = listener_;
    connection.fd = fd;
    connections_->HandleNewConnection(&connection);
  }
}

}  // namespace mostove::rpc
