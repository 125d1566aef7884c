#include "services/organizations/leadership_rules.h"

#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "libs/domain/date.h"
#include "libs/status/status.h"
#include "libs/store/log_entry.h"

namespace mostove::organizations {
namespace {

using v1::Organization;
using v1::RefugeeLeadership;

// What an attestation is about.
RefugeeLeadership Attested(const Organization& organization) {
  RefugeeLeadership attested = organization.refugee_leadership();
  if (attested.basis() != RefugeeLeadership::ATTESTED) return {};
  attested.clear_published();
  attested.clear_attest_time();
  return attested;
}

}  // namespace

absl::Status CheckLeadershipWriter(const call::Caller& caller, const Organization* before,
                                   const Organization& after) {
  if (caller.administrator) return absl::OkStatus();
  const RefugeeLeadership now = Attested(after);
  if (now.basis() != RefugeeLeadership::ATTESTED ||
      (before != nullptr &&
       google::protobuf::util::MessageDifferencer::Equals(Attested(*before), now))) {
    return absl::OkStatus();
  }
  return status::PermissionDenied(
      "ATTESTED_BY_OTHERS",
      "only the organization in attested_by attests refugee leadership; what was attested is "
      "declared anew with the basis SELF_DECLARED");
}

absl::Status Attest(absl::string_view attester, const google::type::Date& expire_date,
                    absl::Time now, Organization& organization) {
  const RefugeeLeadership& said = organization.refugee_leadership();
  if (!organization.has_refugee_leadership() || said.attested_by() != attester) {
    return status::Precondition("NOT_ASKED",
                                "the organization has not asked this one to attest its refugee "
                                "leadership");
  }
  if (domain::LastDay(expire_date) < domain::Today(now)) {
    return status::InvalidField("expire_date", "PAST", "has to be today or later");
  }
  RefugeeLeadership& attested = *organization.mutable_refugee_leadership();
  attested.set_basis(RefugeeLeadership::ATTESTED);
  *attested.mutable_expire_date() = expire_date;
  store::SetTimestamp(now, *attested.mutable_attest_time());
  return absl::OkStatus();
}

bool Holds(const Organization& organization, absl::CivilDay day) {
  if (!organization.has_refugee_leadership()) return false;
  const RefugeeLeadership& said = organization.refugee_leadership();
  return !said.has_expire_date() || day <= domain::LastDay(said.expire_date());
}

}  // namespace mostove::organizations
