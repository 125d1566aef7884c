#include "services/identity/role_grant_rules.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "mostove/identity/v1/user.pb.h"
#include "services/identity/access_records.h"
#include "services/identity/acting.h"
#include "services/identity/user_rules.h"

namespace mostove::identity {
namespace {

using resource::v1::Role;

// What a role is granted on: "network", or the collection.
absl::string_view PlaceOf(Role role) {
  switch (role) {
    case resource::v1::NETWORK_ADMINISTRATOR:
    case resource::v1::NETWORK_ANALYST:
      return "network";
    case resource::v1::ORGANIZATION_ADMINISTRATOR:
    case resource::v1::ORGANIZATION_EDITOR:
    case resource::v1::ORGANIZATION_READER:
      return "organizations";
    case resource::v1::DONOR_READER:
      return "donors";
    case resource::v1::TRAINER:
      return "programs";
    default:
      return "";
  }
}

bool IsName(absl::string_view name, absl::string_view collection) {
  const size_t slash = name.find('/');
  return slash == collection.size() && absl::StartsWith(name, collection) &&
         name.find('/', slash + 1) == absl::string_view::npos && name.size() > slash + 1;
}

template <class Resource>
bool IsNameOf(absl::string_view name) {
  return resource::MatchesName(*resource::TypeOf(Resource::descriptor()), name);
}

bool IsAdministration(const v1::RoleGrant& grant) {
  return grant.role() == resource::v1::NETWORK_ADMINISTRATOR &&
         absl::StartsWith(grant.member(), "users/");
}

}  // namespace

bool IsOrganizationRole(Role role) { return PlaceOf(role) == "organizations"; }

bool Administers(const call::Caller& caller, absl::string_view organization) {
  if (caller.administrator) return true;
  constexpr uint32_t kBit = uint32_t{1} << resource::v1::ORGANIZATION_ADMINISTRATOR;
  return std::any_of(caller.grants.begin(), caller.grants.end(), [&](const call::Grant& grant) {
    return grant.resource == organization && (grant.roles & kBit) != 0;
  });
}

void CheckRoleGrant(const v1::RoleGrant& grant, absl::string_view path,
                    status::Violations& violations) {
  if (!IsNameOf<v1::User>(grant.member()) && !IsNameOf<v1::ApiClient>(grant.member())) {
    violations.Add(absl::StrCat(path, ".member"), "NAME",
                   "has to be users/<uuid> or the name of an API client");
  }
  const absl::string_view place = PlaceOf(grant.role());
  const bool fits =
      place == "network" ? grant.resource() == place : IsName(grant.resource(), place);
  if (!place.empty() && !fits) {
    violations.Add(absl::StrCat(path, ".resource"), "ROLE_ELSEWHERE",
                   absl::StrCat("has to be ", place == "network" ? "" : "one of the ", place,
                                " for this role"));
  }
  if (grant.has_expire_time() && grant.has_create_time() &&
      ToTime(grant.expire_time()) <= ToTime(grant.create_time())) {
    violations.Add(absl::StrCat(path, ".expire_time"), "IN_THE_PAST", "has to be in the future");
  }
}

absl::Status CheckRoleGrantWriter(const call::Caller& caller, const v1::RoleGrant* before,
                                  const v1::RoleGrant& after) {
  if (caller.administrator) return absl::OkStatus();
  const bool to_itself = before == nullptr && after.member() == caller.name;
  if (IsOrganizationRole(after.role()) && Administers(caller, after.resource()) && !to_itself) {
    return absl::OkStatus();
  }
  return status::PermissionDenied("ROLE_NOT_GRANTABLE",
                                  "an organization's administrator grants and revokes its "
                                  "organization's roles, to others; all else is for "
                                  "administrators of the network");
}

absl::Status AccompanyRoleGrant(const store::Store& store, const call::Call& call,
                                sql::Transaction& transaction, const v1::RoleGrant* before,
                                const v1::RoleGrant& after) {
  sql::Connection& connection = transaction.connection();
  if (before == nullptr || after.has_delete_time()) {
    transaction.AfterCommit([&store, call, name = after.name(), on = after.resource()] {
      RecordAccess(store, call,
                   {.kind = audit::Kind::kGrant,
                    .caller = call.caller.name,
                    .session = call.caller.session,
                    .resource = name,
                    .owner = on});
    });
  }
  if (after.has_delete_time()) {
    if (!IsAdministration(after)) return absl::OkStatus();
    RETURN_IF_ERROR(HoldLock(connection, "administrators"));
    return CheckAdministratorRemains(store, call, transaction);
  }
  if (before != nullptr) return absl::OkStatus();
  bool lives = false;
  if (absl::StartsWith(after.member(), "users/")) {
    ASSIGN_OR_RETURN(const std::optional<v1::User> user,
                     FindLiving<v1::User>(store, connection, after.member()));
    lives = user.has_value() && !user->erased();
  } else {
    ASSIGN_OR_RETURN(const std::optional<v1::ApiClient> client,
                     FindLiving<v1::ApiClient>(store, connection, after.member()));
    lives = client.has_value();
  }
  if (lives) return absl::OkStatus();
  return status::InvalidField("role_grant.member", "REFERENCE_NOT_FOUND",
                              absl::StrCat("there is no ", after.member()));
}

}  // namespace mostove::identity
