// OAuth 2: tokens for what somebody shows.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/call/call.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/identity/clients.h"
#include "services/identity/key_ring.h"
#include "services/identity/provider.h"
#include "services/identity/sessions.h"
#include "services/identity/sign_in.h"

namespace mostove::identity {

inline constexpr absl::Duration kCodeLife = absl::Seconds(60);

// What the grants work with; all outlive them.
struct GrantParts {
  const store::Store& store;
  const Vault& vault;
  const Options& options;
  KeyRing& keys;
  SignIn& sign_in;
  Provider& provider;
};

class Grants {
 public:
  explicit Grants(const GrantParts& parts)
      : parts_(parts), refresh_tokens_(parts.vault, parts.options) {}

  absl::StatusOr<v1::TokenResponse> IssueToken(const call::Call& call,
                                               const v1::IssueTokenRequest& request);
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(const call::Call& call,
                                                      const v1::RevokeTokenRequest& request);
  absl::StatusOr<v1::AuthorizeClientResponse> AuthorizeClient(
      const call::Call& call, const v1::AuthorizeClientRequest& request);
  absl::StatusOr<v1::DescribeClientResponse> DescribeClient(
      const call::Call& call, const v1::DescribeClientRequest& request);

  // An access token for hands: no session carries it on. See Bootstrap.
  absl::StatusOr<std::string> IssueLongToken(const call::Call& call, const std::string& subject,
                                             absl::Duration life);

 private:
  using Response = absl::StatusOr<v1::TokenResponse>;
  Response ByClientCredentials(const call::Call& call, const v1::IssueTokenRequest& request);
  Response ByPassword(const call::Call& call, const v1::IssueTokenRequest& request);
  Response ByRefreshToken(const call::Call& call, const v1::IssueTokenRequest& request);
  Response ByCode(const call::Call& call, const v1::IssueTokenRequest& request);
  Response ByAssertion(const call::Call& call, const v1::IssueTokenRequest& request);

  // A new session of a person and its first tokens.
  Response SignInUser(const call::Call& call, const v1::User& user, const v1::ApiClient& client,
                      uint32_t scopes);
  // The session that tokens for this secret name today.
  absl::StatusOr<v1::Session> SessionOfSecret(const call::Call& call, const KnownClient& known);
  absl::StatusOr<std::string> AccessToken(const call::Call& call, const v1::Session& session,
                                          uint32_t scopes, absl::Duration life);
  Response Answer(const call::Call& call, const v1::Session& session, uint32_t scopes,
                  std::string refresh_token);

  const GrantParts parts_;
  const RefreshTokens refresh_tokens_;
};

}  // namespace mostove::identity
