// What is particular to role grants.
#pragma once

#include "libs/call/call.h"
#include "libs/sql/sql.h"
#include "libs/status/status.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/role_grant.pb.h"

namespace mostove::identity {

// Whether the role is one of those on an organization, which its administrator
// gives to others.
bool IsOrganizationRole(resource::v1::Role role);
// Whether the caller administers this organization.
bool Administers(const call::Caller& caller, absl::string_view organization);

void CheckRoleGrant(const v1::RoleGrant& grant, absl::string_view path,
                    status::Violations& violations);
// Administrators grant everything; the administrator of an organization its
// ORGANIZATION_* roles, to others than itself. PERMISSION_DENIED, reason
// ROLE_NOT_GRANTABLE.
absl::Status CheckRoleGrantWriter(const call::Caller& caller, const v1::RoleGrant* before,
                                  const v1::RoleGrant& after);
// The member lives; somebody administers the network after it.
absl::Status AccompanyRoleGrant(const store::Store& store, const call::Call& call,
                                sql::Transaction& transaction, const v1::RoleGrant* before,
                                const v1::RoleGrant& after);

}  // namespace mostove::identity
