// What identity's change log says of who may ask: signing keys, living users and
// API clients, their roles, ended sessions and feed keys. In memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/auth/token.h"
#include "libs/call/call.h"
#include "libs/follower/follower.h"

namespace mostove::auth {

// Types of identity's resources that a directory learns of.
std::vector<std::string> DirectoryTypes();

class Directory {
 public:
  Directory();
  ~Directory();

  // ---- what is known. For all threads.

  // The log was read to its end once. Until then nobody is known.
  bool known() const { return known_.load(std::memory_order_acquire); }
  // Grows with every change that may concern somebody who is known already: what
  // was computed at the same version stands.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

  // As Verify; the key's id in `key_id`.
  absl::StatusOr<TokenClaims> VerifyToken(absl::string_view token, absl::string_view issuer,
                                          absl::Time now, std::string& key_id) const;

  struct Bearer {
    call::Caller caller;
    // It has to be asked again then, whatever the version.
    absl::Time valid_until;
  };
  // Who the bearer of a verified token is. UNAUTHENTICATED, reason TOKEN_INVALID
  // (the key was revoked), SESSION_ENDED or ACCOUNT_DISABLED; UNAVAILABLE, reason
  // IDENTITY_AWAY, for somebody so new that the log has not told of them yet.
  absl::StatusOr<Bearer> BearerOf(const TokenClaims& claims, absl::string_view key_id,
                                  absl::Time now) const;
  // Of a feed key's text. UNAUTHENTICATED, reason FEED_KEY_INVALID or ACCOUNT_DISABLED.
  absl::StatusOr<Bearer> BearerOfFeedKey(absl::string_view key, absl::Time now) const;

  // See Authenticator::CheckStillValid.
  absl::Status CheckStillValid(const call::Caller& caller, absl::Time now) const;

  // ---- what is learned. By one thread.

  void Apply(const follower::Changes& changes);
  // The log begins anew. What was known goes on until the new one was read to its
  // end.
  void StartAgain();
  void AtEnd(absl::Time now);

 private:
  struct Knowledge;

  mutable std::shared_mutex mutex_;
  std::unique_ptr<Knowledge> knowledge_;  // guarded by mutex_; null before the first end
  std::unique_ptr<Knowledge> coming_;     // the learner's: until the log was read to its end
  std::atomic<bool> known_ = false;
  std::atomic<uint64_t> version_ = 1;
  absl::Time cleaned_ = absl::InfinitePast();  // the learner's
};

}  // namespace mostove::auth
