// Takes the connections of a socket that listens already to a gRPC server,
// which itself can only open sockets. Private to the server.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>

namespace mostove::rpc {

class GrpcAcceptor {
 public:
  // Before the server is built. Closes the listener at the end.
  GrpcAcceptor(grpc::ServerBuilder& builder, int listener);
  ~GrpcAcceptor();

  void Start();  // when the server is there
  void Stop();   // before the server shuts down

 private:
  void Loop();

  const int listener_;
  const int wake_;  // an eventfd
  const std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::thread thread_;
};

}  // namespace mostove::rpc
