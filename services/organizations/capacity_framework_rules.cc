#include "services/organizations/capacity_framework_rules.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/domain/path.h"
#include "libs/domain/steps.h"
#include "libs/status/macros.h"

namespace mostove::organizations {
namespace {

using domain::Join;
using v1::CapacityFramework;

constexpr domain::Step<CapacityFramework::State> kSteps[] = {
    {CapacityFramework::PREPARED, CapacityFramework::IN_USE},
    {CapacityFramework::IN_USE, CapacityFramework::RETIRED},
    {CapacityFramework::RETIRED, CapacityFramework::IN_USE},
};

constexpr char kTwice[] = "has to stand once in the framework";

void CheckCrosswalk(const CapacityFramework& framework, const v1::CapacityCrosswalk& crosswalk,
                    const std::set<std::string>& criteria, absl::string_view path,
                    status::Violations& violations) {
  if (crosswalk.framework() == framework.name()) {
    violations.Add(Join(path, "framework"), "SELF", "has to be another framework");
  }
  std::set<std::string> mapped;
  for (int i = 0; i < crosswalk.mappings_size(); ++i) {
    const std::string& criterion = crosswalk.mappings(i).criterion();
    const std::string at = Join(path, absl::StrCat("mappings[", i, "].criterion"));
    if (criteria.count(criterion) == 0) {
      violations.Add(at, "CRITERION", "has to be the code of a criterion of the framework");
    } else if (!mapped.insert(criterion).second) {
      violations.Add(at, "DUPLICATE", kTwice);
    }
  }
}

bool SameDomains(const CapacityFramework& before, const CapacityFramework& after) {
  CapacityFramework one, other;
  *one.mutable_domains() = before.domains();
  *other.mutable_domains() = after.domains();
  return google::protobuf::util::MessageDifferencer::Equals(one, other);
}

}  // namespace

void PrepareFramework(CapacityFramework& framework) {
  if (framework.state() == CapacityFramework::STATE_UNSPECIFIED) {
    framework.set_state(CapacityFramework::PREPARED);
  }
}

void CheckFramework(const CapacityFramework& framework, absl::string_view path,
                    status::Violations& violations) {
  std::set<std::string> domains, criteria;
  for (int i = 0; i < framework.domains_size(); ++i) {
    const v1::CapacityDomain& domain = framework.domains(i);
    const std::string at = Join(path, absl::StrCat("domains[", i, "]"));
    if (!domains.insert(domain.code()).second) {
      violations.Add(Join(at, "code"), "DUPLICATE", kTwice);
    }
    for (int j = 0; j < domain.criteria_size(); ++j) {
      if (!criteria.insert(domain.criteria(j).code()).second) {
        violations.Add(Join(at, absl::StrCat("criteria[", j, "].code")), "DUPLICATE", kTwice);
      }
    }
  }
  for (int i = 0; i < framework.crosswalks_size(); ++i) {
    CheckCrosswalk(framework, framework.crosswalks(i), criteria,
                   Join(path, absl::StrCat("crosswalks[", i, "]")), violations);
  }
}

absl::Status CheckFrameworkChange(const CapacityFramework& before, const CapacityFramework& after) {
  RETURN_IF_ERROR(domain::CheckStep("state", kSteps, before.state(), after.state()));
  if (before.state() != CapacityFramework::PREPARED && !SameDomains(before, after)) {
    return status::Precondition("FRAMEWORK_IN_USE",
                                "the domains of a framework in use stay as they are; make the next "
                                "version of it");
  }
  return absl::OkStatus();
}

resource::Audience FrameworkAudience(const CapacityFramework& framework) {
  return framework.state() == CapacityFramework::PREPARED ? resource::v1::OWNER
                                                          : resource::v1::PUBLIC;
}

std::map<std::string, CriterionPlace> CriteriaOf(const CapacityFramework& framework) {
  std::map<std::string, CriterionPlace> criteria;
  for (const v1::CapacityDomain& domain : framework.domains()) {
    for (const v1::CapacityCriterion& criterion : domain.criteria()) {
      criteria[criterion.code()] = {&domain, &criterion};
    }
  }
  return criteria;
}

}  // namespace mostove::organizations
