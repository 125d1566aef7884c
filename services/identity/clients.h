// API clients: their secrets, and whether one is who it says.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/call/call.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "mostove/identity/v1/identity_service.pb.h"

namespace mostove::identity {

inline constexpr absl::Duration kSecretOverlap = absl::Hours(24);

// A client that has proven who it is, or a public one, which cannot.
struct KnownClient {
  v1::ApiClient client;  // without a name: none was named
  std::string secret;    // hash of the secret that it gave
};

// UNAUTHENTICATED, reason INVALID_CLIENT, for one that is unknown, disabled, or
// whose secret is wrong. No id: no client, if `optional`.
absl::StatusOr<KnownClient> IdentifyClient(const store::Store& store, const call::Call& call,
                                           const std::string& id, const std::string& secret,
                                           bool optional);
// The living, enabled client; UNAUTHENTICATED, reason INVALID_CLIENT.
absl::StatusOr<v1::ApiClient> FindClient(const store::Store& store, const call::Call& call,
                                         const std::string& id);
// Whether people may be sent back there, exactly.
bool HasRedirectUri(const v1::ApiClient& client, absl::string_view uri);

absl::StatusOr<v1::RotateSecretResponse> RotateSecret(const store::Store& store,
                                                      const call::Call& call,
                                                      const v1::RotateSecretRequest& request);
absl::StatusOr<v1::RevokeSecretsResponse> RevokeSecrets(const store::Store& store,
                                                        const call::Call& call,
                                                        const v1::RevokeSecretsRequest& request);

}  // namespace mostove::identity
