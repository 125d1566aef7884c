#include "services/funding/donor_rules.h"

#include "libs/domain/identifier.h"
#include "libs/domain/path.h"
#include "libs/domain/web_address.h"

namespace mostove::funding {

void PrepareDonor(v1::Donor& donor) {
  if (donor.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    donor.set_publication(common::v1::SHARED);
  }
}

void CheckDonor(const v1::Donor& donor, absl::string_view path, status::Violations& violations) {
  domain::CheckSchemes(donor.identifiers(), domain::Join(path, "identifiers"), violations);
  domain::CheckWebAddress(donor.website(), domain::Join(path, "website"), violations);
}

}  // namespace mostove::funding
