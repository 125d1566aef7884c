#include "services/identity/identity_service.h"

#include <utility>

#include "absl/strings/match.h"
#include "libs/digest/digest.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/references.h"
#include "libs/store/resource_store.h"
#include "libs/telemetry/log.h"
#include "services/identity/access_records.h"
#include "services/identity/acting.h"
#include "services/identity/invitations.h"
#include "services/identity/old_records.h"

namespace mostove::identity {
namespace {

constexpr absl::Duration kCleanUpInterval = absl::Minutes(10);
// A code that is shown again tells of a theft for so long.
constexpr absl::Duration kCodesKept = absl::Hours(24);
constexpr absl::Duration kAddressesKept = absl::Hours(24 * 90);

// As call::Unary, for a service that its functions own.
template <class Request, class Response>
call::UnaryMethod Bind(const char* name, std::shared_ptr<IdentityService> service,
                       absl::StatusOr<Response> (IdentityService::*function)(const call::Call&,
                                                                             const Request&)) {
  call::UnaryMethod method = call::Unary(name, service.get(), function);
  method.run = [service = std::move(service), run = std::move(method.run)](
                   const call::Call& call, const google::protobuf::Message& request) {
    return run(call, request);
  };
  return method;
}

// Locks a resource and checks that the caller may write it.
template <class Resource>
absl::StatusOr<Resource> Hold(const store::Store& store, const call::Call& call,
                              sql::Transaction& transaction, const std::string& name) {
  return store::ResourceStore<Resource>(store).ModifyWithin(
      call, transaction, name, [](Resource&) { return absl::OkStatus(); });
}

}  // namespace

IdentityService::IdentityService(const store::Store& store, const Options& options, Vault vault,
                                 std::unique_ptr<redis::Client> redis)
    : store_(store),
      options_(options),
      vault_(std::move(vault)),
      redis_(std::move(redis)),
      keys_(store_, vault_, options_),
      sign_in_(store_, vault_, options_.passwords, redis_.get()),
      provider_(store_, options_.provider),
      grants_({store_, vault_, options_, keys_, sign_in_, provider_}) {}

absl::StatusOr<std::shared_ptr<IdentityService>> IdentityService::Open(const store::Store& store,
                                                                       const Options& options) {
  ASSIGN_OR_RETURN(Vault vault, Vault::Open(options.key_file));
  std::unique_ptr<redis::Client> redis;
  if (!options.redis.empty()) {
    ASSIGN_OR_RETURN(redis::Address address, redis::Address::Parse(options.redis));
    redis = std::make_unique<redis::Client>(
        redis::ClientOptions{.address = std::move(address), .connections = 1});
  }
  std::shared_ptr<IdentityService> service(
      new IdentityService(store, options, std::move(vault), std::move(redis)));
  RETURN_IF_ERROR(service->keys_.Open(call::Call()));
  return service;
}

std::vector<call::UnaryMethod> IdentityService::Methods(
    const std::shared_ptr<IdentityService>& service) {
  using Self = IdentityService;
  return {Bind("IssueToken", service, &Self::IssueToken),
          Bind("RevokeToken", service, &Self::RevokeToken),
          Bind("AuthorizeClient", service, &Self::AuthorizeClient),
          Bind("DescribeClient", service, &Self::DescribeClient),
          Bind("WhoAmI", service, &Self::WhoAmI),
          Bind("RotateSecret", service, &Self::RotateSecret),
          Bind("RevokeSecrets", service, &Self::RevokeSecrets),
          Bind("RevokeSession", service, &Self::RevokeSession),
          Bind("SignOut", service, &Self::SignOut),
          Bind("SignOutEverywhere", service, &Self::SignOutEverywhere),
          Bind("SetPassword", service, &Self::SetPassword),
          Bind("AcceptInvitation", service, &Self::AcceptInvitation),
          Bind("RotateSigningKey", service, &Self::RotateSigningKey),
          Bind("CreateRoleGrant", service, &Self::CreateRoleGrant),
          Bind("CreateInvitation", service, &Self::CreateInvitation),
          Bind("CreateFeedKey", service, &Self::CreateFeedKey)};
}

absl::StatusOr<v1::TokenResponse> IdentityService::IssueToken(
    const call::Call& call, const v1::IssueTokenRequest& request) {
  CleanUp(call);
  absl::StatusOr<v1::TokenResponse> response = grants_.IssueToken(call, request);
  RecordRefusedSignIn(store_, call, response.status());
  return response;
}

absl::StatusOr<v1::AuthorizeClientResponse> IdentityService::AuthorizeClient(
    const call::Call& call, const v1::AuthorizeClientRequest& request) {
  absl::StatusOr<v1::AuthorizeClientResponse> response = grants_.AuthorizeClient(call, request);
  RecordRefusedSignIn(store_, call, response.status());
  return response;
}

// ---- sessions

absl::StatusOr<v1::WhoAmIResponse> IdentityService::WhoAmI(const call::Call& call,
                                                           const v1::WhoAmIRequest&) {
  const call::Caller& caller = call.caller;
  v1::WhoAmIResponse response;
  response.set_caller(caller.name);
  response.set_administrator(caller.administrator);
  response.set_network(caller.network);
  for (const call::Grant& grant : caller.grants) {
    auto& roles = *response.add_roles();
    roles.set_resource(grant.resource);
    for (int role = 1; role < 32; ++role) {
      if ((grant.roles & (uint32_t{1} << role)) == 0) continue;
      roles.add_roles(static_cast<resource::v1::Role>(role));
    }
  }
  if ((caller.scopes & call::kScopeRead) != 0) response.add_scopes("read");
  if ((caller.scopes & call::kScopeWrite) != 0) response.add_scopes("write");
  response.set_session(caller.session);
  if (!absl::StartsWith(caller.session, "sessions/")) return response;
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  ASSIGN_OR_RETURN(const auto session, FindLiving<v1::Session>(store_, *reader, caller.session));
  if (session.has_value()) {
    *response.mutable_session_expire_time() = session->expire_time();
  }
  return response;
}

absl::StatusOr<v1::Session> IdentityService::RevokeSession(
    const call::Call& call, const v1::RevokeSessionRequest& request) {
  v1::Session session;
  RETURN_IF_ERROR(
      store_.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        RETURN_IF_ERROR(Hold<v1::Session>(store_, call, transaction, request.name()).status());
        RETURN_IF_ERROR(EndSession(store_, call, transaction, request.name(), v1::REVOKED));
        ASSIGN_OR_RETURN(session, Hold<v1::Session>(store_, call, transaction, request.name()));
        return absl::OkStatus();
      }));
  return session;
}

absl::StatusOr<v1::SignOutResponse> IdentityService::SignOut(const call::Call& call,
                                                             const v1::SignOutRequest&) {
  if (!absl::StartsWith(call.caller.session, "sessions/")) {
    return status::Precondition("NO_SESSION", "this caller has no session to end");
  }
  RETURN_IF_ERROR(store_.database().Write(call.deadline, [&](sql::Transaction& transaction) {
    return EndSession(store_, call, transaction, call.caller.session, v1::SIGNED_OUT);
  }));
  return v1::SignOutResponse();
}

absl::StatusOr<v1::SignOutEverywhereResponse> IdentityService::SignOutEverywhere(
    const call::Call& call, const v1::SignOutEverywhereRequest& request) {
  v1::SignOutEverywhereResponse response;
  RETURN_IF_ERROR(
      store_.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        RETURN_IF_ERROR(Hold<v1::User>(store_, call, transaction, request.name()).status());
        ASSIGN_OR_RETURN(const int ended,
                         EndSessionsOf(store_, call, transaction, request.name(), v1::SIGNED_OUT));
        response.set_ended(ended);
        return absl::OkStatus();
      }));
  return response;
}

// ---- people

absl::StatusOr<v1::SetPasswordResponse> IdentityService::SetPassword(
    const call::Call& call, const v1::SetPasswordRequest& request) {
  ASSIGN_OR_RETURN(const v1::User user,
                   store::ResourceStore<v1::User>(store_).Get(call, request.name()));
  status::Violations violations;
  CheckPassword(request.new_password(), user.email(), "new_password", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  if (!call.caller.administrator || call.caller.name == user.name()) {
    // A session that was left open is no reason to guess faster.
    RETURN_IF_ERROR(
        sign_in_.Check(call, user.email(), request.current_password(), call.caller.session)
            .status());
  }
  ASSIGN_OR_RETURN(const std::string hash, sign_in_.Hash(request.new_password(), call.deadline));
  v1::SetPasswordResponse response;
  RETURN_IF_ERROR(
      store_.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        RETURN_IF_ERROR(Hold<v1::User>(store_, call, transaction, user.name()).status());
        RETURN_IF_ERROR(SignIn::SetHash(transaction, user.name(), hash));
        ASSIGN_OR_RETURN(const int ended,
                         EndSessionsOf(store_, call, transaction, user.name(),
                                       v1::CREDENTIAL_CHANGED, call.caller.session));
        response.set_ended(ended);
        return absl::OkStatus();
      }));
  return response;
}

absl::StatusOr<v1::AcceptInvitationResponse> IdentityService::AcceptInvitation(
    const call::Call& call, const v1::AcceptInvitationRequest& request) {
  return identity::AcceptInvitation(store_, vault_, sign_in_, call, request);
}

absl::StatusOr<v1::Invitation> IdentityService::CreateInvitation(
    const call::Call& call, const v1::CreateInvitationRequest& request) {
  return identity::CreateInvitation(store_, vault_, call, request);
}

// ---- grants and keys

absl::StatusOr<v1::RoleGrant> IdentityService::CreateRoleGrant(
    const call::Call& call, const v1::CreateRoleGrantRequest& request) {
  const std::string& on = request.role_grant().resource();
  store::ReferenceSource* const others = store_.options().references;
  if (others != nullptr && others->ByName(on) != nullptr) {
    ASSIGN_OR_RETURN(const std::vector<std::string> missing, others->Missing(call, {on}));
    if (!missing.empty()) {
      return status::InvalidField("role_grant.resource", "REFERENCE_NOT_FOUND",
                                  absl::StrCat("there is no ", on));
    }
  }
  const store::ResourceStore<v1::RoleGrant> grants(store_);
  ASSIGN_OR_RETURN(const call::MessagePtr created,
                   grants.collection().Create(
                       call, {.id = request.role_grant_id(), .resource = &request.role_grant()},
                       request.validate_only()));
  return std::move(static_cast<v1::RoleGrant&>(*created));
}

absl::StatusOr<v1::FeedKey> IdentityService::CreateFeedKey(
    const call::Call& call, const v1::CreateFeedKeyRequest& request) {
  v1::FeedKey wanted = request.feed_key();
  if (wanted.owner().empty()) wanted.set_owner(call.caller.name);
  const std::string key = RandomSecret();
  const std::string hash = digest::Sha256(key);
  const store::ResourceStore<v1::FeedKey> keys(store_);
  ASSIGN_OR_RETURN(
      const call::MessagePtr created,
      keys.collection().Create(call,
                               {.id = request.feed_key_id(),
                                .resource = &wanted,
                                .set =
                                    [&](google::protobuf::Message& made) {
                                      static_cast<v1::FeedKey&>(made).set_key_hash(hash);
                                    }},
                               request.validate_only()));
  auto answer = std::move(static_cast<v1::FeedKey&>(*created));
  // A repeated request was answered with the first one's, whose key is not known.
  if (answer.key_hash() == hash && !request.validate_only()) answer.set_key(key);
  return answer;
}

void IdentityService::CleanUp(const call::Call& call) {
  const int64_t now = absl::ToUnixSeconds(call.Now());
  int64_t due = next_clean_up_;
  const int64_t next = now + absl::ToInt64Seconds(kCleanUpInterval);
  if (now < due || !next_clean_up_.compare_exchange_strong(due, next)) return;
  const auto clean = [&](sql::Transaction& transaction) -> absl::Status {
    const std::pair<const char*, absl::Time> all[] = {
        {"DELETE FROM refresh_tokens WHERE expire_time <= ?1", call.Now()},
        {"DELETE FROM client_sessions WHERE expire_time <= ?1", call.Now()},
        {"DELETE FROM client_secrets WHERE expire_time <= ?1", call.Now()},
        {"DELETE FROM authorization_codes WHERE expire_time <= ?1", call.Now() - kCodesKept},
        {"DELETE FROM sign_in_addresses WHERE last_time <= ?1", call.Now() - kAddressesKept}};
    for (const auto& [statement, time] : all) {
      RETURN_IF_ERROR(transaction.connection().Queue(statement, {absl::ToUnixMicros(time)}));
    }
    return absl::OkStatus();
  };
  absl::Status cleaned = store_.database().Write(call.deadline, clean);
  cleaned.Update(ForgetExpiredInvitations(store_, call));
  cleaned.Update(RemoveOld(store_, call, options_.session_retention));
  if (!cleaned.ok()) {
    telemetry::Log(telemetry::Level::kWarning, "identity_clean_up_failed",
                   {{"error", std::string(cleaned.message())}});
  }
}

}  // namespace mostove::identity
