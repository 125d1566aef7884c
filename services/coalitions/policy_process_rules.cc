#include "services/coalitions/policy_process_rules.h"

#include "libs/domain/path.h"
#include "libs/domain/steps.h"
#include "libs/domain/web_address.h"

namespace mostove::coalitions {
namespace {

using domain::Join;
using v1::PolicyProcess;

constexpr domain::Step<PolicyProcess::Stage> kSteps[] = {
    {PolicyProcess::ANNOUNCED, PolicyProcess::OPEN},
    {PolicyProcess::ANNOUNCED, PolicyProcess::UNDER_REVIEW},
    {PolicyProcess::ANNOUNCED, PolicyProcess::DECIDED},
    {PolicyProcess::ANNOUNCED, PolicyProcess::WITHDRAWN},
    {PolicyProcess::OPEN, PolicyProcess::UNDER_REVIEW},
    {PolicyProcess::OPEN, PolicyProcess::DECIDED},
    {PolicyProcess::OPEN, PolicyProcess::WITHDRAWN},
    {PolicyProcess::UNDER_REVIEW, PolicyProcess::OPEN},
    {PolicyProcess::UNDER_REVIEW, PolicyProcess::DECIDED},
    {PolicyProcess::UNDER_REVIEW, PolicyProcess::WITHDRAWN},
};

}  // namespace

void PreparePolicyProcess(PolicyProcess& process) {
  if (process.stage() == PolicyProcess::STAGE_UNSPECIFIED) {
    process.set_stage(PolicyProcess::ANNOUNCED);
  }
  if (process.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    process.set_publication(common::v1::DRAFT);
  }
}

void CheckPolicyProcess(const PolicyProcess& process, absl::string_view path,
                        status::Violations& violations) {
  domain::CheckWebAddress(process.website(), Join(path, "website"), violations);
  const bool local =
      process.level() == PolicyProcess::MUNICIPAL || process.level() == PolicyProcess::REGIONAL;
  if (local && !process.place().has_area()) {
    violations.Add(Join(path, "place.area"), "REQUIRED",
                   "has to say which municipality, oblast or region it is about");
  }
  if (process.kind() == PolicyProcess::MUNICIPAL_PLAN &&
      process.level() != PolicyProcess::MUNICIPAL &&
      process.level() != PolicyProcess::LEVEL_UNSPECIFIED) {
    violations.Add(Join(path, "level"), "LEVEL", "has to be MUNICIPAL for a municipal plan");
  }
  const bool decided = process.stage() == PolicyProcess::DECIDED;
  if (decided && !process.has_decision_date()) {
    violations.Add(Join(path, "decision_date"), "REQUIRED", "has to say when it was decided");
  } else if (!decided && process.has_decision_date()) {
    violations.Add(Join(path, "decision_date"), "NOT_DECIDED",
                   "has to be left out until the stage is DECIDED");
  }
}

absl::Status CheckPolicyProcessChange(const PolicyProcess& before, const PolicyProcess& after) {
  return domain::CheckStep("stage", kSteps, before.stage(), after.stage());
}

}  // namespace mostove::coalitions
