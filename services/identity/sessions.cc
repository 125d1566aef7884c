#include "services/identity/sessions.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "services/identity/access_records.h"
#include "services/identity/acting.h"

namespace mostove::identity {
namespace {

constexpr char kPurpose[] = "refresh token";
constexpr size_t kTokenBytesMax = 400;

bool Lives(const v1::Session& session, absl::Time now) {
  return !session.has_revoke_time() && ToTime(session.expire_time()) > now;
}

}  // namespace

absl::Status InvalidGrant() {
  return status::Make(absl::StatusCode::kInvalidArgument, "INVALID_GRANT",
                      "what was given is wrong, used, expired or withdrawn");
}

absl::StatusOr<v1::Session> BeginSession(const store::Store& store, const call::Call& call,
                                         sql::Transaction& transaction, const std::string& subject,
                                         const std::string& client, absl::Time expire_time) {
  v1::Session session;
  session.set_subject(subject);
  session.set_client(client);
  *session.mutable_expire_time() = ToTimestamp(expire_time);
  ASSIGN_OR_RETURN(v1::Session begun, store::ResourceStore<v1::Session>(store).CreateWithin(
                                          ActAs(call, subject), transaction, "", session));
  audit::Record record = {
      .kind = audit::Kind::kSignIn, .caller = subject, .session = begun.name(), .owner = subject};
  if (!absl::StartsWith(subject, "users/")) {
    record.kind = audit::Kind::kKeyUse;
    ASSIGN_OR_RETURN(const auto program,
                     FindLiving<v1::ApiClient>(store, transaction.connection(), subject));
    if (program.has_value()) record.owner = program->organization();
  }
  transaction.AfterCommit([&store, call, record] { RecordAccess(store, call, record); });
  return begun;
}

absl::Status EndSession(const store::Store& store, const call::Call& call,
                        sql::Transaction& transaction, const std::string& name,
                        v1::RevokeReason reason) {
  std::string client;
  const auto end = [&](v1::Session& session) {
    client = session.client();
    if (!Lives(session, call.Now())) return absl::OkStatus();
    *session.mutable_revoke_time() = ToTimestamp(call.Now());
    session.set_revoke_reason(reason);
    return absl::OkStatus();
  };
  const std::string& by = call.caller.name;
  RETURN_IF_ERROR(
      store::ResourceStore<v1::Session>(store)
          .ModifyWithin(ActAs(call, by.empty() ? "services/identity" : by), transaction, name, end)
          .status());
  // A program begins another one with its next token.
  RETURN_IF_ERROR(transaction.connection().Queue(
      "DELETE FROM client_sessions WHERE client = ?1 AND session = ?2", {client, name}));
  return transaction.connection().Queue("DELETE FROM refresh_tokens WHERE session = ?1", {name});
}

absl::StatusOr<int> EndSessionsOf(const store::Store& store, const call::Call& call,
                                  sql::Transaction& transaction, const std::string& subject,
                                  v1::RevokeReason reason, const std::string& except) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(transaction.connection().Query(
      "SELECT name FROM sessions WHERE subject = ?1 AND deleted = 0 AND expire_time > ?2 "
      "ORDER BY name",
      {subject, absl::ToUnixMicros(call.Now())}, [&](const sql::Row& row) {
        names.push_back(std::string(row.Text(0)));
        return true;
      }));
  int ended = 0;
  for (const std::string& name : names) {
    if (name == except) continue;
    ASSIGN_OR_RETURN(const std::optional<v1::Session> session,
                     FindLiving<v1::Session>(store, transaction.connection(), name));
    if (!session.has_value() || !Lives(*session, call.Now())) continue;
    RETURN_IF_ERROR(EndSession(store, call, transaction, name, reason));
    ++ended;
  }
  RETURN_IF_ERROR(
      transaction.connection().Queue("DELETE FROM client_sessions WHERE client = ?1", {subject}));
  return ended;
}

// ---- refresh tokens

std::string RefreshTokens::Make(absl::string_view session, absl::string_view random) const {
  const std::string said = absl::StrCat(IdOf(session), "|", random);
  return absl::WebSafeBase64Escape(
      absl::StrCat(said, "|", absl::WebSafeBase64Escape(vault_.Tag(kPurpose, said))));
}

bool RefreshTokens::Read(absl::string_view token, Parts* parts) const {
  std::string text;
  if (token.size() > kTokenBytesMax || !absl::WebSafeBase64Unescape(token, &text)) return false;
  const std::vector<std::string> words = absl::StrSplit(text, '|');
  if (words.size() != 3 || !resource::IsUuid(words[0])) return false;
  parts->session = absl::StrCat("sessions/", words[0]);
  parts->hash = HashOfSecret(words[1]);
  const std::string ours = Make(parts->session, words[1]);
  return token.size() == ours.size() && CRYPTO_memcmp(token.data(), ours.data(), ours.size()) == 0;
}

std::string RefreshTokens::SessionOf(absl::string_view token) const {
  Parts parts;
  return Read(token, &parts) ? parts.session : "";
}

absl::StatusOr<std::string> RefreshTokens::Give(sql::Transaction& transaction,
                                                const v1::Session& session, uint32_t scopes,
                                                absl::Time now) const {
  const std::string random = RandomSecret();
  const absl::Time end = std::min(now + options_.refresh_life, ToTime(session.expire_time()));
  RETURN_IF_ERROR(transaction.connection().Queue(
      "INSERT INTO refresh_tokens (session, client, scopes, hash, expire_time, previous_hash, "
      "rotate_time, rotate_address) VALUES (?1, ?2, ?3, ?4, ?5, '', 0, '')",
      {session.name(), session.client(), int64_t{scopes}, HashOfSecret(random),
       absl::ToUnixMicros(end)}));
  return Make(session.name(), random);
}

absl::StatusOr<RefreshTokens::Turned> RefreshTokens::Turn(const store::Store& store,
                                                          const call::Call& call,
                                                          absl::string_view token,
                                                          const std::string& client,
                                                          absl::string_view address) const {
  Parts shown;
  if (!Read(token, &shown)) return InvalidGrant();
  const absl::Time now = call.Now();
  const std::string from = absl::WebSafeBase64Escape(
      vault_.Tag("refresh address", absl::StrCat(shown.session, " ", address)));
  std::optional<Turned> turned;
  const auto turn = [&](sql::Transaction& transaction) -> absl::Status {
    turned.reset();
    sql::Connection& connection = transaction.connection();
    ASSIGN_OR_RETURN(
        const Found row,
        FindOne(connection,
                absl::StrCat("SELECT client, scopes, hash, expire_time, previous_hash, "
                             "rotate_time, rotate_address FROM refresh_tokens "
                             "WHERE session = ?1",
                             ForUpdate(connection)),
                {shown.session}));
    // Another client's token is none of this one's business.
    if (!row.found || row.Text(0) != client) return absl::OkStatus();
    const bool valid = shown.hash == row.Text(2);
    const bool again = shown.hash == row.Text(4) && from == row.Text(6) &&
                       now - absl::FromUnixMicros(row.Int64(5)) <= kLostAnswerTime;
    if (!valid && !again) {
      return EndSession(store, ActAs(call, "services/identity"), transaction, shown.session,
                        v1::REFRESH_TOKEN_REUSED);
    }
    if (absl::FromUnixMicros(row.Int64(3)) <= now) return absl::OkStatus();
    ASSIGN_OR_RETURN(
        std::optional<v1::Session> session,
        FindLiving<v1::Session>(store, connection, shown.session, store::Lock::kUpdate));
    if (!session.has_value() || !Lives(*session, now)) return absl::OkStatus();
    const std::string random = RandomSecret();
    const absl::Time end = std::min(now + options_.refresh_life, ToTime(session->expire_time()));
    RETURN_IF_ERROR(connection.Queue(
        "UPDATE refresh_tokens SET hash = ?2, expire_time = ?3, previous_hash = ?4, "
        "rotate_time = ?5, rotate_address = ?6 WHERE session = ?1",
        {shown.session, HashOfSecret(random), absl::ToUnixMicros(end), valid ? shown.hash : "",
         absl::ToUnixMicros(now), from}));
    turned = Turned{Make(shown.session, random), *std::move(session),
                    static_cast<uint32_t>(row.Int64(1))};
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(store.database().Write(call.deadline, turn, sql::Extent::kAny));
  if (!turned.has_value()) return InvalidGrant();
  return *std::move(turned);
}

}  // namespace mostove::identity
