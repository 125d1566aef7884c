#include "libs/rpc/permission.h"

#include "libs/status/status.h"

namespace mostove::rpc {

absl::Status CheckPermission(const call::Caller& caller, resource::v1::Audience allow) {
  if (allow == resource::v1::PUBLIC || caller.administrator) return absl::OkStatus();
  if (caller.name.empty()) {
    return status::Make(absl::StatusCode::kUnauthenticated, "SIGN_IN_REQUIRED",
                        "this needs a signed-in caller; send a token");
  }
  switch (allow) {
    case resource::v1::NETWORK:
      if (caller.network) return absl::OkStatus();
      return status::PermissionDenied("MEMBERSHIP_REQUIRED", "this is for members of the network");
    case resource::v1::OWNER:
      if (!caller.organizations.empty()) return absl::OkStatus();
      return status::PermissionDenied("ORGANIZATION_REQUIRED",
                                      "this is for callers who act for an organization");
    default:
      return status::PermissionDenied("ADMINISTRATOR_REQUIRED",
                                      "this is for administrators of the network");
  }
}

}  // namespace mostove::rpc
