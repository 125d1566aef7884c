// What is particular to development plans: pure functions on messages.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/assessment.pb.h"
#include "mostove/organizations/v1/capacity_framework.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "mostove/organizations/v1/plan.pb.h"

namespace mostove::organizations {

// An unset state is PROPOSED, an unset publication DRAFT; computes the progress.
void PreparePlan(v1::Plan& plan);

// Reasons: DUPLICATE (a goal's code that stands twice), TARGET (the same as the
// baseline), REQUIRED (a baseline without target and the reverse), FUTURE (done
// after today), AFTER_PLAN (due after the plan's last day), NAME (an assessment
// of another organization).
void CheckPlan(const v1::Plan& plan, absl::CivilDay today, absl::string_view path,
               status::Violations& violations);

// FAILED_PRECONDITION: STATE_STEP; PLAN_ADOPTED where a goal would aim at
// something else or go; PLAN_CLOSED where anything but the publication would change.
absl::Status CheckPlanChange(const v1::Plan& before, const v1::Plan& after);

// Changes for RPCs. FAILED_PRECONDITION: STATE_STEP, PLAN_INCOMPLETE.
absl::Status Adopt(absl::Time now, v1::Plan& plan);
absl::Status Close(absl::Time now, absl::string_view note, v1::Plan& plan);

// A goal for each criterion that was answered below `below`, widest gap first;
// due on `end`.
v1::Plan PlanFromGaps(const v1::Assessment& assessment, const v1::CapacityFramework& framework,
                      int below, absl::CivilDay start, absl::CivilDay end);

v1::ReadPlanProgressResponse ProgressOf(const v1::Plan& plan, absl::CivilDay day);

}  // namespace mostove::organizations
