// The one place where gRPC's status and ours become each other.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace mostove::rpc {

// With the google.rpc.Status of status::ToProto in grpc-status-details-bin.
// Errors travel as metadata, and clients take 8 KiB of that: an error with many
// violations loses the last ones, a long message its end.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace mostove::rpc
