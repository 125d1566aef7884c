#include "services/organizations/activity_rules.h"

#include "libs/domain/date.h"
#include "libs/domain/path.h"

namespace mostove::organizations {

void CheckActivity(const v1::Activity& activity, absl::string_view path,
                   status::Violations& violations) {
  if (!activity.has_sector() && !activity.has_description()) {
    violations.Add(domain::Join(path, "sector"), "REQUIRED",
                   "has to say what is done: by a sector, or in words by description");
  }
  if (domain::IsBefore(activity.end_date(), activity.start_date())) {
    violations.Add(domain::Join(path, "end_date"), "END_BEFORE_START",
                   "has to be on start_date or later");
  }
}

}  // namespace mostove::organizations
