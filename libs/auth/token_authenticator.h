// Callers by their tokens and feed keys.
#pragma once

#include <functional>
#include <string>

#include "libs/auth/authenticator.h"
#include "libs/auth/directory.h"
#include "libs/auth/token_cache.h"

namespace mostove::auth {

struct TokenAuthenticatorOptions {
  const Directory* directory = nullptr;  // outlives the authenticator
  std::string issuer;                    // of our own tokens
  size_t tokens_max = 16'384;            // that are kept; a kilobyte each
  std::function<absl::Time()> clock = [] { return absl::Now(); };
  // A caller is not known yet: the directory should look. Must not block; may be
  // empty.
  std::function<void()> behind;
};

class TokenAuthenticator final : public Authenticator {
 public:
  explicit TokenAuthenticator(TokenAuthenticatorOptions options);

  absl::StatusOr<call::Caller> Authenticate(absl::string_view authorization) const override;
  absl::Status CheckStillValid(const call::Caller& caller) const override;

  size_t tokens_kept() const { return cache_.size(); }

 private:
  absl::StatusOr<call::Caller> ByToken(absl::string_view token) const;
  absl::StatusOr<call::Caller> ByFeedKey(absl::string_view credentials) const;

  const TokenAuthenticatorOptions options_;
  mutable TokenCache cache_;
};

}  // namespace mostove::auth
