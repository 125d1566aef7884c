#include "services/organizations/definition.h"

#include <iterator>
#include <memory>
#include <utility>

#include "libs/domain/date.h"
#include "libs/domain/publication.h"
#include "libs/search/index.h"
#include "libs/status/macros.h"
#include "libs/store/resource_store.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/organizations/activity_rules.h"
#include "services/organizations/assessment_rules.h"
#include "services/organizations/capacity_framework_rules.h"
#include "services/organizations/capacity_methods.h"
#include "services/organizations/duplicates_methods.h"
#include "services/organizations/organization_rules.h"
#include "services/organizations/shipped_data.h"

namespace mostove::organizations {
namespace {

constexpr char kService[] = "mostove.organizations.v1.OrganizationsService";

std::vector<search::Field> SearchedFields() {
  return {{"legal_name"},
          {"display_name"},
          {"identifiers.value"},
          {"description", search::Weight::kText}};
}

void CheckAssessmentToday(const v1::Assessment& assessment, absl::string_view path,
                          status::Violations& violations) {
  CheckAssessment(assessment, domain::Today(absl::Now()), path, violations);
}

// What every installation begins with, then the RPCs of the service's own.
absl::StatusOr<std::vector<call::UnaryMethod>> OwnMethods(
    const std::shared_ptr<search::Index>& search, const store::Store& store) {
  RETURN_IF_ERROR(LoadShipped(store, ShippedFrameworks()));
  std::vector<call::UnaryMethod> methods = CapacityMethods(store);
  ASSIGN_OR_RETURN(std::vector<call::UnaryMethod> searches, search::Open(search, store, kService));
  std::move(searches.begin(), searches.end(), std::back_inserter(methods));
  std::vector<call::UnaryMethod> duplicates = DuplicatesMethods(search, store);
  std::move(duplicates.begin(), duplicates.end(), std::back_inserter(methods));
  return methods;
}

}  // namespace

service::Definition Define() {
  const auto check_organization = [](const v1::Organization& organization, absl::string_view path,
                                     status::Violations& violations) {
    CheckOrganization(organization, domain::Today(absl::Now()), path, violations);
  };
  const auto search =
      std::make_shared<search::Index>(v1::Organization::descriptor(), SearchedFields());
  return {
      .name = "organizations",
      .service = kService,
      .migrations = Schema(),
      .collections = {{v1::Organization::descriptor(),
                       search::Keep(search, store::RulesFor<v1::Organization>(
                                                {.prepare = PrepareOrganization,
                                                 .check_change = CheckOrganizationChange,
                                                 .audience = OrganizationAudience}))},
                      {v1::Activity::descriptor(), {}},
                      {v1::CapacityFramework::descriptor(),
                       store::RulesFor<v1::CapacityFramework>({.prepare = PrepareFramework,
                                                               .check_change = CheckFrameworkChange,
                                                               .audience = FrameworkAudience})},
                      {v1::Assessment::descriptor(),
                       store::RulesFor<v1::Assessment>(
                           {.prepare = PrepareAssessment,
                            .settle = SettleAssessment,
                            .check_change = CheckAssessmentChange,
                            .accompany = AccompanyAssessment,
                            .audience = domain::PublicationAudience<v1::Assessment>})}},
      .checks = {service::Check<v1::Organization>(check_organization),
                 service::Check<v1::Activity>(CheckActivity),
                 service::Check<v1::CapacityFramework>(CheckFramework),
                 service::Check<v1::Assessment>(CheckAssessmentToday)},
      .methods = [search](const store::Store& store) { return OwnMethods(search, store); }};
}

}  // namespace mostove::organizations
