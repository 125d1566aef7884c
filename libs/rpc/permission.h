// Whether a caller may call an RPC at all, and for whom it acts there.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/call/call.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::rpc {

// What a method asks of its callers, made from its annotations.
struct Permission {
  resource::v1::Audience allow = resource::v1::AUDIENCE_UNSPECIFIED;
  uint32_t roles = 0;     // with OWNER; bits as in call::Grant
  bool self = false;      // with OWNER: or whoever it belongs to
  bool services = false;  // programs of the installation may
  bool feeds = false;     // feed keys may
  uint32_t scopes = 0;    // one of these, as bits of call::Scope
};

Permission MakePermission(const resource::v1::Permission& annotation);

// "names no roles": what is wrong with it; "" for nothing.
std::string FaultOf(const Permission& permission);

// Sets the caller's `acts_for`, and for a read with OWNER narrows what the
// caller sees to that. A program that may call sees and writes everything. OWNER
// asks only that the caller acts for something: which resource the request names
// is for the store, which has the row.
//
// UNAUTHENTICATED, reason SIGN_IN_REQUIRED, for callers without a name; else
// PERMISSION_DENIED, reason INSUFFICIENT_SCOPE, MEMBERSHIP_REQUIRED,
// ROLE_REQUIRED, ADMINISTRATOR_REQUIRED or PROGRAM_NOT_ALLOWED.
absl::Status Permit(const Permission& permission, call::Caller& caller);

}  // namespace mostove::rpc
