#include "services/funding/project_rules.h"

#include "absl/strings/str_cat.h"
#include "libs/domain/path.h"
#include "libs/domain/shares.h"
#include "services/funding/grant_rules.h"

namespace mostove::funding {

using domain::Join;
using v1::Project;

void PrepareProject(Project& project) {
  if (project.status() == v1::ACTIVITY_STATUS_UNSPECIFIED) project.set_status(v1::PIPELINE);
  if (project.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    project.set_publication(common::v1::DRAFT);
  }
  domain::CompleteShares(*project.mutable_sectors());
}

void CheckProject(const Project& project, absl::string_view path, status::Violations& violations) {
  domain::CheckShares(project.sectors(), Join(path, "sectors"), violations);
  for (int i = 0; i < project.partners_size(); ++i) {
    if (project.partners(i) != project.organization()) continue;
    violations.Add(Join(path, absl::StrCat("partners[", i, "]")), "DUPLICATE",
                   "has to be another organization than the one that runs the project");
  }
}

absl::Status CheckProjectChange(const Project& before, const Project& after) {
  return CheckStatusStep(before.status(), after.status());
}

}  // namespace mostove::funding
