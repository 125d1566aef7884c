// Roles as bits, as call::Grant has them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/call/call.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::resource {

constexpr uint32_t RoleBit(v1::Role role) { return uint32_t{1} << role; }

// Of the method's permission.
uint32_t RolesOf(const v1::Permission& permission);

// The resources on which the caller has one of these roles.
std::vector<std::string> GrantedOn(const call::Caller& caller, uint32_t roles);

// "ORGANIZATION_ADMINISTRATOR or ORGANIZATION_EDITOR"; "" for none.
std::string RoleNames(uint32_t roles);

}  // namespace mostove::resource
