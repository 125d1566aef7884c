// What is done on the server itself, by whoever may read its database and key file:
// the first administrator, and tokens for the operator's own hands.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/auth/token.h"
#include "libs/service/service.h"
#include "libs/sql/database.h"
#include "services/identity/identity_service.h"
#include "services/identity/options.h"

namespace mostove::identity {

class Bootstrap {
 public:
  // On the database itself, of a service that does not run here. A SQLite file has
  // one process: FAILED_PRECONDITION while another holds it.
  static absl::StatusOr<std::unique_ptr<Bootstrap>> Open(const std::string& database_url,
                                                         const Options& options);
  // In the process of the service; see Define. Both outlive this.
  Bootstrap(const store::Store& store, IdentityService& service);
  ~Bootstrap();

  // A user with the role NETWORK_ADMINISTRATOR: "users/<uuid>". One who has the
  // address already gets the role and the password. INVALID_ARGUMENT for a password
  // that SetPassword would refuse.
  absl::StatusOr<std::string> CreateAdministrator(const std::string& email,
                                                  const std::string& password);
  // A living user of this address with this role, for the tokens of a sample; made
  // if there is none, without a password.
  absl::StatusOr<std::string> EnsureUser(const std::string& email, const std::string& display_name,
                                         resource::v1::Role role, const std::string& resource);
  // An access token for a user or an API client that no refresh token carries on;
  // 24 hours at most.
  absl::StatusOr<std::string> IssueLongToken(const std::string& subject,
                                             absl::Duration life = auth::kTokenLifeMax);

 private:
  struct Own;
  std::unique_ptr<Own> own_;  // of Open
  const store::Store* store_ = nullptr;
  IdentityService* service_ = nullptr;
};

}  // namespace mostove::identity
