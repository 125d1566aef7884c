#include "libs/rpc/caller_metadata.h"

#include "libs/status/status.h"
#include "mostove/call/v1/caller.pb.h"

namespace mostove::rpc {

std::string EncodeCaller(const call::Caller& caller) {
  call::v1::Caller proto;
  proto.set_name(caller.name);
  proto.set_administrator(caller.administrator);
  proto.set_network(caller.network);
  for (const std::string& organization : caller.organizations) {
    proto.add_organizations(organization);
  }
  return proto.SerializeAsString();
}

absl::StatusOr<call::Caller> DecodeCaller(absl::string_view bytes) {
  call::v1::Caller proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return status::Make(absl::StatusCode::kUnauthenticated, "CALLER_MALFORMED",
                        "the metadata mostove-caller-bin is no mostove.call.v1.Caller");
  }
  return call::Caller{
      .name = proto.name(),
      .administrator = proto.administrator(),
      .network = proto.network(),
      .organizations = {proto.organizations().begin(), proto.organizations().end()}};
}

absl::StatusOr<call::Caller> BelieveCaller(const MetadataReader& metadata) {
  return DecodeCaller(metadata(kCallerMetadata));
}

}  // namespace mostove::rpc
