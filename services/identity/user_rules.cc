#include "services/identity/user_rules.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "mostove/identity/v1/role_grant.pb.h"
#include "re2/re2.h"
#include "services/identity/acting.h"
#include "services/identity/sessions.h"
#include "services/identity/sign_in.h"

namespace mostove::identity {
namespace {

bool MaySignIn(const v1::User& user) {
  return !user.disabled() && !user.erased() && !user.has_delete_time();
}

absl::Status HoldEmail(sql::Connection& connection, const v1::User* before, const v1::User& after) {
  const auto email_of = [](const v1::User& user) {
    return user.erased() || user.has_delete_time() ? "" : user.email();
  };
  const std::string earlier = before == nullptr ? "" : email_of(*before);
  const std::string email = email_of(after);
  if (email == earlier) return absl::OkStatus();
  RETURN_IF_ERROR(connection.Queue("DELETE FROM user_emails WHERE user_name = ?1", {after.name()}));
  if (email.empty()) return absl::OkStatus();
  return connection.Queue("INSERT INTO user_emails (email, user_name) VALUES (?1, ?2)",
                          {email, after.name()}, [](absl::Status error) {
                            if (!absl::IsAlreadyExists(error)) return error;
                            return status::Make(absl::StatusCode::kAlreadyExists, "EMAIL_TAKEN",
                                                "another user has this e-mail address");
                          });
}

// Erased, or deleted so long ago that its personal fields were purged.
bool IsForgotten(const v1::User* before, const v1::User& after) {
  const bool stays_deleted =
      before != nullptr && before->has_delete_time() && after.has_delete_time();
  return after.erased() || (stays_deleted && after.email().empty() && after.display_name().empty());
}

// What such a person leaves here: nothing.
absl::Status Forget(sql::Connection& connection, const std::string& user) {
  for (const char* statement : {"DELETE FROM passwords WHERE user_name = ?1",
                                "DELETE FROM sign_in_addresses WHERE user_name = ?1",
                                "DELETE FROM outside_identities WHERE user_name = ?1",
                                "DELETE FROM authorization_codes WHERE user_name = ?1"}) {
    RETURN_IF_ERROR(connection.Queue(statement, {user}));
  }
  return absl::OkStatus();
}

// Living grants of the role NETWORK_ADMINISTRATOR, in force; of one member, or all.
absl::StatusOr<std::vector<std::string>> Administrators(sql::Connection& connection,
                                                        const std::string& member, absl::Time now) {
  std::vector<std::string> members;
  RETURN_IF_ERROR(connection.Query(
      "SELECT payload FROM role_grants WHERE deleted = 0 AND resource = 'network' AND role = ?1",
      {int64_t{resource::v1::NETWORK_ADMINISTRATOR}}, [&](const sql::Row& row) {
        v1::RoleGrant grant;
        const absl::string_view payload = row.Bytes(0);
        const bool parsed = grant.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
        const bool in_force = !grant.has_expire_time() || ToTime(grant.expire_time()) > now;
        if (parsed && in_force && (member.empty() || grant.member() == member)) {
          members.push_back(grant.member());
        }
        return true;
      }));
  return members;
}

}  // namespace

void CheckEmail(absl::string_view email, absl::string_view path, status::Violations& violations) {
  static const RE2& form = *new RE2(R"([^\s@<>,;:"()\\]+@[\pL\pN]+([.-]+[\pL\pN]+)*)");
  if (email.empty() || RE2::FullMatch(re2::StringPiece(email.data(), email.size()), form)) return;
  violations.Add(path, "EMAIL", "has to be an e-mail address such as ana@example.org");
}

void PrepareUser(v1::User& user) {
  user.set_email(FoldEmail(user.email()));
  if (user.erased()) {
    user.clear_email();
    user.clear_display_name();
  }
}

void CheckUser(const v1::User& user, absl::string_view path, status::Violations& violations) {
  CheckEmail(user.email(), absl::StrCat(path, ".email"), violations);
}

absl::Status CheckUserWriter(const call::Caller& caller, const v1::User* before,
                             const v1::User& after) {
  if (caller.administrator || before == nullptr) return absl::OkStatus();
  if (before->email() == after.email() && before->disabled() == after.disabled() &&
      before->has_delete_time() == after.has_delete_time()) {
    return absl::OkStatus();
  }
  return status::PermissionDenied("ADMINISTRATOR_REQUIRED",
                                  "the e-mail address, and whether somebody may sign in, are "
                                  "changed by administrators of the network");
}

absl::Status CheckAdministratorRemains(const store::Store& store, const call::Call& call,
                                       sql::Transaction& transaction) {
  sql::Connection& connection = transaction.connection();
  ASSIGN_OR_RETURN(const std::vector<std::string> members,
                   Administrators(connection, "", call.Now()));
  for (const std::string& member : members) {
    if (!absl::StartsWith(member, "users/")) continue;
    ASSIGN_OR_RETURN(const std::optional<v1::User> user,
                     FindLiving<v1::User>(store, connection, member));
    if (user.has_value() && MaySignIn(*user)) return absl::OkStatus();
  }
  return status::Precondition(
      "LAST_ADMINISTRATOR",
      "the network would be left without an administrator; grant the role to somebody else first");
}

absl::Status AccompanyUser(const store::Store& store, const call::Call& call,
                           sql::Transaction& transaction, const v1::User* before,
                           const v1::User& after) {
  sql::Connection& connection = transaction.connection();
  RETURN_IF_ERROR(HoldEmail(connection, before, after));
  if (before == nullptr || !MaySignIn(*before) || MaySignIn(after)) {
    return IsForgotten(before, after) ? Forget(connection, after.name()) : absl::OkStatus();
  }
  RETURN_IF_ERROR(HoldLock(connection, "administrators"));
  ASSIGN_OR_RETURN(const std::vector<std::string> own,
                   Administrators(connection, after.name(), call.Now()));
  if (!own.empty()) RETURN_IF_ERROR(CheckAdministratorRemains(store, call, transaction));
  RETURN_IF_ERROR(
      EndSessionsOf(store, call, transaction, after.name(), v1::ACCOUNT_ENDED).status());
  return IsForgotten(before, after) ? Forget(connection, after.name()) : absl::OkStatus();
}

}  // namespace mostove::identity
