// What makes a repeated write recognizable (AIP-155).
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/rpc/service_table.h"

namespace mostove::rpc {

// Sets the call's idempotency_key and request_hash from the request's
// request_id or, if that is empty, from the key that the call brought, which is
// put into the request so that its limits are checked. Methods without a
// request_id have no key. INVALID_ARGUMENT on request_id when both are given
// and differ.
absl::Status TakeIdempotencyKey(const Method& method, call::Call& call,
                                google::protobuf::Message& request);

}  // namespace mostove::rpc
