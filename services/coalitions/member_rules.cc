#include "services/coalitions/member_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "libs/domain/path.h"
#include "libs/resource/name.h"
#include "libs/resource/value_checks.h"
#include "libs/status/macros.h"
#include "mostove/coalitions/v1/coalition.pb.h"

namespace mostove::coalitions {
namespace {

using v1::Member;

// An open end goes on for ever.
bool EndsBefore(const Member& one, const Member& other) {
  return one.has_end_date() && other.has_start_date() &&
         resource::IsBefore(one.end_date(), other.start_date());
}

bool Overlap(const Member& one, const Member& other) {
  return !EndsBefore(one, other) && !EndsBefore(other, one);
}

bool ActsForAConvener(const call::Caller& caller, const Member& member) {
  return std::any_of(member.conveners().begin(), member.conveners().end(),
                     [&](const std::string& convener) {
                       return std::find(caller.acts_for.begin(), caller.acts_for.end(), convener) !=
                              caller.acts_for.end();
                     });
}

// Whether nothing but an earlier end tells them apart.
bool OnlyEnds(const Member& before, Member after) {
  if (!after.has_end_date()) return false;
  if (before.has_end_date() && resource::IsBefore(before.end_date(), after.end_date()))
    return false;
  after.clear_end_date();
  Member same = before;
  same.clear_end_date();
  for (Member* member : {&same, &after}) {
    member->clear_etag();
    member->clear_update_time();
  }
  return google::protobuf::util::MessageDifferencer::Equals(same, after);
}

}  // namespace

absl::Status SettleMember(const store::Neighbours& neighbours, Member& member,
                          absl::string_view path, status::Violations& violations) {
  const std::string parent(resource::ParentOf(member.name()));
  ASSIGN_OR_RETURN(const auto coalition, neighbours.Hold<v1::Coalition>(parent));
  if (coalition) *member.mutable_conveners() = coalition->conveners();
  // Those of the organization: a coalition may have thousands.
  ASSIGN_OR_RETURN(const std::vector<Member> memberships,
                   neighbours.With<Member>("organization", member.organization()));
  for (const Member& other : memberships) {
    if (other.name() == member.name() || resource::ParentOf(other.name()) != parent ||
        !Overlap(member, other)) {
      continue;
    }
    violations.Add(domain::Join(path, "organization"), "MEMBERSHIP_OVERLAPS",
                   "has to be a member once at a time: end the other membership before this "
                   "one begins");
    break;
  }
  return absl::OkStatus();
}

absl::Status CheckMemberWriter(const call::Caller& caller, const Member* before,
                               const Member& after) {
  if (caller.administrator || ActsForAConvener(caller, before == nullptr ? after : *before)) {
    return absl::OkStatus();
  }
  if (before != nullptr && OnlyEnds(*before, after)) return absl::OkStatus();
  return status::PermissionDenied(
      "CONVENER_REQUIRED",
      "only the coalition's conveners write memberships; a member can end its own by end_date");
}

}  // namespace mostove::coalitions
