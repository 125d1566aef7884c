// wire_status.h in the types of grpc++. Private to its server, and for tests.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace mostove::rpc {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace mostove::rpc
