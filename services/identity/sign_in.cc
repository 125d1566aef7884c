#include "services/identity/sign_in.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/http/network.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "services/identity/acting.h"
#include "services/identity/sessions.h"
#include "unicode/locid.h"
#include "unicode/unistr.h"

namespace mostove::identity {
namespace {

enum BudgetIndex : size_t { kAccountHere, kAccountAtHome, kAddress, kAccount };

std::vector<limits::Budget> Budgets() {
  return {{.name = "sign_in_account_here", .quota = 10, .window = absl::Minutes(10)},
          {.name = "sign_in_account_at_home", .quota = 30, .window = absl::Minutes(10)},
          {.name = "sign_in_address", .quota = 100, .window = absl::Minutes(10)},
          {.name = "sign_in_account", .quota = 60, .window = absl::Hours(1)}};
}

}  // namespace

std::string FoldEmail(absl::string_view email) {
  const absl::string_view bare = absl::StripAsciiWhitespace(email);
  std::string folded;
  icu::UnicodeString::fromUTF8(icu::StringPiece(bare.data(), static_cast<int32_t>(bare.size())))
      .toLower(icu::Locale::getRoot())
      .toUTF8String(folded);
  return folded;
}

SignIn::SignIn(const store::Store& store, const Vault& vault, const PasswordCost& cost,
               redis::Client* redis)
    : store_(store), vault_(vault), hasher_(cost), limiter_(Budgets(), {.redis = redis}) {}

std::string SignIn::AddressTag(absl::string_view address) const {
  return absl::WebSafeBase64Escape(vault_.Tag("sign-in address", http::NetworkOf(address)));
}

absl::StatusOr<SignIn::Account> SignIn::Find(const call::Call& call, const std::string& email,
                                             const std::string& address) const {
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  ASSIGN_OR_RETURN(
      const Found row,
      FindOne(*reader,
              "SELECT e.user_name, COALESCE(p.hash, ''), COALESCE(a.address, '') FROM user_emails "
              "e LEFT JOIN passwords p ON p.user_name = e.user_name LEFT JOIN sign_in_addresses a "
              "ON a.user_name = e.user_name AND a.address = ?2 WHERE e.email = ?1",
              {email, address}));
  if (!row.found) return Account();
  return Account{row.Text(0), row.Text(1), !row.Text(2).empty()};
}

absl::Status SignIn::Admit(const call::Call& call, const Account& account, const std::string& email,
                           const std::string& address) {
  const std::string tag = vault_.Tag("sign-in account", email);
  std::vector<std::pair<size_t, std::string>> takes;
  if (account.address_known) {
    takes = {{kAccountAtHome, absl::StrCat(tag, address)}};
  } else {
    takes = {{kAccountHere, absl::StrCat(tag, address)}, {kAddress, address}, {kAccount, tag}};
  }
  for (const auto& [budget, key] : takes) {
    const limits::Verdict verdict = limiter_.Take(budget, key, call.Now());
    if (verdict.admitted) continue;
    return status::ResourceExhausted("TOO_MANY_ATTEMPTS",
                                     "there were too many attempts to sign in; try again later",
                                     verdict.retry_after);
  }
  return absl::OkStatus();
}

absl::Status SignIn::Remember(const call::Call& call, const std::string& user,
                              const std::string& address) const {
  return store_.database().Write(
      call.deadline,
      [&](sql::Transaction& transaction) {
        return transaction.connection().Queue(
            "INSERT INTO sign_in_addresses (user_name, address, last_time) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (user_name, address) DO UPDATE SET last_time = ?3",
            {user, address, absl::ToUnixMicros(call.Now())});
      },
      sql::Extent::kShort);
}

absl::StatusOr<v1::User> SignIn::Check(const call::Call& call, absl::string_view email,
                                       absl::string_view password, absl::string_view address) {
  const std::string folded = FoldEmail(email);
  const std::string tag = AddressTag(address);
  ASSIGN_OR_RETURN(const Account account, Find(call, folded, tag));
  RETURN_IF_ERROR(Admit(call, account, folded, tag));
  ASSIGN_OR_RETURN(const bool matches, hasher_.Matches(password, account.hash, call.deadline));
  if (!matches) return InvalidGrant();
  std::optional<v1::User> user;
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
    ASSIGN_OR_RETURN(user, FindLiving<v1::User>(store_, *reader, account.user));
  }
  if (!user.has_value() || user->disabled() || user->erased()) return InvalidGrant();
  RETURN_IF_ERROR(Remember(call, account.user, tag));
  return *std::move(user);
}

absl::Status SignIn::CheckOf(const call::Call& call, const v1::User& user,
                             absl::string_view password, absl::string_view address) {
  return Check(call, user.email(), password, address).status();
}

absl::Status SignIn::SetHash(sql::Transaction& transaction, const std::string& user,
                             const std::string& hash) {
  return transaction.connection().Queue(
      "INSERT INTO passwords (user_name, hash) VALUES (?1, ?2) "
      "ON CONFLICT (user_name) DO UPDATE SET hash = ?2",
      {user, hash});
}

}  // namespace mostove::identity
