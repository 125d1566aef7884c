#include "services/organizations/definition.h"

#include "libs/domain/date.h"
#include "libs/store/resource_store.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/organizations/activity_rules.h"
#include "services/organizations/organization_rules.h"

namespace mostove::organizations {

service::Definition Define() {
  const auto check_organization = [](const v1::Organization& organization, absl::string_view path,
                                     status::Violations& violations) {
    CheckOrganization(organization, domain::Today(absl::Now()), path, violations);
  };
  return {
      .name = "organizations",
      .service = "mostove.organizations.v1.OrganizationsService",
      .migrations = Schema(),
      .collections = {{v1::Organization::descriptor(),
                       store::RulesFor<v1::Organization>({.prepare = PrepareOrganization,
                                                          .check_change = CheckOrganizationChange,
                                                          .audience = OrganizationAudience})},
                      {v1::Activity::descriptor(), {}}},
      .checks = {service::Check<v1::Organization>(check_organization),
                 service::Check<v1::Activity>(CheckActivity)}};
}

}  // namespace mostove::organizations
