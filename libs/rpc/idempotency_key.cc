#include "libs/rpc/idempotency_key.h"

#include <string>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "libs/digest/digest.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using google::protobuf::Message;

// Maps in one order, so that the same request has the same bytes.
std::string DeterministicBytes(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

absl::Status TakeIdempotencyKey(const Method& method, call::Call& call, Message& request) {
  const std::string brought = std::exchange(call.idempotency_key, "");
  call.request_hash.clear();
  if (method.request_id == nullptr) return absl::OkStatus();
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  std::string key = reflection.GetString(request, method.request_id);
  if (key.empty()) key = brought;
  if (key.empty()) return absl::OkStatus();
  if (!brought.empty() && brought != key) {
    return status::InvalidField("request_id", "DIFFERS",
                                "differs from the Idempotency-Key; send one of the two, or the "
                                "same value twice");
  }
  reflection.ClearField(&request, method.request_id);
  call.request_hash = digest::Sha256(DeterministicBytes(request));
  reflection.SetString(&request, method.request_id, key);
  call.idempotency_key = std::move(key);
  return absl::OkStatus();
}

}  // namespace mostove::rpc
