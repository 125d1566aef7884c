#include "libs/rpc/wire_status.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/status/status.h"
#include "libs/status/texts.h"

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

WireStatus ToWire(const absl::Status& status, absl::string_view language) {
  if (status.ok()) return {};
  google::rpc::Status proto = status::ToProto(status);
  status::AddLocalizedMessages(proto, language);
  Shorten(*proto.mutable_message(), kMessageBytesMax);
  while (proto.ByteSizeLong() > kDetailsBytesMax && DropViolations(proto)) {
  }
  if (proto.ByteSizeLong() > kDetailsBytesMax) {
    if (language != "en") return ToWire(status);
    proto.clear_details();
  }
  return {proto.code(), proto.message(), proto.SerializeAsString()};
}

absl::Status FromWire(const WireStatus& status) {
  if (status.code == 0) return absl::OkStatus();
  google::rpc::Status proto;
  const bool has_details = !status.details.empty() && proto.ParseFromString(status.details) &&
                           proto.code() == status.code;
  if (has_details) return status::FromProto(proto);
  const bool is_known = status.code > 0 && status.code <= 16;
  return absl::Status(
      is_known ? static_cast<absl::StatusCode>(status.code) : absl::StatusCode::kUnknown,
      status.message);
}

}  // namespace mostove::rpc
