#include "services/identity/grants.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/auth/token.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "services/identity/acting.h"

namespace mostove::identity {
namespace {

using absl::StatusCode;

constexpr uint32_t kAllScopes = call::kScopeRead | call::kScopeWrite;
constexpr char kAssertionGrant[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";

absl::Status InvalidRequest(absl::string_view what) {
  return status::Make(StatusCode::kInvalidArgument, "INVALID_REQUEST", what);
}

absl::Status Unauthorized(absl::string_view what) {
  return status::Make(StatusCode::kInvalidArgument, "UNAUTHORIZED_CLIENT", what);
}

// Those that its tokens may have; for no client, all.
absl::StatusOr<uint32_t> ScopesOf(const v1::ApiClient& client) {
  uint32_t scopes = 0;
  for (const std::string& scope : client.scopes()) {
    ASSIGN_OR_RETURN(const uint32_t one, auth::ParseScopes(scope));
    scopes |= one;
  }
  return client.scopes().empty() ? kAllScopes : scopes;
}

absl::StatusOr<uint32_t> ScopesFor(const v1::ApiClient& client, absl::string_view asked) {
  ASSIGN_OR_RETURN(const uint32_t allowed, ScopesOf(client));
  if (asked.empty()) return allowed;
  ASSIGN_OR_RETURN(const uint32_t wanted, auth::ParseScopes(asked));
  if ((wanted & ~allowed) == 0) return wanted;
  return status::Make(StatusCode::kInvalidArgument, "INVALID_SCOPE",
                      absl::StrCat("this client may have: ", auth::ScopeText(allowed)));
}

// RFC 7636: S256, and base64url without padding.
std::string ChallengeOf(absl::string_view verifier) {
  return absl::WebSafeBase64Escape(digest::Sha256(verifier));
}

bool IsUnreserved(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' ||
           c == '~';
  });
}

bool IsVerifier(absl::string_view text) {
  return text.size() >= 43 && text.size() <= 128 && IsUnreserved(text);
}

absl::Status RedirectUriUnknown() {
  return status::Make(StatusCode::kInvalidArgument, "REDIRECT_URI_UNKNOWN",
                      "the page that sent you here is none of a known application");
}

}  // namespace

absl::StatusOr<v1::TokenResponse> Grants::IssueToken(const call::Call& call,
                                                     const v1::IssueTokenRequest& request) {
  const std::string& type = request.grant_type();
  if (type == "client_credentials") return ByClientCredentials(call, request);
  if (type == "password") return ByPassword(call, request);
  if (type == "refresh_token") return ByRefreshToken(call, request);
  if (type == "authorization_code") return ByCode(call, request);
  if (type == kAssertionGrant) return ByAssertion(call, request);
  if (type.empty()) return InvalidRequest("grant_type is missing");
  return status::Make(StatusCode::kInvalidArgument, "UNSUPPORTED_GRANT_TYPE",
                      absl::StrCat("grant_type is client_credentials, password, refresh_token, "
                                   "authorization_code or ",
                                   kAssertionGrant));
}

// ---- tokens

absl::StatusOr<std::string> Grants::AccessToken(const call::Call& call, const v1::Session& session,
                                                uint32_t scopes, absl::Duration life) {
  ASSIGN_OR_RETURN(const auth::SigningKey key, parts_.keys.Current(call));
  const absl::Time now = call.Now();
  return auth::Sign(key,
                    {.issuer = parts_.options.issuer,
                     .subject = session.subject(),
                     .session = std::string(IdOf(session.name())),
                     .client = session.client().empty() ? "" : std::string(IdOf(session.client())),
                     .scopes = scopes,
                     .issue_time = now,
                     .expire_time = std::min(now + life, ToTime(session.expire_time()))});
}

Grants::Response Grants::Answer(const call::Call& call, const v1::Session& session, uint32_t scopes,
                                std::string refresh_token) {
  const absl::Duration life =
      std::min(parts_.options.token_life, ToTime(session.expire_time()) - call.Now());
  v1::TokenResponse response;
  ASSIGN_OR_RETURN(*response.mutable_access_token(), AccessToken(call, session, scopes, life));
  response.set_token_type("Bearer");
  response.set_expires_in(static_cast<int32_t>(absl::ToInt64Seconds(life)));
  response.set_refresh_token(std::move(refresh_token));
  response.set_scope(auth::ScopeText(scopes));
  return response;
}

Grants::Response Grants::SignInUser(const call::Call& call, const v1::User& user,
                                    const v1::ApiClient& client, uint32_t scopes) {
  v1::Session session;
  std::string refresh_token;
  RETURN_IF_ERROR(parts_.store.database().Write(
      call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(session,
                         BeginSession(parts_.store, call, transaction, user.name(), client.name(),
                                      call.Now() + parts_.options.session_life));
        ASSIGN_OR_RETURN(refresh_token,
                         refresh_tokens_.Give(transaction, session, scopes, call.Now()));
        return absl::OkStatus();
      }));
  return Answer(call, session, scopes, std::move(refresh_token));
}

absl::StatusOr<std::string> Grants::IssueLongToken(const call::Call& call,
                                                   const std::string& subject,
                                                   absl::Duration life) {
  v1::Session session;
  RETURN_IF_ERROR(parts_.store.database().Write(
      call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(
            session, BeginSession(parts_.store, call, transaction, subject, "", call.Now() + life));
        return absl::OkStatus();
      }));
  return AccessToken(call, session, kAllScopes, life);
}

// ---- grants

// A program that asks each minute names the same session all day: what is written
// and followed does not grow with its questions.
absl::StatusOr<v1::Session> Grants::SessionOfSecret(const call::Call& call,
                                                    const KnownClient& known) {
  const absl::Time now = call.Now();
  const auto find = [&](sql::Connection& connection) {
    return FindOne(connection,
                   "SELECT session, expire_time FROM client_sessions WHERE secret = ?1 AND "
                   "expire_time > ?2",
                   {known.secret, absl::ToUnixMicros(now + parts_.options.token_life)});
  };
  const auto session_of = [&](const Found& found) {
    v1::Session session;
    session.set_name(found.Text(0));
    session.set_subject(known.client.name());
    session.set_client(known.client.name());
    *session.mutable_expire_time() = ToTimestamp(absl::FromUnixMicros(found.Int64(1)));
    return session;
  };
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, parts_.store.database().Read(call.deadline));
    ASSIGN_OR_RETURN(const Found found, find(*reader));
    if (found.found) return session_of(found);
  }
  v1::Session session;
  const auto begin = [&](sql::Transaction& transaction) -> absl::Status {
    sql::Connection& connection = transaction.connection();
    // Who rotates or revokes the secret waits, or has done it.
    ASSIGN_OR_RETURN(const Found secret,
                     FindOne(connection,
                             absl::StrCat("SELECT client FROM client_secrets WHERE hash = ?1",
                                          ForUpdate(connection)),
                             {known.secret}));
    if (!secret.found) return InvalidGrant();
    ASSIGN_OR_RETURN(const Found found, find(connection));
    if (found.found) {
      session = session_of(found);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(session,
                     BeginSession(parts_.store, call, transaction, known.client.name(),
                                  known.client.name(), now + parts_.options.client_session_life));
    return connection.Queue(
        "INSERT INTO client_sessions (secret, client, session, expire_time) "
        "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (secret) DO UPDATE SET session = ?3, expire_time = ?4",
        {known.secret, known.client.name(), session.name(),
         absl::ToUnixMicros(ToTime(session.expire_time()))});
  };
  RETURN_IF_ERROR(parts_.store.database().Write(call.deadline, begin));
  return session;
}

Grants::Response Grants::ByClientCredentials(const call::Call& call,
                                             const v1::IssueTokenRequest& request) {
  ASSIGN_OR_RETURN(const KnownClient known,
                   IdentifyClient(parts_.store, call, request.client_id(), request.client_secret(),
                                  /*optional=*/false));
  if (known.client.public_client()) {
    return Unauthorized("a public client has no credentials of its own");
  }
  ASSIGN_OR_RETURN(const uint32_t scopes, ScopesFor(known.client, request.scope()));
  ASSIGN_OR_RETURN(const v1::Session session, SessionOfSecret(call, known));
  return Answer(call, session, scopes, "");
}

Grants::Response Grants::ByPassword(const call::Call& call, const v1::IssueTokenRequest& request) {
  if (request.username().empty() || request.password().empty()) {
    return InvalidRequest("username and password are needed");
  }
  ASSIGN_OR_RETURN(const KnownClient known,
                   IdentifyClient(parts_.store, call, request.client_id(), request.client_secret(),
                                  /*optional=*/true));
  ASSIGN_OR_RETURN(const uint32_t scopes, ScopesFor(known.client, request.scope()));
  ASSIGN_OR_RETURN(
      const v1::User user,
      parts_.sign_in.Check(call, request.username(), request.password(), request.address()));
  return SignInUser(call, user, known.client, scopes);
}

Grants::Response Grants::ByRefreshToken(const call::Call& call,
                                        const v1::IssueTokenRequest& request) {
  if (request.refresh_token().empty()) return InvalidRequest("refresh_token is needed");
  ASSIGN_OR_RETURN(const KnownClient known,
                   IdentifyClient(parts_.store, call, request.client_id(), request.client_secret(),
                                  /*optional=*/true));
  std::optional<uint32_t> wanted;
  if (!request.scope().empty()) {
    ASSIGN_OR_RETURN(wanted, auth::ParseScopes(request.scope()));
  }
  ASSIGN_OR_RETURN(RefreshTokens::Turned turned,
                   refresh_tokens_.Turn(parts_.store, call, request.refresh_token(),
                                        known.client.name(), request.address()));
  const uint32_t scopes = wanted.value_or(turned.scopes) & turned.scopes;
  if (scopes == 0) {
    return status::Make(StatusCode::kInvalidArgument, "INVALID_SCOPE",
                        absl::StrCat("this token has: ", auth::ScopeText(turned.scopes)));
  }
  return Answer(call, turned.session, scopes, std::move(turned.token));
}

Grants::Response Grants::ByAssertion(const call::Call& call, const v1::IssueTokenRequest& request) {
  if (request.assertion().empty()) return InvalidRequest("assertion is needed");
  ASSIGN_OR_RETURN(const KnownClient known,
                   IdentifyClient(parts_.store, call, request.client_id(), request.client_secret(),
                                  /*optional=*/true));
  ASSIGN_OR_RETURN(const uint32_t scopes, ScopesFor(known.client, request.scope()));
  ASSIGN_OR_RETURN(const v1::User user, parts_.provider.SignIn(call, request.assertion()));
  return SignInUser(call, user, known.client, scopes);
}

// ---- authorization code

absl::StatusOr<v1::DescribeClientResponse> Grants::DescribeClient(
    const call::Call& call, const v1::DescribeClientRequest& request) {
  const auto client = FindClient(parts_.store, call, request.client_id());
  if (absl::IsUnauthenticated(client.status())) return RedirectUriUnknown();
  RETURN_IF_ERROR(client.status());
  if (!HasRedirectUri(*client, request.redirect_uri())) return RedirectUriUnknown();
  v1::DescribeClientResponse response;
  response.set_display_name(client->display_name());
  *response.mutable_scopes() = client->scopes();
  if (response.scopes().empty()) {
    response.add_scopes("read");
    response.add_scopes("write");
  }
  return response;
}

absl::StatusOr<v1::AuthorizeClientResponse> Grants::AuthorizeClient(
    const call::Call& call, const v1::AuthorizeClientRequest& request) {
  v1::DescribeClientRequest described;
  described.set_client_id(request.client_id());
  described.set_redirect_uri(request.redirect_uri());
  RETURN_IF_ERROR(DescribeClient(call, described).status());
  if (request.code_challenge_method() != "S256" || request.code_challenge().size() != 43 ||
      !IsUnreserved(request.code_challenge())) {
    return InvalidRequest("a code_challenge of 43 characters with the method S256 is needed");
  }
  ASSIGN_OR_RETURN(const v1::ApiClient client, FindClient(parts_.store, call, request.client_id()));
  ASSIGN_OR_RETURN(const uint32_t scopes, ScopesFor(client, request.scope()));
  ASSIGN_OR_RETURN(
      const v1::User user,
      parts_.sign_in.Check(call, request.username(), request.password(), request.address()));
  v1::AuthorizeClientResponse response;
  response.set_code(RandomSecret());
  RETURN_IF_ERROR(parts_.store.database().Write(
      call.deadline,
      [&](sql::Transaction& transaction) {
        return transaction.connection().Queue(
            "INSERT INTO authorization_codes (hash, client, redirect_uri, challenge, user_name, "
            "scopes, expire_time, session) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '')",
            {HashOfSecret(response.code()), client.name(), request.redirect_uri(),
             request.code_challenge(), user.name(), int64_t{scopes},
             absl::ToUnixMicros(call.Now() + kCodeLife)});
      },
      sql::Extent::kShort));
  return response;
}

Grants::Response Grants::ByCode(const call::Call& call, const v1::IssueTokenRequest& request) {
  if (request.code().empty() || request.redirect_uri().empty()) {
    return InvalidRequest("code and redirect_uri are needed");
  }
  if (!IsVerifier(request.code_verifier())) {
    return InvalidRequest("a code_verifier of 43 to 128 characters is needed (RFC 7636)");
  }
  ASSIGN_OR_RETURN(const KnownClient known,
                   IdentifyClient(parts_.store, call, request.client_id(), request.client_secret(),
                                  /*optional=*/false));
  const std::string hash = HashOfSecret(request.code());
  const call::Call own = ActAs(call, known.client.name());
  std::optional<v1::Session> session;
  std::string refresh_token;
  uint32_t scopes = 0;
  const auto exchange = [&](sql::Transaction& transaction) -> absl::Status {
    session.reset();
    sql::Connection& connection = transaction.connection();
    ASSIGN_OR_RETURN(const Found code,
                     FindOne(connection,
                             absl::StrCat("SELECT client, redirect_uri, challenge, user_name, "
                                          "scopes, expire_time, session FROM authorization_codes "
                                          "WHERE hash = ?1",
                                          ForUpdate(connection)),
                             {hash}));
    if (!code.found || code.Text(0) != known.client.name()) return absl::OkStatus();
    // Shown twice: one of two has stolen it, and what it gave ends.
    if (!code.Text(6).empty()) {
      return EndSession(parts_.store, own, transaction, code.Text(6), v1::REVOKED);
    }
    const bool fits = code.Text(1) == request.redirect_uri() &&
                      code.Text(2) == ChallengeOf(request.code_verifier()) &&
                      absl::FromUnixMicros(code.Int64(5)) > call.Now();
    if (!fits) {
      return connection.Queue("DELETE FROM authorization_codes WHERE hash = ?1", {hash});
    }
    ASSIGN_OR_RETURN(const std::optional<v1::User> user,
                     FindLiving<v1::User>(parts_.store, connection, code.Text(3)));
    if (!user.has_value() || user->disabled() || user->erased()) return absl::OkStatus();
    scopes = static_cast<uint32_t>(code.Int64(4));
    ASSIGN_OR_RETURN(
        session, BeginSession(parts_.store, call, transaction, user->name(), known.client.name(),
                              call.Now() + parts_.options.session_life));
    ASSIGN_OR_RETURN(refresh_token,
                     refresh_tokens_.Give(transaction, *session, scopes, call.Now()));
    return connection.Queue("UPDATE authorization_codes SET session = ?2 WHERE hash = ?1",
                            {hash, session->name()});
  };
  RETURN_IF_ERROR(parts_.store.database().Write(call.deadline, exchange));
  if (!session.has_value()) return InvalidGrant();
  return Answer(call, *session, scopes, std::move(refresh_token));
}

// ---- the end of a token

absl::StatusOr<v1::RevokeTokenResponse> Grants::RevokeToken(const call::Call& call,
                                                            const v1::RevokeTokenRequest& request) {
  ASSIGN_OR_RETURN(const KnownClient known,
                   IdentifyClient(parts_.store, call, request.client_id(), request.client_secret(),
                                  /*optional=*/true));
  std::string name = refresh_tokens_.SessionOf(request.token());
  if (name.empty()) {
    ASSIGN_OR_RETURN(const auth::KeySet keys, parts_.keys.Published(call));
    const auto find = [&](absl::string_view id) -> const auth::PublicKey* {
      const auto found = keys.find(id);
      return found == keys.end() ? nullptr : &found->second;
    };
    const auto claims = auth::Verify(request.token(), find, parts_.options.issuer, call.Now());
    if (!claims.ok()) return v1::RevokeTokenResponse();
    name = absl::StrCat("sessions/", claims->session);
  }
  const call::Call own = ActAs(call, "services/identity");
  const auto session = store::ResourceStore<v1::Session>(parts_.store).Get(own, name);
  if (!session.ok() || session->client() != known.client.name()) return v1::RevokeTokenResponse();
  RETURN_IF_ERROR(parts_.store.database().Write(call.deadline, [&](sql::Transaction& transaction) {
    return EndSession(parts_.store, ActAs(call, session->subject()), transaction, name,
                      v1::SIGNED_OUT);
  }));
  return v1::RevokeTokenResponse();
}

}  // namespace mostove::identity
