#include "services/organizations/organizations_service.h"

#include <utility>

#include "libs/domain/checks.h"
#include "libs/domain/date.h"
#include "libs/status/macros.h"
#include "libs/store/resource_store.h"
#include "libs/store/standard_methods.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/activity_rules.h"
#include "services/organizations/organization_rules.h"
#include "services/organizations/schema.h"

namespace mostove::organizations {
namespace {

using google::protobuf::Message;

resource::TypeChecks ResourceChecks() {
  resource::TypeChecks checks = domain::Checks();
  checks[v1::Organization::descriptor()->full_name()] =
      [](const Message& message, absl::string_view path, status::Violations& violations) {
        CheckOrganization(static_cast<const v1::Organization&>(message), domain::Today(absl::Now()),
                          path, violations);
      };
  checks[v1::Activity::descriptor()->full_name()] =
      [](const Message& message, absl::string_view path, status::Violations& violations) {
        CheckActivity(static_cast<const v1::Activity&>(message), path, violations);
      };
  return checks;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Service>> Service::Open(const ServiceOptions& options) {
  std::unique_ptr<Service> service(new Service());
  service->checks_ = ResourceChecks();
  ASSIGN_OR_RETURN(
      service->store_,
      store::Store::Open({.database = options.database,
                          .service = "organizations",
                          .migrations = Schema(),
                          .collections = {{v1::Organization::descriptor(),
                                           store::RulesFor<v1::Organization>(
                                               PrepareOrganization, CheckOrganizationChange,
                                               OrganizationAudience)},
                                          {v1::Activity::descriptor(), {}}},
                          .checks = &service->checks_,
                          .metrics = options.metrics}));
  constexpr char kService[] = "mostove.organizations.v1.OrganizationsService";
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kService);
  ASSIGN_OR_RETURN(std::vector<call::UnaryMethod> methods,
                   store::StandardMethods(descriptor, *service->store_));
  ASSIGN_OR_RETURN(service->table_, rpc::ServiceTable::Bind(
                                        kService, std::move(methods), {},
                                        {.checks = &service->checks_, .metrics = options.metrics}));
  return service;
}

}  // namespace mostove::organizations
