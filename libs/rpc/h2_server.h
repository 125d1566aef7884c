// The gRPC server of private ports: libnghttp2 on one loop.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "libs/rpc/grpc_server.h"

namespace mostove::rpc {

// Does what GrpcServer says, without reflection, for a third of the processor's
// time: one thread reads, runs what is marked inline, and sends all answers of a
// turn in one system call. A read whose answer the invoker keeps is answered with
// the kept bytes. A call that the server did nothing with when it drains is
// refused so that its client may send it elsewhere, whatever it is.
//
// INVALID_ARGUMENT, FAILED_PRECONDITION, UNAVAILABLE as listen::Open.
absl::StatusOr<std::unique_ptr<GrpcServer>> StartH2Server(const GrpcServerOptions& options);

}  // namespace mostove::rpc
