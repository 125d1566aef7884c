// Who sends a request: the one question that every way in asks.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"

namespace mostove::auth {

class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // `authorization`: the header field of that name. "Bearer …" is a token; "Basic …"
  // a feed key, its password, whatever the name (FeedKeyAuthorization makes one of
  // a key alone); "" answers with an anonymous caller.
  //
  // UNAUTHENTICATED for whatever is not proven, with the reason TOKEN_INVALID,
  // TOKEN_EXPIRED, FEED_KEY_INVALID, SESSION_ENDED, ACCOUNT_DISABLED or
  // SCHEME_UNKNOWN; UNAVAILABLE, reason IDENTITY_AWAY, while keys and grants, or
  // this very caller, have not been learned. For all threads; does not block and
  // asks nobody.
  virtual absl::StatusOr<call::Caller> Authenticate(absl::string_view authorization) const = 0;

  // Whether a caller that was authenticated some time ago still is and holds the
  // same roles: for streams. UNAUTHENTICATED with the reason otherwise; ABORTED,
  // reason ROLES_CHANGED, when the same token now makes another caller.
  virtual absl::Status CheckStillValid(const call::Caller& caller) const = 0;
};

// The authorization that a feed key given by itself (parameter `key`) stands for.
std::string FeedKeyAuthorization(absl::string_view key);

}  // namespace mostove::auth
