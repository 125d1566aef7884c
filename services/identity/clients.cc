#include "services/identity/clients.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/resource/type.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "services/identity/acting.h"
#include "services/identity/sessions.h"
#include "services/identity/vault.h"

namespace mostove::identity {
namespace {

absl::Status InvalidClient() {
  return status::Make(absl::StatusCode::kUnauthenticated, "INVALID_CLIENT",
                      "the client is unknown or disabled, or its secret is wrong");
}

// Locks the client for a change of its secrets, and checks that the caller may.
absl::StatusOr<v1::ApiClient> Hold(const store::Store& store, const call::Call& call,
                                   sql::Transaction& transaction, const std::string& name) {
  return store::ResourceStore<v1::ApiClient>(store).ModifyWithin(
      call, transaction, name, [](v1::ApiClient&) { return absl::OkStatus(); });
}

}  // namespace

absl::StatusOr<v1::ApiClient> FindClient(const store::Store& store, const call::Call& call,
                                         const std::string& id) {
  const std::string name = ClientName(id);
  if (!resource::MatchesName(*resource::TypeOf(v1::ApiClient::descriptor()), name)) {
    return InvalidClient();
  }
  auto client = store::ResourceStore<v1::ApiClient>(store).Get(ActAs(call, name), name);
  if (absl::IsNotFound(client.status())) return InvalidClient();
  RETURN_IF_ERROR(client.status());
  if (client->disabled() || client->has_delete_time()) return InvalidClient();
  return client;
}

absl::StatusOr<KnownClient> IdentifyClient(const store::Store& store, const call::Call& call,
                                           const std::string& id, const std::string& secret,
                                           bool optional) {
  if (id.empty() && secret.empty() && optional) return KnownClient();
  ASSIGN_OR_RETURN(v1::ApiClient client, FindClient(store, call, id));
  if (client.public_client()) {
    if (!secret.empty()) return InvalidClient();
    return KnownClient{std::move(client), ""};
  }
  std::string hash = HashOfSecret(secret);
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  ASSIGN_OR_RETURN(const Found found,
                   FindOne(*reader,
                           "SELECT 1 FROM client_secrets WHERE hash = ?1 AND client = ?2 AND "
                           "expire_time > ?3",
                           {hash, client.name(), absl::ToUnixMicros(call.Now())}));
  if (!found.found) return InvalidClient();
  return KnownClient{std::move(client), std::move(hash)};
}

bool HasRedirectUri(const v1::ApiClient& client, absl::string_view uri) {
  return std::any_of(client.redirect_uris().begin(), client.redirect_uris().end(),
                     [&](const std::string& own) { return own == uri; });
}

absl::StatusOr<v1::RotateSecretResponse> RotateSecret(const store::Store& store,
                                                      const call::Call& call,
                                                      const v1::RotateSecretRequest& request) {
  const std::string secret = RandomSecret();
  const absl::Time now = call.Now();
  const absl::Time end = request.end_previous() ? now : now + kSecretOverlap;
  v1::RotateSecretResponse response;
  RETURN_IF_ERROR(
      store.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        response.Clear();
        ASSIGN_OR_RETURN(const v1::ApiClient client,
                         Hold(store, call, transaction, request.name()));
        if (client.public_client()) {
          return status::Precondition("PUBLIC_CLIENT", "a public client can keep no secret");
        }
        sql::Connection& connection = transaction.connection();
        RETURN_IF_ERROR(connection.Queue("DELETE FROM client_secrets WHERE expire_time <= ?1",
                                         {absl::ToUnixMicros(now)}));
        ASSIGN_OR_RETURN(const int64_t earlier,
                         connection.Execute("UPDATE client_secrets SET expire_time = CASE WHEN "
                                            "expire_time < ?2 THEN expire_time ELSE ?2 END "
                                            "WHERE client = ?1",
                                            {client.name(), absl::ToUnixMicros(end)}));
        RETURN_IF_ERROR(
            connection.Queue("INSERT INTO client_secrets (hash, client, create_time, expire_time) "
                             "VALUES (?1, ?2, ?3, ?4)",
                             {HashOfSecret(secret), client.name(), absl::ToUnixMicros(now),
                              std::numeric_limits<int64_t>::max()}));
        if (earlier > 0) *response.mutable_previous_expire_time() = ToTimestamp(end);
        if (!request.end_previous()) return absl::OkStatus();
        return EndSessionsOf(store, call, transaction, client.name(), v1::CREDENTIAL_CHANGED)
            .status();
      }));
  response.set_client_id(std::string(IdOf(request.name())));
  response.set_secret(secret);
  return response;
}

absl::StatusOr<v1::RevokeSecretsResponse> RevokeSecrets(const store::Store& store,
                                                        const call::Call& call,
                                                        const v1::RevokeSecretsRequest& request) {
  v1::RevokeSecretsResponse response;
  RETURN_IF_ERROR(
      store.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const v1::ApiClient client,
                         Hold(store, call, transaction, request.name()));
        sql::Connection& connection = transaction.connection();
        RETURN_IF_ERROR(connection.Queue("DELETE FROM client_secrets WHERE expire_time <= ?1",
                                         {absl::ToUnixMicros(call.Now())}));
        ASSIGN_OR_RETURN(
            const int64_t revoked,
            connection.Execute("DELETE FROM client_secrets WHERE client = ?1", {client.name()}));
        response.set_revoked(static_cast<int32_t>(revoked));
        return EndSessionsOf(store, call, transaction, client.name(), v1::CREDENTIAL_CHANGED)
            .status();
      }));
  return response;
}

}  // namespace mostove::identity
