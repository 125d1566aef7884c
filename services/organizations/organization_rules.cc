#include "services/organizations/organization_rules.h"

#include <string>

#include "libs/domain/date.h"
#include "libs/domain/identifier.h"
#include "libs/domain/localized_text.h"
#include "libs/domain/path.h"
#include "libs/domain/web_address.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "services/organizations/location_rules.h"

namespace mostove::organizations {
namespace {

using domain::Join;
using v1::Organization;
using v1::RefugeeLeadership;

void CheckLeadership(const Organization& organization, absl::string_view path,
                     status::Violations& violations) {
  const RefugeeLeadership& leadership = organization.refugee_leadership();
  const std::string& by = leadership.attested_by();
  if (by.empty()) {
    if (leadership.basis() == RefugeeLeadership::ATTESTED) {
      violations.Add(path, "REQUIRED", "has to name the organization that attested it");
    }
    return;
  }
  if (!resource::MatchesName(*resource::TypeOf(Organization::descriptor()), by)) {
    violations.Add(path, "NAME", "has to be the name of an organization: organizations/sofia-help");
  } else if (by == organization.name()) {
    violations.Add(path, "SELF_ATTESTED",
                   "has to be another organization; its own word is SELF_DECLARED");
  }
}

}  // namespace

void PrepareOrganization(Organization& organization) {
  if (organization.state() == Organization::STATE_UNSPECIFIED) {
    organization.set_state(Organization::DRAFT);
  }
  if (organization.has_refugee_leadership() &&
      organization.refugee_leadership().basis() == RefugeeLeadership::BASIS_UNSPECIFIED) {
    organization.mutable_refugee_leadership()->set_basis(RefugeeLeadership::SELF_DECLARED);
  }
  if (organization.refugee_leadership().basis() == RefugeeLeadership::SELF_DECLARED) {
    organization.mutable_refugee_leadership()->clear_attest_time();
  }
}

void CheckOrganization(const Organization& organization, absl::CivilDay today,
                       absl::string_view path, status::Violations& violations) {
  domain::CheckSchemes(organization.identifiers(), Join(path, "identifiers"), violations);
  CheckLeadership(organization, Join(path, "refugee_leadership.attested_by"), violations);
  domain::CheckLanguageTags(organization.languages(), Join(path, "languages"), violations);
  domain::CheckWebAddress(organization.website(), Join(path, "website"), violations);
  CheckLocations(organization.locations(), Join(path, "locations"), violations);
  if (domain::IsAfter(organization.founding_date(), today)) {
    violations.Add(Join(path, "founding_date"), "FUTURE", "has to be today or earlier");
  }
}

absl::Status CheckOrganizationChange(const Organization& before, const Organization& after) {
  if (before.benefit_status() == Organization::PUBLIC_BENEFIT &&
      after.benefit_status() != Organization::PUBLIC_BENEFIT) {
    return status::Precondition("PUBLIC_BENEFIT_IRREVOCABLE",
                                "an organization for public benefit remains one; benefit_status "
                                "has to stay PUBLIC_BENEFIT");
  }
  return absl::OkStatus();
}

resource::Audience OrganizationAudience(const Organization& organization) {
  switch (organization.state()) {
    case Organization::LISTED:
      return resource::v1::PUBLIC;
    case Organization::ARCHIVED:
      return resource::v1::NETWORK;
    default:
      return resource::v1::OWNER;
  }
}

}  // namespace mostove::organizations
