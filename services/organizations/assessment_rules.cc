#include "services/organizations/assessment_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/digest/digest.h"
#include "libs/domain/date.h"
#include "libs/domain/path.h"
#include "libs/domain/steps.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/store/log_entry.h"
#include "services/organizations/capacity_framework_rules.h"

namespace mostove::organizations {
namespace {

using domain::Join;
using v1::Assessment;
using v1::CapacityScore;

constexpr domain::Step<Assessment::State> kSteps[] = {
    {Assessment::IN_PREPARATION, Assessment::SUBMITTED},
    {Assessment::SUBMITTED, Assessment::VERIFIED},
};

absl::Status Submitted() {
  return status::Precondition("ASSESSMENT_SUBMITTED",
                              "a submitted assessment stays as it is; a correction is a new "
                              "assessment");
}

std::string DigestOf(const Assessment& assessment) {
  std::string bytes;
  for (const v1::Answer& answer : assessment.answers()) {
    const std::string one = answer.SerializeAsString();  // no maps: the same bytes each time
    absl::StrAppend(&bytes, one.size(), ":", one);
  }
  return digest::Sha256Hex(bytes);
}

// What a submission fixes.
Assessment Fixed(const Assessment& assessment) {
  Assessment fixed;
  fixed.set_framework(assessment.framework());
  fixed.set_kind(assessment.kind());
  *fixed.mutable_assess_date() = assessment.assess_date();
  fixed.set_facilitator(assessment.facilitator());
  *fixed.mutable_answers() = assessment.answers();
  return fixed;
}

void CheckFacilitator(const Assessment& assessment, absl::string_view path,
                      status::Violations& violations) {
  const std::string& facilitator = assessment.facilitator();
  if (assessment.kind() == Assessment::SELF) {
    if (!facilitator.empty()) {
      violations.Add(path, "FACILITATOR", "has to be left out of a self-assessment");
    }
  } else if (facilitator.empty()) {
    violations.Add(path, "REQUIRED", "has to name the organization that asks");
  } else if (facilitator == resource::ParentOf(assessment.name())) {
    violations.Add(path, "SELF", "has to be another organization than the one that is assessed");
  }
}

}  // namespace

void PrepareAssessment(Assessment& assessment) {
  if (assessment.state() == Assessment::STATE_UNSPECIFIED) {
    assessment.set_state(Assessment::IN_PREPARATION);
  }
  if (assessment.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    assessment.set_publication(common::v1::DRAFT);
  }
  assessment.set_answers_digest(DigestOf(assessment));
}

void CheckAssessment(const Assessment& assessment, absl::CivilDay today, absl::string_view path,
                     status::Violations& violations) {
  std::set<std::string> answered;
  for (int i = 0; i < assessment.answers_size(); ++i) {
    if (!answered.insert(assessment.answers(i).criterion()).second) {
      violations.Add(Join(path, absl::StrCat("answers[", i, "].criterion")), "DUPLICATE",
                     "has to be answered once");
    }
  }
  if (domain::IsAfter(assessment.assess_date(), today)) {
    violations.Add(Join(path, "assess_date"), "FUTURE", "has to be today or earlier");
  }
  CheckFacilitator(assessment, Join(path, "facilitator"), violations);
}

void ScoreAssessment(const v1::CapacityFramework& framework, Assessment& assessment) {
  std::map<std::string, int> levels;
  for (const v1::Answer& answer : assessment.answers()) {
    levels[answer.criterion()] = answer.level();
  }
  assessment.clear_domain_scores();
  CapacityScore& overall = *assessment.mutable_score();
  overall.Clear();
  int overall_sum = 0;
  for (const v1::CapacityDomain& domain : framework.domains()) {
    CapacityScore& score = *assessment.add_domain_scores();
    score.set_domain(domain.code());
    score.set_criteria(domain.criteria_size());
    int sum = 0;
    for (const v1::CapacityCriterion& criterion : domain.criteria()) {
      const auto level = levels.find(criterion.code());
      if (level == levels.end()) continue;
      sum += level->second;
      score.set_answered(score.answered() + 1);
    }
    if (score.answered() > 0) score.set_mean(static_cast<double>(sum) / score.answered());
    overall_sum += sum;
    overall.set_answered(overall.answered() + score.answered());
    overall.set_criteria(overall.criteria() + score.criteria());
  }
  if (overall.answered() > 0) {
    overall.set_mean(static_cast<double>(overall_sum) / overall.answered());
  }
}

absl::Status SettleAssessment(const store::Neighbours& neighbours, Assessment& assessment,
                              absl::string_view path, status::Violations& violations) {
  ASSIGN_OR_RETURN(const auto framework,
                   neighbours.Find<v1::CapacityFramework>(assessment.framework()));
  if (!framework) return absl::OkStatus();  // the store refuses that by itself
  if (framework->state() == v1::CapacityFramework::PREPARED) {
    violations.Add(Join(path, "framework"), "FRAMEWORK_PREPARED",
                   "has to be a framework that is in use");
  }
  const auto criteria = CriteriaOf(*framework);
  for (int i = 0; i < assessment.answers_size(); ++i) {
    if (criteria.count(assessment.answers(i).criterion()) == 0) {
      violations.Add(Join(path, absl::StrCat("answers[", i, "].criterion")), "CRITERION",
                     "has to be the code of a criterion of the framework");
    }
  }
  ScoreAssessment(*framework, assessment);
  return absl::OkStatus();
}

absl::Status CheckAssessmentChange(const Assessment& before, const Assessment& after) {
  RETURN_IF_ERROR(domain::CheckStep("state", kSteps, before.state(), after.state()));
  if (IsSubmitted(before) &&
      !google::protobuf::util::MessageDifferencer::Equals(Fixed(before), Fixed(after))) {
    return Submitted();
  }
  return absl::OkStatus();
}

absl::Status AccompanyAssessment(const store::Store&, const call::Call&, sql::Transaction&,
                                 const Assessment* before, const Assessment& after) {
  const bool deleted = before != nullptr && !before->has_delete_time() && after.has_delete_time();
  return deleted && IsSubmitted(*before) ? Submitted() : absl::OkStatus();
}

absl::Status AddAnswers(const google::protobuf::RepeatedPtrField<v1::Answer>& answers,
                        Assessment& assessment) {
  if (IsSubmitted(assessment)) return Submitted();
  auto& present = *assessment.mutable_answers();
  for (const v1::Answer& answer : answers) {
    const auto same = std::find_if(present.begin(), present.end(), [&](const v1::Answer& other) {
      return other.criterion() == answer.criterion();
    });
    (same != present.end() ? *same : *present.Add()) = answer;
  }
  return absl::OkStatus();
}

absl::Status Submit(absl::Time now, Assessment& assessment) {
  if (IsSubmitted(assessment)) return Submitted();
  if (assessment.answers().empty()) {
    return status::Precondition("NOTHING_ANSWERED",
                                "an assessment needs an answer before it is submitted");
  }
  assessment.set_state(Assessment::SUBMITTED);
  store::SetTimestamp(now, *assessment.mutable_submit_time());
  return absl::OkStatus();
}

absl::Status Verify(absl::Time now, absl::string_view note, Assessment& assessment) {
  RETURN_IF_ERROR(domain::CheckStep("state", kSteps, assessment.state(), Assessment::VERIFIED));
  if (assessment.state() == Assessment::VERIFIED) {
    return status::Precondition("ASSESSMENT_VERIFIED", "the assessment has been verified before");
  }
  assessment.set_state(Assessment::VERIFIED);
  store::SetTimestamp(now, *assessment.mutable_verify_time());
  assessment.set_verify_note(std::string(note));
  return absl::OkStatus();
}

}  // namespace mostove::organizations
