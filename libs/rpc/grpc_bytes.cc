#include "libs/rpc/grpc_bytes.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::rpc {

using google::protobuf::Message;

absl::StatusOr<grpc::ByteBuffer> ToBytes(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  if (!grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own_buffer).ok()) {
    return status::Internal(
        absl::StrCat("cannot serialize a ", message.GetDescriptor()->full_name()));
  }
  return bytes;
}

bool FromBytes(grpc::ByteBuffer& bytes, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
}

}  // namespace mostove::rpc
