// Names of codes for people: kinds, legal forms, oblasts and the like.
#pragma once

#include "libs/domain/oblasts.h"
#include "mostove/common/v1/classification.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/dashboard/text.h"

namespace mostove::dashboard {

// Texts are empty for what is unspecified, and for values that this version does not know.
Text LabelOf(organizations::v1::Organization::OrganizationKind kind);
Text LabelOf(organizations::v1::Organization::LegalForm form);
Text LabelOf(organizations::v1::Organization::BenefitStatus status);
Text LabelOf(organizations::v1::Organization::State state);
Text LabelOf(organizations::v1::TargetGroup group);
Text LabelOf(organizations::v1::Phase phase);
// Of the purpose codes of the OECD (DAC-5) that the network uses, else empty.
Text LabelOf(const common::v1::Classification& classification);
// "Софийска област" and "София (столица)": never one for the other.
Text LabelOf(const domain::Oblast& oblast);

}  // namespace mostove::dashboard
