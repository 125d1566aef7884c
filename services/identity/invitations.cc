#include "services/identity/invitations.h"

#include <openssl/crypto.h>

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "mostove/identity/v1/role_grant.pb.h"
#include "services/identity/acting.h"

namespace mostove::identity {
namespace {

constexpr size_t kIdLength = 36;
constexpr char kSelf[] = "services/identity";

absl::Status Invalid() {
  return status::Precondition(
      "INVITATION_INVALID",
      "this invitation is not known, was used or withdrawn, or has expired; "
      "ask for a new one");
}

// The invitation that a token of ours names; "" for any other text.
std::string InvitationOf(const Vault& vault, absl::string_view token) {
  const std::string name = absl::StrCat("invitations/", token.substr(0, kIdLength));
  if (!resource::IsUuid(token.substr(0, kIdLength))) return "";
  const std::string ours = InvitationToken(vault, name);
  const bool same =
      ours.size() == token.size() && CRYPTO_memcmp(ours.data(), token.data(), ours.size()) == 0;
  return same ? name : "";
}

bool IsOpen(const v1::Invitation& invitation, absl::Time now) {
  return !invitation.has_accept_time() && ToTime(invitation.expire_time()) > now;
}

}  // namespace

std::string InvitationToken(const Vault& vault, absl::string_view invitation) {
  return absl::StrCat(IdOf(invitation), "-",
                      absl::WebSafeBase64Escape(vault.Tag("invitation", invitation)));
}

absl::StatusOr<v1::Invitation> CreateInvitation(const store::Store& store, const Vault& vault,
                                                const call::Call& call,
                                                const v1::CreateInvitationRequest& request) {
  if (request.invitation().email().empty()) {
    return status::InvalidField("invitation.email", "REQUIRED", "is needed: it says for whom");
  }
  const store::ResourceStore<v1::Invitation> invitations(store);
  ASSIGN_OR_RETURN(const call::MessagePtr created,
                   invitations.collection().Create(
                       call, {.id = request.invitation_id(), .resource = &request.invitation()},
                       request.validate_only()));
  auto invitation = std::move(static_cast<v1::Invitation&>(*created));
  if (!request.validate_only()) {
    invitation.set_token(InvitationToken(vault, invitation.name()));
  }
  return invitation;
}

absl::StatusOr<std::string> AcceptWithin(const store::Store& store, const call::Call& call,
                                         sql::Transaction& transaction,
                                         const std::string& invitation, const std::string& user) {
  const call::Call own = ActAs(call, user);
  std::optional<v1::Invitation> open;
  ASSIGN_OR_RETURN(open, FindLiving<v1::Invitation>(store, transaction.connection(), invitation,
                                                    store::Lock::kUpdate));
  if (!open.has_value() || !IsOpen(*open, call.Now())) return Invalid();
  RETURN_IF_ERROR(store::ResourceStore<v1::Invitation>(store)
                      .ModifyWithin(own, transaction, invitation,
                                    [&](v1::Invitation& accepted) {
                                      *accepted.mutable_accept_time() = ToTimestamp(call.Now());
                                      accepted.set_user(user);
                                      accepted.clear_email();
                                      return absl::OkStatus();
                                    })
                      .status());
  v1::RoleGrant grant;
  grant.set_member(user);
  grant.set_role(open->role());
  grant.set_resource(open->organization());
  ASSIGN_OR_RETURN(
      grant, store::ResourceStore<v1::RoleGrant>(store).CreateWithin(own, transaction, "", grant));
  return grant.name();
}

absl::StatusOr<v1::AcceptInvitationResponse> AcceptInvitation(
    const store::Store& store, const Vault& vault, SignIn& sign_in, const call::Call& call,
    const v1::AcceptInvitationRequest& request) {
  const std::string name = InvitationOf(vault, request.token());
  if (name.empty()) return Invalid();
  std::optional<v1::Invitation> open;
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
    ASSIGN_OR_RETURN(open, FindLiving<v1::Invitation>(store, *reader, name));
  }
  if (!open.has_value() || !IsOpen(*open, call.Now())) return Invalid();
  const bool signed_in = absl::StartsWith(call.caller.name, "users/");
  std::string hash;
  if (!signed_in) {
    status::Violations violations;
    CheckPassword(request.password(), open->email(), "password", violations);
    RETURN_IF_ERROR(violations.ToStatus());
    ASSIGN_OR_RETURN(hash, sign_in.Hash(request.password(), call.deadline));
  }
  v1::AcceptInvitationResponse response;
  const auto accept = [&](sql::Transaction& transaction) -> absl::Status {
    std::string user = call.caller.name;
    if (!signed_in) {
      v1::User made;
      made.set_email(open->email());
      made.set_display_name(request.display_name());
      made.set_language(request.language());
      auto created = store::ResourceStore<v1::User>(store).CreateWithin(ActAs(call, kSelf),
                                                                        transaction, "", made);
      if (!created.ok()) return std::move(created).status();
      user = created->name();
      RETURN_IF_ERROR(SignIn::SetHash(transaction, user, hash));
    }
    ASSIGN_OR_RETURN(*response.mutable_role_grant(),
                     AcceptWithin(store, call, transaction, name, user));
    response.set_user(user);
    return absl::OkStatus();
  };
  const absl::Status accepted = store.database().Write(call.deadline, accept);
  if (status::Reason(accepted) == "EMAIL_TAKEN") {
    return status::Precondition("ACCOUNT_EXISTS",
                                "the invited address has an account: sign in, then accept");
  }
  RETURN_IF_ERROR(accepted);
  return response;
}

absl::StatusOr<std::vector<std::string>> OpenInvitationsTo(sql::Connection& connection,
                                                           const std::string& email,
                                                           absl::Time now) {
  std::vector<std::string> names;
  if (email.empty()) return names;
  RETURN_IF_ERROR(connection.Query(
      "SELECT invitation FROM invitation_emails WHERE email = ?1 AND expire_time > ?2 "
      "ORDER BY invitation LIMIT 100",
      {email, absl::ToUnixMicros(now)}, [&](const sql::Row& row) {
        names.push_back(std::string(row.Text(0)));
        return true;
      }));
  return names;
}

absl::Status ForgetExpiredInvitations(const store::Store& store, const call::Call& call) {
  return store.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
    std::vector<std::string> names;
    RETURN_IF_ERROR(transaction.connection().Query(
        "SELECT invitation FROM invitation_emails WHERE expire_time <= ?1 ORDER BY invitation "
        "LIMIT 100",
        {absl::ToUnixMicros(call.Now())}, [&](const sql::Row& row) {
          names.push_back(std::string(row.Text(0)));
          return true;
        }));
    for (const std::string& name : names) {
      RETURN_IF_ERROR(store::ResourceStore<v1::Invitation>(store)
                          .ModifyWithin(ActAs(call, kSelf), transaction, name,
                                        [](v1::Invitation& invitation) {
                                          invitation.clear_email();
                                          return absl::OkStatus();
                                        })
                          .status());
    }
    return absl::OkStatus();
  });
}

}  // namespace mostove::identity
