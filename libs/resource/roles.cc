#include "libs/resource/roles.h"

#include "absl/strings/str_join.h"

namespace mostove::resource {

uint32_t RolesOf(const v1::Permission& permission) {
  uint32_t roles = 0;
  for (const int role : permission.roles()) roles |= RoleBit(static_cast<v1::Role>(role));
  return roles;
}

std::vector<std::string> GrantedOn(const call::Caller& caller, uint32_t roles) {
  std::vector<std::string> resources;
  for (const call::Grant& grant : caller.grants) {
    if ((grant.roles & roles) != 0) resources.push_back(grant.resource);
  }
  return resources;
}

std::string RoleNames(uint32_t roles) {
  std::vector<std::string> names;
  for (int role = v1::Role_MIN; role <= v1::Role_MAX; ++role) {
    const auto each = static_cast<v1::Role>(role);
    if ((roles & RoleBit(each)) != 0) names.push_back(v1::Role_Name(each));
  }
  return absl::StrJoin(names, " or ");
}

}  // namespace mostove::resource
