// wire_status.h in the types of grpc++. Private to its server, and for tests.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mostove::rpc {

grpc::Status ToGrpc(const absl::Status& status, absl::string_view language = "en");
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace mostove::rpc
