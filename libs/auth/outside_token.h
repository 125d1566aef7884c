// Tokens of an outside OpenID provider.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/auth/keys.h"

namespace mostove::auth {

struct OutsideProvider {
  std::string issuer;    // exact
  std::string audience;  // our client id there
  KeySet keys;           // of its JWKS; see ParseKeySet
};

struct OutsideClaims {
  std::string subject;  // unique at the provider
  std::string email;    // "": not told
  bool email_verified = false;
  std::string display_name;  // claim `name`; "": not told
  std::string token_id;      // claim `jti`; "": none
  absl::Time issue_time;
  absl::Time expire_time;
};

// The claims of an ID token (or a JWT assertion) that the provider made for us.
// EdDSA, ES256 and RS256 only, by the key with the header's kid and of that
// algorithm; headers jku, jwk, x5u, x5c and crit are refused; 16 KiB at most;
// `azp`, if there, has to be our audience too when there are several. Asks nobody.
//
// UNAUTHENTICATED, reason TOKEN_EXPIRED or TOKEN_INVALID.
absl::StatusOr<OutsideClaims> VerifyOutside(absl::string_view token,
                                            const OutsideProvider& provider, absl::Time now);

}  // namespace mostove::auth
