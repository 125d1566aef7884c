#include "libs/rpc/grpc_status.h"

#include "libs/rpc/wire_status.h"

namespace mostove::rpc {

grpc::Status ToGrpc(const absl::Status& status, absl::string_view language) {
  if (status.ok()) return grpc::Status::OK;
  const WireStatus wire = ToWire(status, language);
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code), wire.message, wire.details);
}

absl::Status FromGrpc(const grpc::Status& status) {
  return FromWire({status.error_code(), status.error_message(), status.error_details()});
}

}  // namespace mostove::rpc
