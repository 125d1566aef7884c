// What is particular to users.
#pragma once

#include "libs/call/call.h"
#include "libs/sql/sql.h"
#include "libs/status/status.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/user.pb.h"

namespace mostove::identity {

// Reason EMAIL; nothing is said of an empty one.
void CheckEmail(absl::string_view email, absl::string_view path, status::Violations& violations);

void PrepareUser(v1::User& user);
void CheckUser(const v1::User& user, absl::string_view path, status::Violations& violations);
// Address and `disabled` are for administrators: PERMISSION_DENIED, reason
// ADMINISTRATOR_REQUIRED.
absl::Status CheckUserWriter(const call::Caller& caller, const v1::User* before,
                             const v1::User& after);
// Holds the address, which is unique (ALREADY_EXISTS, reason EMAIL_TAKEN), and ends
// the sessions of one who may not sign in any more. FAILED_PRECONDITION, reason
// LAST_ADMINISTRATOR, if nobody would be left.
absl::Status AccompanyUser(const store::Store& store, const call::Call& call,
                           sql::Transaction& transaction, const v1::User* before,
                           const v1::User& after);

// FAILED_PRECONDITION, reason LAST_ADMINISTRATOR, unless a user who may sign in has
// the role NETWORK_ADMINISTRATOR as this transaction leaves it.
absl::Status CheckAdministratorRemains(const store::Store& store, const call::Call& call,
                                       sql::Transaction& transaction);

}  // namespace mostove::identity
