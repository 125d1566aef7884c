#include "services/organizations/definition.h"

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
#include "services/organizations/compliance_methods.h"
#include "services/organizations/compliance_rules.h"
#include "services/organizations/duplicates_methods.h"
#include "services/organizations/leadership_methods.h"
#include "services/organizations/leadership_rules.h"
#include "services/organizations/merge_methods.h"
#include "services/organizations/obligation_rules.h"
#include "services/organizations/organization_rules.h"
#include "services/organizations/plan_methods.h"
#include "services/organizations/plan_rules.h"
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

void CheckPlanToday(const v1::Plan& plan, absl::string_view path, status::Violations& violations) {
  CheckPlan(plan, domain::Today(absl::Now()), path, violations);
}

// What every installation begins with, then the RPCs of the service's own.
absl::StatusOr<std::vector<call::UnaryMethod>> OwnMethods(
    const std::shared_ptr<search::Index>& search, const store::Store& store) {
  RETURN_IF_ERROR(LoadShipped(store, ShippedFrameworks()));
  RETURN_IF_ERROR(LoadShipped(store, ShippedCompliance()));
  ASSIGN_OR_RETURN(std::vector<call::UnaryMethod> methods, search::Open(search, store, kService));
  for (const auto& some :
       {CapacityMethods(store), PlanMethods(store), ComplianceMethods(store),
        LeadershipMethods(store), MergeMethods(store), DuplicatesMethods(search, store)}) {
    methods.insert(methods.end(), some.begin(), some.end());
  }
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
  return {.name = "organizations",
          .service = kService,
          .migrations = Schema(),
          .collections =
              {{v1::Organization::descriptor(),
                search::Keep(search, store::RulesFor<v1::Organization>(
                                         {.prepare = PrepareOrganization,
                                          .check_writer = CheckLeadershipWriter,
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
                     .audience = domain::PublicationAudience<v1::Assessment>})},
               {v1::Plan::descriptor(),
                store::RulesFor<v1::Plan>({.prepare = PreparePlan,
                                           .check_change = CheckPlanChange,
                                           .audience = domain::PublicationAudience<v1::Plan>})},
               {v1::ComplianceRule::descriptor(),
                store::RulesFor<v1::ComplianceRule>({.audience = ForAll<v1::ComplianceRule>})},
               {v1::WorkCalendar::descriptor(),
                store::RulesFor<v1::WorkCalendar>({.audience = ForAll<v1::WorkCalendar>})},
               {v1::Obligation::descriptor(),
                store::RulesFor<v1::Obligation>({.prepare = PrepareObligation,
                                                 .settle = SettleObligation,
                                                 .check_change = CheckObligationChange,
                                                 .audience = ObligationAudience})}},
          .checks = {service::Check<v1::Organization>(check_organization),
                     service::Check<v1::Activity>(CheckActivity),
                     service::Check<v1::CapacityFramework>(CheckFramework),
                     service::Check<v1::Assessment>(CheckAssessmentToday),
                     service::Check<v1::Plan>(CheckPlanToday),
                     service::Check<v1::ComplianceRule>(CheckComplianceRule),
                     service::Check<v1::WorkCalendar>(CheckWorkCalendar)},
          .methods = [search](const store::Store& store) { return OwnMethods(search, store); }};
}

}  // namespace mostove::organizations
