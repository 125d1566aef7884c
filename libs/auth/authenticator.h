// Who sends a request: the one question that every way in asks.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"

namespace mostove::auth {

class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // `authorization`: the header field of that name, "Bearer …"; "" answers with
  // an anonymous caller. UNAUTHENTICATED with a reason (TOKEN_INVALID,
  // TOKEN_EXPIRED, SESSION_ENDED, ACCOUNT_DISABLED, SCHEME_UNKNOWN) for whatever
  // is not proven; UNAVAILABLE, reason IDENTITY_AWAY, while keys and grants have
  // not been learned. For all threads; does not block and asks nobody.
  virtual absl::StatusOr<call::Caller> Authenticate(absl::string_view authorization) const = 0;

  // Whether a caller that was authenticated some time ago still is: for streams.
  // UNAUTHENTICATED with the reason otherwise.
  virtual absl::Status CheckStillValid(const call::Caller& caller) const = 0;
};

}  // namespace mostove::auth
