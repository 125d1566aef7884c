#include "services/trainings/definition.h"

#include "libs/domain/publication.h"
#include "libs/store/resource_store.h"
#include "mostove/trainings/v1/program.pb.h"
#include "mostove/trainings/v1/session.pb.h"
#include "mostove/trainings/v1/topic.pb.h"
#include "services/trainings/program_rules.h"
#include "services/trainings/session_rules.h"

namespace mostove::trainings {

service::Definition Define() {
  return {
      .name = "trainings",
      .service = "mostove.trainings.v1.TrainingsService",
      .migrations = Schema(),
      .collections = {{v1::Topic::descriptor(),
                       store::RulesFor<v1::Topic>(
                           {.audience = [](const v1::Topic&) { return resource::v1::PUBLIC; }})},
                      {v1::Program::descriptor(),
                       store::RulesFor<v1::Program>(
                           {.prepare = PrepareProgram,
                            .audience = domain::PublicationAudience<v1::Program>})},
                      {v1::Session::descriptor(),
                       store::RulesFor<v1::Session>({.prepare = PrepareSession,
                                                     .settle = SettleSession,
                                                     .check_change = CheckSessionChange,
                                                     .audience = SessionAudience})}},
      .checks = {service::Check<v1::Program>(CheckProgram),
                 service::Check<v1::Session>(CheckSession)}};
}

}  // namespace mostove::trainings
