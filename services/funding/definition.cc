#include "services/funding/definition.h"

#include "libs/domain/publication.h"
#include "libs/store/resource_store.h"
#include "mostove/funding/v1/donor.pb.h"
#include "mostove/funding/v1/grant.pb.h"
#include "mostove/funding/v1/project.pb.h"
#include "services/funding/donor_rules.h"
#include "services/funding/grant_rules.h"
#include "services/funding/project_rules.h"

namespace mostove::funding {

service::Definition Define() {
  return {
      .name = "funding",
      .service = "mostove.funding.v1.FundingService",
      .migrations = Schema(),
      .collections =
          {{v1::Donor::descriptor(),
            store::RulesFor<v1::Donor>(
                {.prepare = PrepareDonor, .audience = domain::PublicationAudience<v1::Donor>})},
           {v1::Grant::descriptor(),
            store::RulesFor<v1::Grant>({.prepare = PrepareGrant,
                                        .settle = SettleGrant,
                                        .check_writer = CheckGrantWriter,
                                        .check_change = CheckGrantChange,
                                        .audience = domain::PublicationAudience<v1::Grant>})},
           {v1::Project::descriptor(),
            store::RulesFor<v1::Project>({.prepare = PrepareProject,
                                          .check_change = CheckProjectChange,
                                          .audience = domain::PublicationAudience<v1::Project>})}},
      .checks = {service::Check<v1::Donor>(CheckDonor), service::Check<v1::Grant>(CheckGrant),
                 service::Check<v1::Project>(CheckProject)}};
}

}  // namespace mostove::funding
