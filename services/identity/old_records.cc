#include "services/identity/old_records.h"

#include <algorithm>
#include <string>
#include <vector>

#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "mostove/identity/v1/session.pb.h"
#include "mostove/identity/v1/signing_key.pb.h"
#include "services/identity/acting.h"

namespace mostove::identity {
namespace {

constexpr absl::Duration kRetentionMin = absl::Hours(24);

using Names = std::vector<std::string>;

absl::StatusOr<Names> OldSessions(sql::Connection& connection, absl::Time before) {
  Names names;
  RETURN_IF_ERROR(connection.Query(
      "SELECT name FROM sessions WHERE expire_time < ?1 ORDER BY expire_time, name LIMIT 500",
      {absl::ToUnixMicros(before)}, [&](const sql::Row& row) {
        names.push_back(std::string(row.Text(0)));
        return true;
      }));
  return names;
}

absl::StatusOr<Names> OldKeys(sql::Connection& connection, absl::Time before) {
  Names names;
  RETURN_IF_ERROR(connection.Query(
      "SELECT payload FROM signing_keys ORDER BY name", {}, [&](const sql::Row& row) {
        v1::SigningKey key;
        const absl::string_view payload = row.Bytes(0);
        const bool parsed = key.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
        if (parsed && key.has_expire_time() && ToTime(key.expire_time()) < before) {
          names.push_back(key.name());
        }
        return true;
      }));
  return names;
}

absl::Status Remove(const store::Store& store, const call::Call& call,
                    const google::protobuf::Descriptor* type, const Names& names) {
  if (names.empty()) return absl::OkStatus();
  const store::Collection& collection = *store.ByDescriptor(type);
  return store.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
    for (const std::string& name : names) {
      RETURN_IF_ERROR(collection.RemoveWithin(call, transaction, name));
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status RemoveOld(const store::Store& store, const call::Call& call,
                       absl::Duration retention) {
  const absl::Time before = call.Now() - std::max(retention, kRetentionMin);
  Names sessions, keys;
  {
    ASSIGN_OR_RETURN(const sql::Database::Reader reader, store.database().Read(call.deadline));
    ASSIGN_OR_RETURN(sessions, OldSessions(*reader, before));
    ASSIGN_OR_RETURN(keys, OldKeys(*reader, before));
  }
  const call::Call own = ActAs(call, "services/identity");
  RETURN_IF_ERROR(Remove(store, own, v1::Session::descriptor(), sessions));
  return Remove(store, own, v1::SigningKey::descriptor(), keys);
}

}  // namespace mostove::identity
