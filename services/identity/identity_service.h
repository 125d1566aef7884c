// The RPCs of identity that are no standard methods.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "libs/call/method.h"
#include "libs/redis/client.h"
#include "libs/store/store.h"
#include "services/identity/grants.h"
#include "services/identity/options.h"

namespace mostove::identity {

class Operator;

class IdentityService {
 public:
  // Makes the first signing key. The store outlives this.
  static absl::StatusOr<std::shared_ptr<IdentityService>> Open(const store::Store& store,
                                                               const Options& options);

  // They keep the service alive.
  static std::vector<call::UnaryMethod> Methods(const std::shared_ptr<IdentityService>& service);

  absl::StatusOr<v1::TokenResponse> IssueToken(const call::Call& call,
                                               const v1::IssueTokenRequest& request);
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(const call::Call& call,
                                                      const v1::RevokeTokenRequest& request) {
    return grants_.RevokeToken(call, request);
  }
  absl::StatusOr<v1::AuthorizeClientResponse> AuthorizeClient(
      const call::Call& call, const v1::AuthorizeClientRequest& request);
  absl::StatusOr<v1::DescribeClientResponse> DescribeClient(
      const call::Call& call, const v1::DescribeClientRequest& request) {
    return grants_.DescribeClient(call, request);
  }
  absl::StatusOr<v1::RotateSecretResponse> RotateSecret(const call::Call& call,
                                                        const v1::RotateSecretRequest& request) {
    return identity::RotateSecret(store_, call, request);
  }
  absl::StatusOr<v1::RevokeSecretsResponse> RevokeSecrets(const call::Call& call,
                                                          const v1::RevokeSecretsRequest& request) {
    return identity::RevokeSecrets(store_, call, request);
  }
  absl::StatusOr<v1::AcceptInvitationResponse> AcceptInvitation(
      const call::Call& call, const v1::AcceptInvitationRequest& request);
  absl::StatusOr<v1::WhoAmIResponse> WhoAmI(const call::Call& call, const v1::WhoAmIRequest&);
  absl::StatusOr<v1::Session> RevokeSession(const call::Call& call,
                                            const v1::RevokeSessionRequest& request);
  absl::StatusOr<v1::SignOutResponse> SignOut(const call::Call& call, const v1::SignOutRequest&);
  absl::StatusOr<v1::SignOutEverywhereResponse> SignOutEverywhere(
      const call::Call& call, const v1::SignOutEverywhereRequest& request);
  absl::StatusOr<v1::SetPasswordResponse> SetPassword(const call::Call& call,
                                                      const v1::SetPasswordRequest& request);
  absl::StatusOr<v1::SigningKey> RotateSigningKey(const call::Call& call,
                                                  const v1::RotateSigningKeyRequest& request) {
    return keys_.Rotate(call, request.revoke_previous());
  }
  // In the place of standard methods.
  absl::StatusOr<v1::RoleGrant> CreateRoleGrant(const call::Call& call,
                                                const v1::CreateRoleGrantRequest& request);
  absl::StatusOr<v1::Invitation> CreateInvitation(const call::Call& call,
                                                  const v1::CreateInvitationRequest& request);
  absl::StatusOr<v1::FeedKey> CreateFeedKey(const call::Call& call,
                                            const v1::CreateFeedKeyRequest& request);

  // Serves operators while this lives: see Operator.
  absl::Status ServeOperator(const std::string& socket);

  Grants& grants() { return grants_; }
  SignIn& sign_in() { return sign_in_; }
  KeyRing& keys() { return keys_; }

 private:
  IdentityService(const store::Store& store, const Options& options, Vault vault,
                  std::unique_ptr<redis::Client> redis);
  // Deletes what has expired; now and then.
  void CleanUp(const call::Call& call);

  const store::Store& store_;
  const Options options_;
  const Vault vault_;
  const std::unique_ptr<redis::Client> redis_;  // null: this copy counts by itself
  KeyRing keys_;
  SignIn sign_in_;
  Provider provider_;
  Grants grants_;
  std::atomic<int64_t> next_clean_up_ = 0;  // Unix seconds
  std::shared_ptr<Operator> operator_;      // null: none; ends first
};

}  // namespace mostove::identity
