#include "services/organizations/capacity_methods.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/domain/date.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/assessment_rules.h"
#include "services/organizations/capacity_readings.h"
#include "services/organizations/own_methods.h"

namespace mostove::organizations {
namespace {

using call::Call;
using store::ResourceStore;
using store::Store;
using v1::Assessment;

constexpr int kGapBelow = 3;

absl::StatusOr<Assessment> AnswerAssessment(const Store& store, const Call& call,
                                            const v1::AnswerAssessmentRequest& request) {
  return ResourceStore<Assessment>(store).Modify(
      call, request.name(), request.etag(),
      [&](Assessment& assessment) { return AddAnswers(request.answers(), assessment); });
}

absl::StatusOr<Assessment> SubmitAssessment(const Store& store, const Call& call,
                                            const v1::SubmitAssessmentRequest& request) {
  return ResourceStore<Assessment>(store).Modify(
      call, request.name(), request.etag(),
      [&](Assessment& assessment) { return Submit(call.Now(), assessment); });
}

absl::StatusOr<Assessment> VerifyAssessment(const Store& store, const Call& call,
                                            const v1::VerifyAssessmentRequest& request) {
  return ResourceStore<Assessment>(store).Modify(
      call, request.name(), request.etag(),
      [&](Assessment& assessment) { return Verify(call.Now(), request.note(), assessment); });
}

// ---- readings

absl::CivilDay DayOf(const Call& call, const google::type::Date& date) {
  return date.year() == 0 ? domain::Today(call.Now()) : domain::LastDay(date);
}

// Names of those in the group; all when `wanted` is false.
struct Members {
  bool wanted = false;
  std::set<std::string> names;
  bool Has(absl::string_view name) const { return !wanted || names.count(std::string(name)) > 0; }
};

absl::StatusOr<Members> MembersOf(const Store& store, const Call& call,
                                  const v1::CapacityGroup& group) {
  Members members;
  std::string filter;
  if (!group.oblast_code().empty()) {
    absl::StrAppend(&filter, "seat.area.code = \"", group.oblast_code(), "\"");
  }
  if (group.kind() != v1::Organization::ORGANIZATION_KIND_UNSPECIFIED) {
    absl::StrAppend(&filter, filter.empty() ? "" : " AND ",
                    "kind = ", v1::Organization::OrganizationKind_Name(group.kind()));
  }
  if (filter.empty()) return members;
  members.wanted = true;
  ASSIGN_OR_RETURN(const auto organizations, ReadAll<v1::Organization>(store, call, "", filter));
  for (const v1::Organization& organization : organizations) {
    members.names.insert(organization.name());
  }
  return members;
}

// Submitted ones that the caller sees, with the answers that the caller sees.
template <class Request>
absl::StatusOr<Assessments> ReadAssessments(const Store& store, const Call& call,
                                            const Request& request) {
  std::string filter = "(state = SUBMITTED OR state = VERIFIED)";
  if (!request.framework().empty()) {
    if (!resource::MatchesName(*resource::TypeOf(v1::CapacityFramework::descriptor()),
                               request.framework())) {
      return status::InvalidField("framework", "NAME",
                                  "has to be the name of a framework: capacityFrameworks/opi-1");
    }
    absl::StrAppend(&filter, " AND framework = \"", request.framework(), "\"");
  }
  ASSIGN_OR_RETURN(const Members members, MembersOf(store, call, request.group()));
  ASSIGN_OR_RETURN(Assessments all, ReadAll<Assessment>(store, call, request.parent(), filter));
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const Assessment& assessment) {
                             return !members.Has(
                                 store.aliases().Resolve(resource::ParentOf(assessment.name())));
                           }),
            all.end());
  for (Assessment& assessment : all) {
    if (!SeesAsOwner(call.caller, resource::ParentOf(assessment.name()))) {
      assessment.clear_answers();
    }
  }
  return all;
}

absl::StatusOr<Frameworks> ReadFrameworks(const Store& store, const Call& call) {
  ASSIGN_OR_RETURN(auto all, ReadAll<v1::CapacityFramework>(store, call, "", ""));
  Frameworks frameworks;
  for (v1::CapacityFramework& framework : all) {
    const std::string name = framework.name();
    frameworks[name] = std::move(framework);
  }
  return frameworks;
}

absl::StatusOr<v1::ReadLatestCapacityResponse> ReadLatestCapacity(
    const Store& store, const Call& call, const v1::ReadLatestCapacityRequest& request) {
  ASSIGN_OR_RETURN(const Assessments assessments, ReadAssessments(store, call, request));
  return LatestCapacity(assessments, DayOf(call, request.date()), store.aliases());
}

absl::StatusOr<v1::CompareCapacityResponse> CompareCapacity(
    const Store& store, const Call& call, const v1::CompareCapacityRequest& request) {
  ASSIGN_OR_RETURN(const Assessments assessments, ReadAssessments(store, call, request));
  ASSIGN_OR_RETURN(const Frameworks frameworks, ReadFrameworks(store, call));
  const absl::CivilDay day = DayOf(call, request.date());
  v1::CompareCapacityResponse response;
  for (auto& difference :
       Differences(LatestOfEach(assessments, day, Assessment::SELF, store.aliases()),
                   LatestOfEach(assessments, day, Assessment::FACILITATED, store.aliases()),
                   frameworks, store.aliases())) {
    *response.add_differences() = std::move(difference);
  }
  return response;
}

absl::StatusOr<v1::ReadCapacityChangeResponse> ReadCapacityChange(
    const Store& store, const Call& call, const v1::ReadCapacityChangeRequest& request) {
  const absl::CivilDay start = DayOf(call, request.start_date());
  const absl::CivilDay end = DayOf(call, request.end_date());
  if (end < start) {
    return status::InvalidField("end_date", "END_BEFORE_START",
                                "has to be the same as start_date or later");
  }
  const Assessment::Kind kind =
      request.kind() == Assessment::KIND_UNSPECIFIED ? Assessment::SELF : request.kind();
  ASSIGN_OR_RETURN(const Assessments assessments, ReadAssessments(store, call, request));
  ASSIGN_OR_RETURN(const Frameworks frameworks, ReadFrameworks(store, call));
  v1::ReadCapacityChangeResponse response;
  for (auto& difference : Differences(LatestOfEach(assessments, start, kind, store.aliases()),
                                      LatestOfEach(assessments, end, kind, store.aliases()),
                                      frameworks, store.aliases())) {
    *response.add_differences() = std::move(difference);
  }
  return response;
}

absl::StatusOr<v1::ReadCapacityGapsResponse> ReadCapacityGaps(
    const Store& store, const Call& call, const v1::ReadCapacityGapsRequest& request) {
  ASSIGN_OR_RETURN(const Assessments assessments, ReadAssessments(store, call, request));
  ASSIGN_OR_RETURN(const Frameworks frameworks, ReadFrameworks(store, call));
  const int below = request.below() == 0 ? kGapBelow : request.below();
  v1::ReadCapacityGapsResponse response;
  for (auto& gap :
       Gaps(LatestOfEach(assessments, DayOf(call, request.date()), request.kind(), store.aliases()),
            frameworks, below)) {
    *response.add_gaps() = std::move(gap);
  }
  return response;
}

}  // namespace

std::vector<call::UnaryMethod> CapacityMethods(const Store& store) {
  return {Own("AnswerAssessment", store, AnswerAssessment),
          Own("SubmitAssessment", store, SubmitAssessment),
          Own("VerifyAssessment", store, VerifyAssessment),
          Own("ReadLatestCapacity", store, ReadLatestCapacity),
          Own("CompareCapacity", store, CompareCapacity),
          Own("ReadCapacityChange", store, ReadCapacityChange),
          Own("ReadCapacityGaps", store, ReadCapacityGaps)};
}

}  // namespace mostove::organizations
