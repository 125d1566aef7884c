// Passwords of people: which are good enough, and their hashes (argon2id).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/status/status.h"

namespace mostove::identity {

inline constexpr int kPasswordLengthMin = 12;   // code points
inline constexpr int kPasswordLengthMax = 128;  // code points

// Adds what is wrong with a new password, which is in NFC: TOO_SHORT, TOO_LONG,
// PASSWORD_COMMON (one of the commonest, also with figures or signs around it, or
// of less than five different characters), PASSWORD_HAS_ADDRESS.
void CheckPassword(absl::string_view password, absl::string_view email, absl::string_view path,
                   status::Violations& violations);

// Some 20 ms and 19 MiB a hash by default (OWASP's choice for argon2id).
struct PasswordCost {
  uint32_t memory_kib = 19456;
  uint32_t passes = 2;
  uint32_t lanes = 1;
  int at_once_max = 0;   // hashes that are computed at a time; 0: one per core, 8 at most
  int waiting_max = 16;  // callers that wait for their turn; more are refused at once
};

// Safe for all threads; blocks the calling one.
class PasswordHasher {
 public:
  explicit PasswordHasher(const PasswordCost& cost);

  // With its parameters and a random salt: "$argon2id$v=19$m=…". UNAVAILABLE,
  // reason SIGN_IN_BUSY with a RetryInfo, when too many want one at once.
  absl::StatusOr<std::string> Hash(absl::string_view password, absl::Time deadline);
  // An empty hash, of an account that there is not, takes as long as another and
  // matches nothing.
  absl::StatusOr<bool> Matches(absl::string_view password, const std::string& hash,
                               absl::Time deadline);
  // How many were computed until now.
  int64_t computed() const { return computed_; }

 private:
  class Turn;
  const PasswordCost cost_;
  const int at_once_max_;
  std::string nobodys_hash_;
  std::atomic<int64_t> computed_ = 0;
  std::mutex mutex_;
  std::condition_variable freed_;
  int running_ = 0;
  int waiting_ = 0;
};

}  // namespace mostove::identity
