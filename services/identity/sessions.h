// Sessions, and the refresh tokens that carry them on.
//
// A refresh token is "<session>|<random>|<tag>" as base64url: the tag,
// which only the installation's key makes, says that it is ours, so that one row a
// session is enough to tell a token that was used from one that never was.
//
// Of all tokens that a session was ever given, one is valid. One that is not is
// shown by somebody who has stolen it, or from whom it was stolen: the session ends.
// The exception is for an answer that was lost: within 10 s, from the same address
// and once, the token before is taken again, and then the one that was given for it
// counts as used. Whoever else has either is found out at the next turn.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/call/call.h"
#include "libs/sql/sql.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/session.pb.h"
#include "services/identity/options.h"
#include "services/identity/vault.h"

namespace mostove::identity {

inline constexpr absl::Duration kLostAnswerTime = absl::Seconds(10);

// ---- in a transaction

// `client`: "apiClients/phone-app", or "".
absl::StatusOr<v1::Session> BeginSession(const store::Store& store, const call::Call& call,
                                         sql::Transaction& transaction, const std::string& subject,
                                         const std::string& client, absl::Time expire_time);
// What has ended already stays as it is.
absl::Status EndSession(const store::Store& store, const call::Call& call,
                        sql::Transaction& transaction, const std::string& name,
                        v1::RevokeReason reason);
// All that live, but for `except`; how many.
absl::StatusOr<int> EndSessionsOf(const store::Store& store, const call::Call& call,
                                  sql::Transaction& transaction, const std::string& subject,
                                  v1::RevokeReason reason, const std::string& except = "");

class RefreshTokens {
 public:
  RefreshTokens(const Vault& vault, const Options& options) : vault_(vault), options_(options) {}

  // The first one of a session, in its transaction.
  absl::StatusOr<std::string> Give(sql::Transaction& transaction, const v1::Session& session,
                                   uint32_t scopes, absl::Time now) const;

  struct Turned {
    std::string token;  // the next one
    v1::Session session;
    uint32_t scopes = 0;
  };
  // Takes a token and gives the next. `client` has to be the one it was given to.
  // INVALID_ARGUMENT, reason INVALID_GRANT, whatever is wrong with it.
  absl::StatusOr<Turned> Turn(const store::Store& store, const call::Call& call,
                              absl::string_view token, const std::string& client,
                              absl::string_view address) const;
  // The session of a token that is ours, valid or used; "" for any other text.
  std::string SessionOf(absl::string_view token) const;

 private:
  struct Parts {
    std::string session;  // "sessions/<uuid>"
    std::string hash;
  };
  std::string Make(absl::string_view session, absl::string_view random) const;
  bool Read(absl::string_view token, Parts* parts) const;

  const Vault& vault_;
  const Options& options_;
};

// INVALID_ARGUMENT, reason INVALID_GRANT, in words that say nothing of why.
absl::Status InvalidGrant();

}  // namespace mostove::identity
