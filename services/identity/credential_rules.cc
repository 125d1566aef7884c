#include "services/identity/credential_rules.h"

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "mostove/identity/v1/user.pb.h"
#include "re2/re2.h"
#include "services/identity/acting.h"
#include "services/identity/role_grant_rules.h"
#include "services/identity/sessions.h"
#include "services/identity/sign_in.h"
#include "services/identity/user_rules.h"

namespace mostove::identity {
namespace {

constexpr absl::Duration kInvitationLife = absl::Hours(24 * 7);
constexpr absl::Duration kInvitationLifeMax = absl::Hours(24 * 30);
constexpr absl::Duration kFeedKeyLife = absl::Hours(24 * 90);
constexpr absl::Duration kFeedKeyLifeMax = absl::Hours(24 * 366);

// https; http on the own machine (RFC 8252); a scheme of the application's own,
// which is a domain turned around. No fragment, and nothing that hides a host.
bool IsRedirectUri(const std::string& uri) {
  static const RE2& form =
      *new RE2(R"((https://[^/?#@\s\\]+|http://(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?)"
               R"(|[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:)([/?][^#\s\\]*)?)");
  return uri.size() <= 2000 && RE2::FullMatch(uri, form);
}

template <class Resource>
void CheckLife(const Resource& resource, absl::Duration most, absl::string_view path,
               status::Violations& violations) {
  if (!resource.has_create_time() || !resource.has_expire_time()) return;
  const absl::Duration life = ToTime(resource.expire_time()) - ToTime(resource.create_time());
  if (life > absl::ZeroDuration() && life <= most) return;
  violations.Add(
      absl::StrCat(path, ".expire_time"), "OUT_OF_RANGE",
      absl::StrCat("has to be in the future, by ", most / absl::Hours(24), " days at most"));
}

template <class Resource>
void DefaultLife(Resource& resource, absl::Duration life) {
  if (resource.has_expire_time() || !resource.has_create_time()) return;
  *resource.mutable_expire_time() = ToTimestamp(ToTime(resource.create_time()) + life);
}

}  // namespace

// ---- API clients

void CheckApiClient(const v1::ApiClient& client, absl::string_view path,
                    status::Violations& violations) {
  for (int i = 0; i < client.scopes_size(); ++i) {
    if (client.scopes(i) == "read" || client.scopes(i) == "write") continue;
    violations.Add(absl::StrCat(path, ".scopes[", i, "]"), "SCOPE", "has to be read or write");
  }
  for (int i = 0; i < client.redirect_uris_size(); ++i) {
    if (IsRedirectUri(client.redirect_uris(i))) continue;
    violations.Add(absl::StrCat(path, ".redirect_uris[", i, "]"), "REDIRECT_URI",
                   "has to be an https address, an http one of 127.0.0.1, [::1] or localhost, or "
                   "one of a scheme such as org.example.app:/signed-in; without a fragment");
  }
}

absl::Status CheckApiClientWriter(const call::Caller& caller, const v1::ApiClient* before,
                                  const v1::ApiClient& after) {
  const bool own = Administers(caller, after.organization()) &&
                   (before == nullptr || Administers(caller, before->organization()));
  if (caller.administrator || own) return absl::OkStatus();
  return status::PermissionDenied(
      "ROLE_REQUIRED", "this is for administrators of the organization that runs the client");
}

absl::Status AccompanyApiClient(const store::Store& store, const call::Call& call,
                                sql::Transaction& transaction, const v1::ApiClient* before,
                                const v1::ApiClient& after) {
  if (before == nullptr) return absl::OkStatus();
  if (after.has_delete_time() || after.public_client()) {
    RETURN_IF_ERROR(transaction.connection().Queue("DELETE FROM client_secrets WHERE client = ?1",
                                                   {after.name()}));
  }
  const bool ends = after.has_delete_time() || after.disabled() ||
                    after.public_client() != before->public_client();
  if (!ends) return absl::OkStatus();
  return EndSessionsOf(store, call, transaction, after.name(), v1::ACCOUNT_ENDED).status();
}

// ---- invitations

void PrepareInvitation(v1::Invitation& invitation) {
  invitation.set_email(FoldEmail(invitation.email()));
  invitation.clear_token();
  DefaultLife(invitation, kInvitationLife);
}

void CheckInvitation(const v1::Invitation& invitation, absl::string_view path,
                     status::Violations& violations) {
  CheckEmail(invitation.email(), absl::StrCat(path, ".email"), violations);
  CheckLife(invitation, kInvitationLifeMax, path, violations);
  if (invitation.role() != resource::v1::ROLE_UNSPECIFIED &&
      !IsOrganizationRole(invitation.role())) {
    violations.Add(absl::StrCat(path, ".role"), "ROLE_ELSEWHERE",
                   "has to be a role on an organization");
  }
}

absl::Status CheckInvitationWriter(const call::Caller& caller, const v1::Invitation*,
                                   const v1::Invitation& after) {
  if (Administers(caller, after.organization())) return absl::OkStatus();
  return status::PermissionDenied("ROLE_REQUIRED",
                                  "this is for administrators of the organization");
}

absl::Status AccompanyInvitation(const store::Store&, const call::Call&,
                                 sql::Transaction& transaction, const v1::Invitation* before,
                                 const v1::Invitation& after) {
  if (before == nullptr) {
    return transaction.connection().Queue(
        "INSERT INTO invitation_emails (invitation, email, expire_time) VALUES (?1, ?2, ?3)",
        {after.name(), after.email(), absl::ToUnixMicros(ToTime(after.expire_time()))});
  }
  if (!after.has_delete_time() && !after.email().empty()) return absl::OkStatus();
  return transaction.connection().Queue("DELETE FROM invitation_emails WHERE invitation = ?1",
                                        {after.name()});
}

// ---- feed keys

void PrepareFeedKey(v1::FeedKey& key) {
  key.clear_key();
  DefaultLife(key, kFeedKeyLife);
}

void CheckFeedKey(const v1::FeedKey& key, absl::string_view path, status::Violations& violations) {
  CheckLife(key, kFeedKeyLifeMax, path, violations);
}

absl::Status CheckFeedKeyWriter(const call::Caller& caller, const v1::FeedKey*,
                                const v1::FeedKey& after) {
  if (caller.administrator || after.owner() == caller.name) return absl::OkStatus();
  return status::PermissionDenied("NOT_OWNER", "a feed key is made and deleted by its owner");
}

absl::Status AccompanyFeedKey(const store::Store& store, const call::Call&,
                              sql::Transaction& transaction, const v1::FeedKey* before,
                              const v1::FeedKey& after) {
  if (before != nullptr) return absl::OkStatus();
  sql::Connection& connection = transaction.connection();
  bool lives = false;
  // The owner is held, so that two requests at once do not make one too many.
  if (absl::StartsWith(after.owner(), "users/")) {
    ASSIGN_OR_RETURN(const std::optional<v1::User> user,
                     FindLiving<v1::User>(store, connection, after.owner(), store::Lock::kUpdate));
    lives = user.has_value();
  } else if (absl::StartsWith(after.owner(), "apiClients/")) {
    ASSIGN_OR_RETURN(
        const std::optional<v1::ApiClient> client,
        FindLiving<v1::ApiClient>(store, connection, after.owner(), store::Lock::kUpdate));
    lives = client.has_value();
  }
  if (!lives) {
    return status::InvalidField("feed_key.owner", "REFERENCE_NOT_FOUND",
                                "has to be a user or an API client");
  }
  ASSIGN_OR_RETURN(
      const Found count,
      FindOne(connection, "SELECT COUNT(*) FROM feed_keys WHERE owner = ?1 AND deleted = 0",
              {after.owner()}));
  if (count.Int64(0) <= kFeedKeysMax) return absl::OkStatus();
  return status::Precondition("TOO_MANY_KEYS", absl::StrCat("nobody needs more than ", kFeedKeysMax,
                                                            " keys; delete one that is not used"));
}

}  // namespace mostove::identity
