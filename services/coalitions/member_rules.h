// What is particular to memberships: pure functions on the message.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"
#include "libs/status/status.h"
#include "libs/store/neighbours.h"
#include "mostove/coalitions/v1/member.pb.h"

namespace mostove::coalitions {

// Takes over the coalition's conveners. Reason, on organization:
// MEMBERSHIP_OVERLAPS (another membership of it in this coalition may hold on
// one of the same days).
absl::Status SettleMember(const store::Neighbours& neighbours, v1::Member& member,
                          absl::string_view path, status::Violations& violations);

// An organization cannot make itself a member: conveners and administrators
// write memberships. The organization itself can end its own: it may set
// end_date or bring it forward. PERMISSION_DENIED with reason CONVENER_REQUIRED.
absl::Status CheckMemberWriter(const call::Caller& caller, const v1::Member* before,
                               const v1::Member& after);

}  // namespace mostove::coalitions
