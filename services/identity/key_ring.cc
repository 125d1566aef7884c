#include "services/identity/key_ring.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/auth/token.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "libs/telemetry/log.h"
#include "services/identity/acting.h"

namespace mostove::identity {
namespace {

using Keys = store::ResourceStore<v1::SigningKey>;

constexpr char kSelf[] = "services/identity";
constexpr absl::Duration kLookInterval = absl::Minutes(1);
// A key for at once is one for copies whose clocks are behind, too.
constexpr absl::Duration kClocksApart = absl::Minutes(1);

absl::Status EachKey(sql::Connection& connection,
                     const std::function<void(const v1::SigningKey&)>& each) {
  absl::Status parsed;
  RETURN_IF_ERROR(connection.Query(
      "SELECT payload FROM signing_keys WHERE deleted = 0 ORDER BY create_time, name", {},
      [&](const sql::Row& row) {
        v1::SigningKey key;
        const absl::string_view payload = row.Bytes(0);
        if (!key.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
          parsed = status::Internal("a payload in signing_keys cannot be parsed");
          return false;
        }
        each(key);
        return true;
      }));
  return parsed;
}

bool HasEnded(const v1::SigningKey& key, absl::Time now) {
  return key.has_expire_time() && ToTime(key.expire_time()) <= now;
}

}  // namespace

absl::Status KeyRing::Open(const call::Call& call) {
  RETURN_IF_ERROR(RotateWhenDue(call));
  const auto current = Current(call);
  if (current.ok()) return absl::OkStatus();
  if (options_.renew_keys) {
    telemetry::Log(telemetry::Level::kWarning, "signing_keys_renewed",
                   {{"error", std::string(current.status().message())}});
    call::Call own = call;
    own.caller.name = kSelf;
    return Rotate(own, /*revoke_previous=*/true).status();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the signing keys in the database cannot be opened with ", options_.key_file,
      ": put the key file back with which they were made, or start once with identity.renew_keys "
      "= true, which ends all tokens and sessions (",
      current.status().message(), ")"));
}

absl::StatusOr<auth::SigningKey> KeyRing::Current(const call::Call& call) {
  const int64_t now = absl::ToUnixSeconds(call.Now());
  int64_t due = next_look_;
  if (now >= due &&
      next_look_.compare_exchange_strong(due, now + absl::ToInt64Seconds(kLookInterval))) {
    // The present key goes on, however late the next one is.
    if (const absl::Status rotated = RotateWhenDue(call); !rotated.ok()) {
      telemetry::Log(telemetry::Level::kWarning, "signing_key_rotation_failed",
                     {{"error", std::string(rotated.message())}});
    }
  }
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  ASSIGN_OR_RETURN(const Found found,
                   FindOne(*reader,
                           "SELECT name, box FROM signing_key_secrets WHERE active_time <= ?1 "
                           "ORDER BY active_time DESC, name DESC LIMIT 1",
                           {absl::ToUnixMicros(call.Now())}));
  if (!found.found) return status::Internal("there is no signing key");
  ASSIGN_OR_RETURN(std::string jwk, vault_.Unseal(std::get<sql::Blob>(found.values[1]).bytes));
  return auth::SigningKey{std::string(IdOf(found.Text(0))), std::move(jwk)};
}

absl::StatusOr<auth::KeySet> KeyRing::Published(const call::Call& call) const {
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  auth::KeySet keys;
  RETURN_IF_ERROR(EachKey(*reader, [&](const v1::SigningKey& key) {
    auto parsed = auth::ParsePublicKey(key.public_jwk());
    if (HasEnded(key, call.Now()) || !parsed.ok()) return;
    keys[IdOf(key.name())] = *std::move(parsed);
  }));
  return keys;
}

absl::StatusOr<v1::SigningKey> KeyRing::Make(const call::Call& call, sql::Transaction& transaction,
                                             absl::Time active_time) const {
  ASSIGN_OR_RETURN(const auth::SigningKey key, auth::GenerateKey());
  v1::SigningKey published;
  ASSIGN_OR_RETURN(*published.mutable_public_jwk(), auth::PublicJwk(key));
  *published.mutable_active_time() = ToTimestamp(active_time);
  ASSIGN_OR_RETURN(published, Keys(store_).CreateWithin(call, transaction, key.id, published));
  RETURN_IF_ERROR(transaction.connection().Queue(
      "INSERT INTO signing_key_secrets (name, box, active_time) VALUES (?1, ?2, ?3)",
      {published.name(), sql::Blob{vault_.Seal(key.private_jwk)},
       absl::ToUnixMicros(active_time)}));
  return published;
}

absl::Status KeyRing::Retire(const call::Call& call, sql::Transaction& transaction,
                             const v1::SigningKey& next, bool at_once) const {
  std::vector<std::string> names;
  RETURN_IF_ERROR(EachKey(transaction.connection(), [&](const v1::SigningKey& key) {
    const bool settled = key.has_expire_time() && !(at_once && !HasEnded(key, call.Now()));
    if (key.name() != next.name() && !settled) names.push_back(key.name());
  }));
  const absl::Time retire = at_once ? call.Now() : ToTime(next.active_time());
  for (const std::string& name : names) {
    RETURN_IF_ERROR(Keys(store_)
                        .ModifyWithin(call, transaction, name,
                                      [&](v1::SigningKey& key) {
                                        *key.mutable_retire_time() = ToTimestamp(retire);
                                        *key.mutable_expire_time() = ToTimestamp(
                                            at_once ? retire : retire + auth::kTokenLifeMax);
                                        return absl::OkStatus();
                                      })
                        .status());
    if (!at_once) continue;
    RETURN_IF_ERROR(
        transaction.connection().Queue("DELETE FROM signing_key_secrets WHERE name = ?1", {name}));
  }
  return absl::OkStatus();
}

absl::Status KeyRing::RotateWhenDue(const call::Call& call) {
  const call::Call own = ActAs(call, kSelf);
  const absl::Time now = call.Now();
  // When the last key became or becomes active; none: there is none.
  const auto last_active = [](sql::Connection& connection) {
    return FindOne(connection,
                   "SELECT active_time FROM signing_key_secrets ORDER BY active_time DESC LIMIT 1",
                   {});
  };
  const auto is_due = [&](const Found& last) {
    return !last.found || absl::FromUnixMicros(last.Int64(0)) + options_.signing_key_life <=
                              now + options_.signing_key_notice;
  };
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
    ASSIGN_OR_RETURN(const Found last, last_active(*reader));
    if (!is_due(last)) return absl::OkStatus();
  }
  return store_.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
    sql::Connection& connection = transaction.connection();
    RETURN_IF_ERROR(HoldLock(connection, "signing_keys"));
    ASSIGN_OR_RETURN(const Found last, last_active(connection));
    if (!is_due(last)) return absl::OkStatus();  // another copy was first
    ASSIGN_OR_RETURN(const v1::SigningKey next,
                     Make(own, transaction,
                          last.found ? now + options_.signing_key_notice : now - kClocksApart));
    RETURN_IF_ERROR(Retire(own, transaction, next, /*at_once=*/false));
    // What signs no more is not kept; what does until the next one is.
    return connection.Queue(
        "DELETE FROM signing_key_secrets WHERE active_time < (SELECT MAX(active_time) FROM "
        "signing_key_secrets WHERE active_time <= ?1)",
        {absl::ToUnixMicros(now)});
  });
}

absl::StatusOr<v1::SigningKey> KeyRing::Rotate(const call::Call& call, bool revoke_previous) {
  const call::Call own = ActAs(call, call.caller.name);
  v1::SigningKey made;
  RETURN_IF_ERROR(
      store_.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        RETURN_IF_ERROR(HoldLock(transaction.connection(), "signing_keys"));
        ASSIGN_OR_RETURN(made, Make(own, transaction,
                                    call.Now() + (revoke_previous ? -kClocksApart
                                                                  : options_.signing_key_notice)));
        return Retire(own, transaction, made, revoke_previous);
      }));
  return made;
}

}  // namespace mostove::identity
