// Whether a caller may call an RPC at all.
#pragma once

#include "absl/status/status.h"
#include "libs/call/call.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::rpc {

// OWNER asks only that the caller acts for some organization: which resource
// the request names is for the store, which has the row.
//
// UNAUTHENTICATED, reason SIGN_IN_REQUIRED, for callers without a name; else
// PERMISSION_DENIED, reason MEMBERSHIP_REQUIRED, ORGANIZATION_REQUIRED or
// ADMINISTRATOR_REQUIRED.
absl::Status CheckPermission(const call::Caller& caller, resource::v1::Audience allow);

}  // namespace mostove::rpc
