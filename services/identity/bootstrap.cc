#include "services/identity/bootstrap.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libs/resource/text.h"
#include "libs/status/macros.h"
#include "libs/store/resource_store.h"
#include "mostove/identity/v1/role_grant.pb.h"
#include "services/identity/acting.h"
#include "services/identity/definition.h"

namespace mostove::identity {
namespace {

call::Call OperatorsCall() {
  call::Call call;
  call.caller = call::LocalAdministrator();
  call.deadline = absl::Now() + absl::Minutes(1);
  return call;
}

absl::StatusOr<std::string> FindOrMake(const store::Store& store, const call::Call& call,
                                       sql::Transaction& transaction, const std::string& email,
                                       const std::string& display_name) {
  ASSIGN_OR_RETURN(const Found found, FindOne(transaction.connection(),
                                              "SELECT user_name FROM user_emails WHERE email = ?1",
                                              {FoldEmail(email)}));
  if (found.found) return found.Text(0);
  v1::User user;
  user.set_email(email);
  user.set_display_name(display_name);
  ASSIGN_OR_RETURN(user,
                   store::ResourceStore<v1::User>(store).CreateWithin(call, transaction, "", user));
  return user.name();
}

absl::Status Grant(const store::Store& store, const call::Call& call, sql::Transaction& transaction,
                   const std::string& member, resource::v1::Role role,
                   const std::string& resource) {
  ASSIGN_OR_RETURN(const Found found,
                   FindOne(transaction.connection(),
                           "SELECT name FROM role_grants WHERE member = ?1 AND role = ?2 AND "
                           "resource = ?3 AND deleted = 0",
                           {member, int64_t{role}, resource}));
  if (found.found) return absl::OkStatus();
  v1::RoleGrant grant;
  grant.set_member(member);
  grant.set_role(role);
  grant.set_resource(resource);
  return store::ResourceStore<v1::RoleGrant>(store)
      .CreateWithin(call, transaction, "", grant)
      .status();
}

}  // namespace

struct Bootstrap::Own {
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<service::Service> service;
  std::shared_ptr<IdentityService> identity;
};

Bootstrap::Bootstrap(const store::Store& store, IdentityService& service)
    : store_(&store), service_(&service) {}

Bootstrap::~Bootstrap() = default;

absl::StatusOr<std::unique_ptr<Bootstrap>> Bootstrap::Open(const std::string& database_url,
                                                           const Options& options) {
  auto own = std::make_unique<Own>();
  ASSIGN_OR_RETURN(own->database, sql::Database::Open({.url = database_url}));
  ASSIGN_OR_RETURN(own->service, service::Service::Open(Define(options, &own->identity),
                                                        {.database = own->database.get()}));
  auto bootstrap = std::make_unique<Bootstrap>(own->service->store(), *own->identity);
  bootstrap->own_ = std::move(own);
  return bootstrap;
}

absl::StatusOr<std::string> Bootstrap::CreateAdministrator(const std::string& email,
                                                           const std::string& password) {
  status::Violations violations;
  if (email.empty()) violations.Add("email", "REQUIRED", "is needed to sign in");
  const std::string normal = resource::ToNfc(password);
  CheckPassword(normal, email, "password", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  const call::Call call = OperatorsCall();
  ASSIGN_OR_RETURN(const std::string hash, service_->sign_in().Hash(normal, call.deadline));
  std::string name;
  RETURN_IF_ERROR(
      store_->database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(name, FindOrMake(*store_, call, transaction, email, ""));
        RETURN_IF_ERROR(SignIn::SetHash(transaction, name, hash));
        RETURN_IF_ERROR(
            EndSessionsOf(*store_, call, transaction, name, v1::CREDENTIAL_CHANGED).status());
        return Grant(*store_, call, transaction, name, resource::v1::NETWORK_ADMINISTRATOR,
                     "network");
      }));
  return name;
}

absl::StatusOr<std::string> Bootstrap::EnsureUser(const std::string& email,
                                                  const std::string& display_name,
                                                  resource::v1::Role role,
                                                  const std::string& resource) {
  const call::Call call = OperatorsCall();
  std::string name;
  RETURN_IF_ERROR(
      store_->database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(name, FindOrMake(*store_, call, transaction, email, display_name));
        return Grant(*store_, call, transaction, name, role, resource);
      }));
  return name;
}

absl::StatusOr<std::string> Bootstrap::IssueLongToken(const std::string& subject,
                                                      absl::Duration life) {
  return service_->grants().IssueLongToken(OperatorsCall(), subject,
                                           std::min(life, auth::kTokenLifeMax));
}

}  // namespace mostove::identity
