// Who somebody is by e-mail address and password.
//
// Wrong passwords are counted before they are looked at, by three budgets: of the
// account from this address, of the address for all accounts, and of the account
// from all addresses. From an address from which the account's owner has signed in
// before, only the first one counts: nobody else can use that up.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/call/call.h"
#include "libs/limits/limiter.h"
#include "libs/redis/client.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/user.pb.h"
#include "services/identity/passwords.h"
#include "services/identity/vault.h"

namespace mostove::identity {

// As it is compared and kept: without space around it, in lower case.
std::string FoldEmail(absl::string_view email);

class SignIn {
 public:
  // `redis`: through which copies count together; null: each by itself. Outlives
  // this.
  SignIn(const store::Store& store, const Vault& vault, const PasswordCost& cost,
         redis::Client* redis = nullptr);

  // The living user of this address and password. INVALID_ARGUMENT, reason
  // INVALID_GRANT, whatever is wrong, after as much work for an account that there
  // is not as for one that there is; RESOURCE_EXHAUSTED, reason TOO_MANY_ATTEMPTS
  // with a RetryInfo; UNAVAILABLE, reason SIGN_IN_BUSY.
  absl::StatusOr<v1::User> Check(const call::Call& call, absl::string_view email,
                                 absl::string_view password, absl::string_view address);
  // The same for a user that is known otherwise.
  absl::Status CheckOf(const call::Call& call, const v1::User& user, absl::string_view password,
                       absl::string_view address);

  // Hashes a new password that was checked; for SetHash.
  absl::StatusOr<std::string> Hash(absl::string_view password, absl::Time deadline) {
    return hasher_.Hash(password, deadline);
  }
  static absl::Status SetHash(sql::Transaction& transaction, const std::string& user,
                              const std::string& hash);

  int64_t hashes_computed() const { return hasher_.computed(); }

 private:
  // What the database knows of an address and where it was typed.
  struct Account {
    std::string user;  // "": there is none
    std::string hash;  // "": it has no password
    bool address_known = false;
  };
  absl::StatusOr<Account> Find(const call::Call& call, const std::string& email,
                               const std::string& address) const;
  absl::Status Admit(const call::Call& call, const Account& account, const std::string& email,
                     const std::string& address);
  absl::Status Remember(const call::Call& call, const std::string& user,
                        const std::string& address) const;
  std::string AddressTag(absl::string_view address) const;

  const store::Store& store_;
  const Vault& vault_;
  PasswordHasher hasher_;
  limits::Limiter limiter_;
};

}  // namespace mostove::identity
