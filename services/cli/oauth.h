// The gateway's OAuth 2 addresses (RFC 6749, 7009).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/cli/api.h"

namespace mostove::cli {

struct Tokens {
  std::string access;
  std::string refresh;     // "": there is none
  absl::Time expire_time;  // of `access`
};

// Names and values of a form, unencoded: {"grant_type", "password"}.
using Form = std::vector<std::pair<std::string, std::string>>;

// POST /oauth2/token. UNAUTHENTICATED with the code of RFC 6749 in upper case as
// its reason (INVALID_GRANT, INVALID_CLIENT, ...), and that of the way there.
absl::StatusOr<Tokens> RequestTokens(const Transport& transport, const Form& form);

// POST /oauth2/revoke: ends the session of a token.
absl::Status RevokeToken(const Transport& transport, absl::string_view token);

}  // namespace mostove::cli
