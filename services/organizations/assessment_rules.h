// What is particular to assessments of capacity: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/resource/type.h"
#include "libs/status/status.h"
#include "libs/store/neighbours.h"
#include "libs/store/store.h"
#include "mostove/organizations/v1/assessment.pb.h"
#include "mostove/organizations/v1/capacity_framework.pb.h"

namespace mostove::organizations {

// An unset state is IN_PREPARATION, an unset publication DRAFT. The digest is
// that of the answers.
void PrepareAssessment(v1::Assessment& assessment);

// Reasons: DUPLICATE (a criterion answered twice), FUTURE (the date), REQUIRED
// (the facilitator), SELF (facilitated by itself), FACILITATOR (of a
// self-assessment).
void CheckAssessment(const v1::Assessment& assessment, absl::CivilDay today, absl::string_view path,
                     status::Violations& violations);

// Takes the scores from the framework. Reasons: CRITERION, FRAMEWORK_PREPARED.
absl::Status SettleAssessment(const store::Neighbours& neighbours, v1::Assessment& assessment,
                              absl::string_view path, status::Violations& violations);

// FAILED_PRECONDITION: STATE_STEP; ASSESSMENT_SUBMITTED where a submitted one
// would say something else.
absl::Status CheckAssessmentChange(const v1::Assessment& before, const v1::Assessment& after);

// ASSESSMENT_SUBMITTED where a submitted one would be deleted.
absl::Status AccompanyAssessment(const store::Store& store, const call::Call& call,
                                 sql::Transaction& transaction, const v1::Assessment* before,
                                 const v1::Assessment& after);

// Means of the levels, over all and by domain in the framework's order.
void ScoreAssessment(const v1::CapacityFramework& framework, v1::Assessment& assessment);

// Changes for RPCs: FAILED_PRECONDITION with ASSESSMENT_SUBMITTED, NOTHING_ANSWERED
// or STATE_STEP.
absl::Status AddAnswers(const google::protobuf::RepeatedPtrField<v1::Answer>& answers,
                        v1::Assessment& assessment);
absl::Status Submit(absl::Time now, v1::Assessment& assessment);
absl::Status Verify(absl::Time now, absl::string_view note, v1::Assessment& assessment);

inline bool IsSubmitted(const v1::Assessment& assessment) {
  return assessment.state() >= v1::Assessment::SUBMITTED;
}

}  // namespace mostove::organizations
