// Metadata by which programs of one installation tell each other more than gRPC
// has words for.
#pragma once

namespace mostove::rpc {

// Of a request: call::Call::authorization, as it came; the asked program judges it
// itself.
inline constexpr char kAuthorizationMetadata[] = "authorization";
// Of a request that a program makes in its own name: "funding". Believed only from
// those who prove it (auth::Identity::CallersBetweenServices).
inline constexpr char kServiceMetadata[] = "mostove-service";
// Of a request: call::Call::min_position. Behind an answer: call::Outcome::position.
inline constexpr char kPositionMetadata[] = "change-position";

}  // namespace mostove::rpc
