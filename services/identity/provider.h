// People whom an outside OpenID provider signs in.
#pragma once

#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "libs/auth/outside_token.h"
#include "libs/call/call.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/user.pb.h"
#include "services/identity/options.h"

namespace mostove::identity {

class Provider {
 public:
  Provider(const store::Store& store, const ProviderOptions& options)
      : store_(store), options_(options) {}

  // The user of an ID token of the provider; made when it is the first time and a
  // user of its verified address, an open invitation to it, or the setting
  // `create_users` allows it. INVALID_ARGUMENT, reason INVALID_GRANT, otherwise;
  // UNSUPPORTED_GRANT_TYPE when there is no provider; UNAVAILABLE, reason
  // PROVIDER_AWAY, while its keys cannot be read. May ask the provider for its keys:
  // blocks for up to five seconds.
  absl::StatusOr<v1::User> SignIn(const call::Call& call, const std::string& token);

 private:
  absl::StatusOr<auth::KeySet> Keys(const call::Call& call, bool anew);
  absl::StatusOr<auth::OutsideClaims> Verify(const call::Call& call, const std::string& token);
  absl::StatusOr<v1::User> UserOf(const call::Call& call, const auth::OutsideClaims& claims);

  const store::Store& store_;
  const ProviderOptions& options_;
  std::mutex mutex_;  // one fetch at a time
  auth::KeySet keys_;
  absl::Time fetch_time_ = absl::InfinitePast();
};

}  // namespace mostove::identity
