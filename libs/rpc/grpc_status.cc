#include "libs/rpc/grpc_status.h"

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

// In base64, beside the message (percent-encoded, up to three times its size)
// and the other trailers, within 8 KiB.
constexpr size_t kDetailsBytesMax = 3500;
constexpr size_t kMessageBytesMax = 700;

// Cuts between two characters.
void Shorten(std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  text += "…";
}

// Drops the last half of the violations; false if there is none to drop.
bool DropViolations(google::rpc::Status& proto) {
  for (google::protobuf::Any& any : *proto.mutable_details()) {
    google::rpc::BadRequest violations;
    if (!any.UnpackTo(&violations) || violations.field_violations_size() == 0) continue;
    auto& all = *violations.mutable_field_violations();
    all.DeleteSubrange((all.size()) / 2, all.size() - all.size() / 2);
    any.PackFrom(violations);
    return true;
  }
  return false;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status proto = status::ToProto(status);
  Shorten(*proto.mutable_message(), kMessageBytesMax);
  while (proto.ByteSizeLong() > kDetailsBytesMax && DropViolations(proto)) {
  }
  if (proto.ByteSizeLong() > kDetailsBytesMax) proto.clear_details();
  return grpc::Status(static_cast<grpc::StatusCode>(proto.code()), proto.message(),
                      proto.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status proto;
  const bool has_details = !status.error_details().empty() &&
                           proto.ParseFromString(status.error_details()) &&
                           proto.code() == static_cast<int>(status.error_code());
  if (has_details) return status::FromProto(proto);
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace mostove::rpc
