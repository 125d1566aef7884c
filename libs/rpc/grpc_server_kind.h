// The two servers, which do the same; for tests of both.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "libs/rpc/grpc_server.h"
#include "libs/rpc/h2_server.h"

namespace mostove::rpc {

enum class ServerKind { kGrpcpp, kH2 };

inline absl::StatusOr<std::unique_ptr<GrpcServer>> StartServer(ServerKind kind,
                                                               const GrpcServerOptions& options) {
  return kind == ServerKind::kH2 ? StartH2Server(options) : GrpcServer::Start(options);
}

inline const auto kBothServers = ::testing::Values(ServerKind::kGrpcpp, ServerKind::kH2);
inline std::string NameOfKind(const ::testing::TestParamInfo<ServerKind>& info) {
  return info.param == ServerKind::kH2 ? "H2" : "Grpcpp";
}

}  // namespace mostove::rpc
