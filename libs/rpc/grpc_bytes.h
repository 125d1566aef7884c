// Messages to and from gRPC's byte buffers. Private to server and client.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace mostove::rpc {

absl::StatusOr<grpc::ByteBuffer> ToBytes(const google::protobuf::Message& message);
// False if the bytes are no such message. Empties the buffer.
bool FromBytes(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

}  // namespace mostove::rpc
