// How programs of one installation tell each other who asks. Private ports
// believe it; public ones must not.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"
#include "libs/rpc/grpc_server.h"

namespace mostove::rpc {

inline constexpr char kCallerMetadata[] = "mostove-caller-bin";
// Of a request: call::Call::min_position. Behind an answer: call::Outcome::position.
inline constexpr char kPositionMetadata[] = "change-position";

// The value of kCallerMetadata: a mostove.call.v1.Caller.
std::string EncodeCaller(const call::Caller& caller);
// UNAUTHENTICATED, reason CALLER_MALFORMED, for other bytes.
absl::StatusOr<call::Caller> DecodeCaller(absl::string_view bytes);

// The CallerOf of private ports: who the metadata name, or nobody.
absl::StatusOr<call::Caller> BelieveCaller(const MetadataReader& metadata);

}  // namespace mostove::rpc
