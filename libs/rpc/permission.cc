#include "libs/rpc/permission.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/resource/roles.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using call::Caller;
using status::PermissionDenied;

absl::Status SignInRequired() {
  return status::Make(absl::StatusCode::kUnauthenticated, "SIGN_IN_REQUIRED",
                      "this needs a signed-in caller; send a token");
}

// What the caller proved itself with has to be good for this.
absl::Status CheckScopes(const Permission& permission, const Caller& caller) {
  if ((caller.scopes & permission.scopes) != 0) return absl::OkStatus();
  if (permission.feeds && (caller.scopes & call::kScopeFeeds) != 0) return absl::OkStatus();
  if (caller.scopes == call::kScopeFeeds) {
    return PermissionDenied("INSUFFICIENT_SCOPE",
                            "a feed key reads datasets only; send a token for this");
  }
  return PermissionDenied(
      "INSUFFICIENT_SCOPE",
      absl::StrCat("this needs a token with the scope ",
                   (permission.scopes & call::kScopeRead) != 0 ? "read" : "write"));
}

absl::Status RoleRequired(const Permission& permission) {
  return PermissionDenied(
      "ROLE_REQUIRED", absl::StrCat("this needs the role ", resource::RoleNames(permission.roles),
                                    " on a resource that it is about"));
}

absl::Status PermitOwner(const Permission& permission, Caller& caller) {
  caller.acts_for = resource::GrantedOn(caller, permission.roles);
  if (permission.self) caller.acts_for.push_back(caller.name);
  if (caller.acts_for.empty()) return RoleRequired(permission);
  const bool reads = (permission.scopes & call::kScopeRead) != 0;
  if (reads) caller.organizations = caller.acts_for;
  return absl::OkStatus();
}

}  // namespace

Permission MakePermission(const resource::v1::Permission& annotation) {
  return {.allow = annotation.allow(),
          .roles = resource::RolesOf(annotation),
          .self = annotation.self(),
          .services = annotation.services(),
          .feeds = annotation.feeds()};
}

std::string FaultOf(const Permission& permission) {
  const bool owner = permission.allow == resource::v1::OWNER;
  const bool names_some = permission.roles != 0 || permission.self;
  if (permission.allow == resource::v1::AUDIENCE_UNSPECIFIED) return "has no permission annotation";
  if (owner && !names_some) return "allows OWNER and names no roles";
  if (!owner && names_some) return "names roles, which only OWNER asks for";
  if ((permission.roles & resource::RoleBit(resource::v1::ROLE_UNSPECIFIED)) != 0) {
    return "names ROLE_UNSPECIFIED, which grants nothing";
  }
  return "";
}

absl::Status Permit(const Permission& permission, Caller& caller) {
  caller.acts_for.clear();
  if (caller.service) {
    if (!permission.services) {
      return PermissionDenied("PROGRAM_NOT_ALLOWED",
                              "programs of the installation do not call this in their own name");
    }
    caller.administrator = true;
    caller.network = true;
    return absl::OkStatus();
  }
  const bool anonymous = caller.name.empty();
  if (anonymous && permission.allow == resource::v1::PUBLIC) return absl::OkStatus();
  if (anonymous && !caller.administrator) return SignInRequired();
  RETURN_IF_ERROR(CheckScopes(permission, caller));
  if (caller.administrator) return absl::OkStatus();
  switch (permission.allow) {
    case resource::v1::PUBLIC:
      return absl::OkStatus();
    case resource::v1::NETWORK:
      if (caller.network) return absl::OkStatus();
      return PermissionDenied("MEMBERSHIP_REQUIRED", "this is for members of the network");
    case resource::v1::OWNER:
      return PermitOwner(permission, caller);
    default:
      return PermissionDenied("ADMINISTRATOR_REQUIRED",
                              "this is for administrators of the network");
  }
}

}  // namespace mostove::rpc
