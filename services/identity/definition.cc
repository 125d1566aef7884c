#include "services/identity/definition.h"

#include <utility>
#include <vector>

#include "libs/status/macros.h"
#include "libs/store/resource_store.h"
#include "mostove/identity/v1/operation.pb.h"
#include "mostove/identity/v1/session.pb.h"
#include "mostove/identity/v1/signing_key.pb.h"
#include "services/identity/credential_rules.h"
#include "services/identity/persons.h"
#include "services/identity/role_grant_rules.h"
#include "services/identity/snapshot.h"
#include "services/identity/user_rules.h"

namespace mostove::identity {
namespace {

resource::Audience KeysAreForAll(const v1::SigningKey&) { return resource::v1::PUBLIC; }

std::vector<store::CollectionSpec> Collections() {
  return {
      {v1::User::descriptor(),
       store::RulesFor<v1::User>(
           {.prepare = PrepareUser, .check_writer = CheckUserWriter, .accompany = AccompanyUser})},
      {v1::ApiClient::descriptor(),
       store::RulesFor<v1::ApiClient>(
           {.check_writer = CheckApiClientWriter, .accompany = AccompanyApiClient})},
      {v1::RoleGrant::descriptor(),
       store::RulesFor<v1::RoleGrant>(
           {.check_writer = CheckRoleGrantWriter, .accompany = AccompanyRoleGrant})},
      {v1::Session::descriptor(), {}},
      {v1::Invitation::descriptor(),
       store::RulesFor<v1::Invitation>({.prepare = PrepareInvitation,
                                        .check_writer = CheckInvitationWriter,
                                        .accompany = AccompanyInvitation})},
      {v1::FeedKey::descriptor(), store::RulesFor<v1::FeedKey>({.prepare = PrepareFeedKey,
                                                                .check_writer = CheckFeedKeyWriter,
                                                                .accompany = AccompanyFeedKey})},
      {v1::Operation::descriptor(), {}},
      {v1::SigningKey::descriptor(), store::RulesFor<v1::SigningKey>({.audience = KeysAreForAll})}};
}

}  // namespace

service::Definition Define(const Options& options, std::shared_ptr<IdentityService>* opened) {
  return {
      .name = "identity",
      .service = "mostove.identity.v1.IdentityService",
      .migrations = Schema(),
      .collections = Collections(),
      .checks = {service::Check<v1::User>(CheckUser), service::Check<v1::ApiClient>(CheckApiClient),
                 service::Check<v1::RoleGrant>(CheckRoleGrant),
                 service::Check<v1::Invitation>(CheckInvitation),
                 service::Check<v1::FeedKey>(CheckFeedKey)},
      .methods = [options, opened](
                     const store::Store& store) -> absl::StatusOr<std::vector<call::UnaryMethod>> {
        ASSIGN_OR_RETURN(std::shared_ptr<IdentityService> service,
                         IdentityService::Open(store, options));
        if (!options.operator_socket.empty()) {
          RETURN_IF_ERROR(service->ServeOperator(options.operator_socket));
        }
        if (opened != nullptr) *opened = service;
        std::vector<call::UnaryMethod> methods = IdentityService::Methods(service);
        for (call::UnaryMethod& method : PersonMethods(store)) {
          methods.push_back(std::move(method));
        }
        methods.push_back(SnapshotMethod(store));
        return methods;
      }};
}

}  // namespace mostove::identity
