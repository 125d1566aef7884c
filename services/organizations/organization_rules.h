// What is particular to organizations: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "libs/resource/type.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/organization.pb.h"

namespace mostove::organizations {

// Gives what is left out its meaning: an unset state is DRAFT, an unset basis
// of refugee leadership SELF_DECLARED.
void PrepareOrganization(v1::Organization& organization);

// Adds what the annotations cannot say. `today` is the network's own day
// (domain::Today). Reasons: DUPLICATE (a scheme that stands twice among the
// identifiers), FUTURE (a founding date), REQUIRED (who attested), SELF_ATTESTED,
// NAME (attested_by is no organization's name), LANGUAGE_TAG, WEBSITE.
void CheckOrganization(const v1::Organization& organization, absl::CivilDay today,
                       absl::string_view path, status::Violations& violations);

// FAILED_PRECONDITION with PUBLIC_BENEFIT_IRREVOCABLE where public benefit
// would be taken back.
absl::Status CheckOrganizationChange(const v1::Organization& before, const v1::Organization& after);

// Who sees that the organization exists: everybody a listed one, the network
// an archived one, its owners any other.
resource::Audience OrganizationAudience(const v1::Organization& organization);

}  // namespace mostove::organizations
