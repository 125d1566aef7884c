// What is particular to sessions: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/resource/type.h"
#include "libs/status/status.h"
#include "libs/store/neighbours.h"
#include "mostove/trainings/v1/session.pb.h"

namespace mostove::trainings {

// An unset state is DRAFT, an unset time zone the network's.
void PrepareSession(v1::Session& session);

// Adds what the annotations cannot say. Reasons: TIME_ZONE, LANGUAGE_TAG,
// REQUIRED (beyond a draft: start_time, end_time, venue or join_link; of a
// quota: oblast_code, seats to take it from), OBLAST, DUPLICATE, QUOTAS_SUM.
void CheckSession(const v1::Session& session, absl::string_view path,
                  status::Violations& violations);

// FAILED_PRECONDITION with reason STATE_STEP.
absl::Status CheckSessionChange(const v1::Session& before, const v1::Session& after);

// Takes over the program's organizers. Reason: TOPIC (none of the program's).
absl::Status SettleSession(const store::Neighbours& neighbours, v1::Session& session,
                           absl::string_view path, status::Violations& violations);

// Its organizers alone see a draft; what is not, those who see the program.
resource::Audience SessionAudience(const v1::Session& session);

}  // namespace mostove::trainings
