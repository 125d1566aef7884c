#include "services/coalitions/definition.h"

#include "libs/domain/publication.h"
#include "libs/store/resource_store.h"
#include "mostove/coalitions/v1/coalition.pb.h"
#include "mostove/coalitions/v1/member.pb.h"
#include "mostove/coalitions/v1/policy_process.pb.h"
#include "services/coalitions/coalition_rules.h"
#include "services/coalitions/member_rules.h"
#include "services/coalitions/policy_process_rules.h"

namespace mostove::coalitions {

service::Definition Define() {
  return {.name = "coalitions",
          .service = "mostove.coalitions.v1.CoalitionsService",
          .migrations = Schema(),
          .collections = {{v1::Coalition::descriptor(),
                           store::RulesFor<v1::Coalition>(
                               {.prepare = PrepareCoalition,
                                .check_change = CheckCoalitionChange,
                                .audience = domain::PublicationAudience<v1::Coalition>})},
                          {v1::Member::descriptor(),
                           store::RulesFor<v1::Member>(
                               {.settle = SettleMember, .check_writer = CheckMemberWriter})},
                          {v1::PolicyProcess::descriptor(),
                           store::RulesFor<v1::PolicyProcess>(
                               {.prepare = PreparePolicyProcess,
                                .check_change = CheckPolicyProcessChange,
                                .audience = domain::PublicationAudience<v1::PolicyProcess>})}},
          .checks = {service::Check<v1::Coalition>(CheckCoalition),
                     service::Check<v1::PolicyProcess>(CheckPolicyProcess)}};
}

}  // namespace mostove::coalitions
