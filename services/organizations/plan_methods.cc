#include "services/organizations/plan_methods.h"

#include <utility>

#include "libs/domain/date.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/own_methods.h"
#include "services/organizations/plan_rules.h"

namespace mostove::organizations {
namespace {

using call::Call;
using store::ResourceStore;
using store::Store;
using v1::Plan;

constexpr int kGapBelow = 3;

absl::StatusOr<v1::Assessment> ReadOwnAssessment(const Store& store, const Call& call,
                                                 const v1::DraftPlanRequest& request) {
  if (resource::ParentOf(request.assessment()) != request.parent()) {
    return status::InvalidField("assessment", "NAME",
                                "has to be an assessment of the same organization");
  }
  ASSIGN_OR_RETURN(v1::Assessment assessment,
                   ResourceStore<v1::Assessment>(store).Get(call, request.assessment()));
  // Of one that is shared, others see no answers.
  if (!SeesAsOwner(call.caller, request.parent())) assessment.clear_answers();
  return assessment;
}

absl::StatusOr<Plan> DraftPlan(const Store& store, const Call& call,
                               const v1::DraftPlanRequest& request) {
  ASSIGN_OR_RETURN(const v1::Assessment assessment, ReadOwnAssessment(store, call, request));
  ASSIGN_OR_RETURN(const v1::CapacityFramework framework,
                   ResourceStore<v1::CapacityFramework>(store).Get(call, assessment.framework()));
  const absl::CivilDay today = domain::Today(call.Now());
  const absl::CivilDay end = request.has_end_date()
                                 ? domain::LastDay(request.end_date())
                                 : absl::CivilDay(today.year() + 1, today.month(), today.day());
  if (end < today) {
    return status::InvalidField("end_date", "PAST", "has to be today or later");
  }
  const int below = request.below() == 0 ? kGapBelow : request.below();
  const Plan plan = PlanFromGaps(assessment, framework, below, today, end);
  if (plan.goals().empty()) {
    return status::Precondition("NO_GAPS", "no criterion was answered below that level");
  }
  ASSIGN_OR_RETURN(
      const call::MessagePtr created,
      store.ByDescriptor(Plan::descriptor())
          ->Create(call, {.parent = request.parent(), .id = request.plan_id(), .resource = &plan},
                   request.validate_only()));
  return std::move(static_cast<Plan&>(*created));
}

absl::StatusOr<Plan> AdoptPlan(const Store& store, const Call& call,
                               const v1::AdoptPlanRequest& request) {
  return ResourceStore<Plan>(store).Modify(call, request.name(), request.etag(),
                                           [&](Plan& plan) { return Adopt(call.Now(), plan); });
}

absl::StatusOr<Plan> ClosePlan(const Store& store, const Call& call,
                               const v1::ClosePlanRequest& request) {
  return ResourceStore<Plan>(store).Modify(call, request.name(), request.etag(), [&](Plan& plan) {
    return Close(call.Now(), request.note(), plan);
  });
}

absl::StatusOr<v1::ReadPlanProgressResponse> ReadPlanProgress(
    const Store& store, const Call& call, const v1::ReadPlanProgressRequest& request) {
  ASSIGN_OR_RETURN(const Plan plan, ResourceStore<Plan>(store).Get(call, request.name()));
  return ProgressOf(
      plan, request.has_date() ? domain::LastDay(request.date()) : domain::Today(call.Now()));
}

}  // namespace

std::vector<call::UnaryMethod> PlanMethods(const Store& store) {
  return {Own("DraftPlan", store, DraftPlan), Own("AdoptPlan", store, AdoptPlan),
          Own("ClosePlan", store, ClosePlan), Own("ReadPlanProgress", store, ReadPlanProgress)};
}

}  // namespace mostove::organizations
