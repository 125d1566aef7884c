// The token that requests bring.
#pragma once

#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/cli/api.h"
#include "services/cli/session_file.h"

namespace mostove::cli {

// Gives the token of the session that is kept, and gets a new one when it ends:
// one run of the command line at a time does, the others find it in the file.
// For all threads.
class SessionTokens {
 public:
  SessionTokens(SessionFile file, Transport transport)
      : file_(std::move(file)), transport_(std::move(transport)) {}

  // "" when nobody is signed in. `refused`: the token that the server did not
  // take, though it should last; "" at first. UNAUTHENTICATED, reason
  // SESSION_ENDED, when there will be no other.
  absl::StatusOr<std::string> Get(absl::string_view refused);

 private:
  absl::StatusOr<std::string> Renew(absl::string_view refused);

  const SessionFile file_;
  const Transport transport_;
  std::mutex mutex_;
  std::string token_;  // guarded by mutex_, as what follows
  absl::Time expire_time_ = absl::InfinitePast();
};

// New tokens for a session that is kept, with its refresh token or secret.
absl::StatusOr<Tokens> RefreshTokens(const Transport& transport, const KeptSession& session);

}  // namespace mostove::cli
