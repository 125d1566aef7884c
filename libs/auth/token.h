// Access tokens of this installation: a JWT (RFC 9068) that says who asks, in
// which session and through which client, and nothing of what they may do.
#pragma once

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/auth/keys.h"

namespace mostove::auth {

inline constexpr char kAudience[] = "mostove";
inline constexpr size_t kTokenBytesMax = 4096;
// No token holds longer; one that says so is none of ours.
inline constexpr absl::Duration kTokenLifeMax = absl::Hours(24);

struct TokenClaims {
  std::string issuer;   // "http://127.0.0.1:8080": setting auth.issuer
  std::string subject;  // "users/<uuid>", "apiClients/sofia-help-app"
  std::string session;  // the uuid of sessions/<uuid>
  std::string client;   // id of an API client: "phone-app"; "": none
  uint32_t scopes = 0;  // bits of call::Scope; read and write
  // Seconds: what is finer is cut off.
  absl::Time issue_time;
  absl::Time expire_time;

  bool operator==(const TokenClaims&) const = default;
};

// "read write" to and from bits of call::Scope. Other words: INVALID_ARGUMENT,
// reason INVALID_SCOPE.
std::string ScopeText(uint32_t scopes);
absl::StatusOr<uint32_t> ParseScopes(absl::string_view text);

// INVALID_ARGUMENT when claims are missing or malformed, so that no token is
// made that Verify would refuse.
absl::StatusOr<std::string> Sign(const SigningKey& key, const TokenClaims& claims);

// The key of this id; null: there is none. Valid while Verify runs.
using FindKey = absl::FunctionRef<const PublicKey*(absl::string_view id)>;

// The claims of a token that is ours: alg EdDSA, typ at+jwt, signed by one of the
// keys, issuer and audience as they have to be, not expired, and issued at most
// 30 s in the future. A header with anything but alg, typ and kid is refused, so
// nothing in a token names a key or an address. Asks nobody.
//
// UNAUTHENTICATED, reason TOKEN_EXPIRED or TOKEN_INVALID; the message says nothing
// of the token's text.
absl::StatusOr<TokenClaims> Verify(absl::string_view token, FindKey find_key,
                                   absl::string_view issuer, absl::Time now);

}  // namespace mostove::auth
