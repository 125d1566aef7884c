#include "services/identity/provider.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "libs/telemetry/log.h"
#include "services/identity/acting.h"
#include "services/identity/fetch.h"
#include "services/identity/invitations.h"
#include "services/identity/sessions.h"
#include "services/identity/sign_in.h"

namespace mostove::identity {
namespace {

constexpr absl::Duration kKeysLife = absl::Hours(1);
constexpr absl::Duration kFetchInterval = absl::Minutes(1);  // however many ask with unknown keys
constexpr absl::Duration kFetchTime = absl::Seconds(5);

bool MaySignIn(const std::optional<v1::User>& user) {
  return user.has_value() && !user->disabled() && !user->erased();
}

}  // namespace

absl::StatusOr<auth::KeySet> Provider::Keys(const call::Call& call, bool anew) {
  std::lock_guard lock(mutex_);
  const absl::Duration age = call.Now() - fetch_time_;
  if (age < (anew ? kFetchInterval : kKeysLife)) return keys_;
  const auto fetched = [&]() -> absl::StatusOr<auth::KeySet> {
    ASSIGN_OR_RETURN(const std::string document, FetchDocument(options_.jwks, kFetchTime));
    return auth::ParseKeySet(document);
  }();
  // Its failure too is asked about once a minute at most; earlier keys go on.
  fetch_time_ = fetched.ok() ? call.Now() : call.Now() - kKeysLife + kFetchInterval;
  if (fetched.ok()) {
    keys_ = *fetched;
  } else {
    telemetry::Log(telemetry::Level::kWarning, "openid_keys_not_read",
                   {{"error", std::string(fetched.status().message())}});
    if (keys_.empty()) return fetched.status();
  }
  return keys_;
}

absl::StatusOr<auth::OutsideClaims> Provider::Verify(const call::Call& call,
                                                     const std::string& token) {
  for (const bool anew : {false, true}) {
    ASSIGN_OR_RETURN(auth::KeySet keys, Keys(call, anew));
    auto claims = auth::VerifyOutside(
        token, {.issuer = options_.issuer, .audience = options_.audience, .keys = std::move(keys)},
        call.Now());
    if (claims.ok()) return claims;
  }
  return InvalidGrant();
}

absl::StatusOr<v1::User> Provider::SignIn(const call::Call& call, const std::string& token) {
  if (options_.issuer.empty()) {
    return status::Make(absl::StatusCode::kInvalidArgument, "UNSUPPORTED_GRANT_TYPE",
                        "no OpenID provider is set here");
  }
  ASSIGN_OR_RETURN(const auth::OutsideClaims claims, Verify(call, token));
  return UserOf(call, claims);
}

absl::StatusOr<v1::User> Provider::UserOf(const call::Call& call,
                                          const auth::OutsideClaims& claims) {
  const std::string email = claims.email_verified ? FoldEmail(claims.email) : "";
  const call::Call own = ActAs(call, "services/identity");
  std::optional<v1::User> user;
  const auto find = [&](sql::Transaction& transaction) -> absl::Status {
    user.reset();
    sql::Connection& connection = transaction.connection();
    ASSIGN_OR_RETURN(const Found known,
                     FindOne(connection,
                             "SELECT user_name FROM outside_identities WHERE issuer = ?1 AND "
                             "subject = ?2",
                             {options_.issuer, claims.subject}));
    if (known.found) {
      ASSIGN_OR_RETURN(user, FindLiving<v1::User>(store_, connection, known.Text(0)));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(
        const Found account,
        FindOne(connection, "SELECT user_name FROM user_emails WHERE email = ?1", {email}));
    ASSIGN_OR_RETURN(const std::vector<std::string> invitations,
                     OpenInvitationsTo(connection, email, call.Now()));
    if (account.found) {
      ASSIGN_OR_RETURN(user, FindLiving<v1::User>(store_, connection, account.Text(0)));
      if (!MaySignIn(user)) return absl::OkStatus();
    } else if (options_.create_users || !invitations.empty()) {
      v1::User made;
      made.set_email(email);
      made.set_display_name(claims.display_name);
      made.set_language(options_.language);
      ASSIGN_OR_RETURN(
          user, store::ResourceStore<v1::User>(store_).CreateWithin(own, transaction, "", made));
    } else {
      return absl::OkStatus();
    }
    for (const std::string& invitation : invitations) {
      RETURN_IF_ERROR(AcceptWithin(store_, own, transaction, invitation, user->name()).status());
    }
    return connection.Queue(
        "INSERT INTO outside_identities (issuer, subject, user_name) VALUES (?1, ?2, ?3)",
        {options_.issuer, claims.subject, user->name()});
  };
  RETURN_IF_ERROR(store_.database().Write(call.deadline, find));
  if (!MaySignIn(user)) return InvalidGrant();
  return *std::move(user);
}

}  // namespace mostove::identity
