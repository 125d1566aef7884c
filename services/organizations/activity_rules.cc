#include "services/organizations/activity_rules.h"

#include "libs/domain/path.h"

namespace mostove::organizations {

void CheckActivity(const v1::Activity& activity, absl::string_view path,
                   status::Violations& violations) {
  if (!activity.has_sector() && !activity.has_description()) {
    violations.Add(domain::Join(path, "sector"), "REQUIRED",
                   "has to say what is done: by a sector, or in words by description");
  }
}

}  // namespace mostove::organizations
