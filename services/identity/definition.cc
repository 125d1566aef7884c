#include "services/identity/definition.h"

#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "mostove/identity/v1/feed_key.pb.h"
#include "mostove/identity/v1/invitation.pb.h"
#include "mostove/identity/v1/role_grant.pb.h"
#include "mostove/identity/v1/session.pb.h"
#include "mostove/identity/v1/signing_key.pb.h"
#include "mostove/identity/v1/user.pb.h"

namespace mostove::identity {
namespace {

constexpr char kService[] = "mostove.identity.v1.IdentityService";

resource::Audience KeysAreForAll(const v1::SigningKey&) { return resource::v1::PUBLIC; }

std::vector<call::UnaryMethod> Methods(const store::Store&) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kService);
  std::vector<call::UnaryMethod> methods;
  for (const char* name :
       {"IssueToken", "RevokeToken", "AuthorizeClient", "DescribeClient", "WhoAmI", "RotateSecret",
        "RevokeSecrets", "RevokeSession", "SignOut", "SignOutEverywhere", "SetPassword",
        "AcceptInvitation", "RotateSigningKey"}) {
    const auto* method = service->FindMethodByName(name);
    methods.push_back({name, method->input_type(), method->output_type(),
                       [](const call::Call&,
                          const google::protobuf::Message&) -> absl::StatusOr<call::MessagePtr> {
                         return status::Make(absl::StatusCode::kUnimplemented, "NOT_YET",
                                             "this is not built yet");
                       }});
  }
  return methods;
}

}  // namespace

service::Definition Define() {
  return {.name = "identity",
          .service = kService,
          .migrations = Schema(),
          .collections = {{v1::User::descriptor(), {}},
                          {v1::ApiClient::descriptor(), {}},
                          {v1::RoleGrant::descriptor(), {}},
                          {v1::Session::descriptor(), {}},
                          {v1::Invitation::descriptor(), {}},
                          {v1::FeedKey::descriptor(), {}},
                          {v1::SigningKey::descriptor(),
                           store::RulesFor<v1::SigningKey>({.audience = KeysAreForAll})}},
          .methods = Methods};
}

}  // namespace mostove::identity
