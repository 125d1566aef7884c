#include "services/identity/acting.h"

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/store/log_entry.h"

namespace mostove::identity {

call::Call ActAs(const call::Call& call, const std::string& name) {
  call::Call own = call;
  own.caller = {.name = name, .administrator = true, .network = true};
  own.idempotency_key.clear();
  own.basis = nullptr;
  return own;
}

std::string ClientName(absl::string_view client_id) {
  return client_id.empty() ? "" : absl::StrCat("apiClients/", client_id);
}

absl::string_view IdOf(absl::string_view name) { return name.substr(name.find('/') + 1); }

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  store::SetTimestamp(time, timestamp);
  return timestamp;
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

absl::StatusOr<Found> FindOne(sql::Connection& connection, absl::string_view statement,
                              absl::Span<const sql::Value> values) {
  Found found;
  RETURN_IF_ERROR(connection.Query(statement, values, [&](const sql::Row& row) {
    found.found = true;
    for (int column = 0; column < row.size(); ++column) found.values.push_back(row.Get(column));
    return false;
  }));
  return found;
}

absl::string_view ForUpdate(const sql::Connection& connection) {
  return connection.engine() == sql::Engine::kPostgres ? " FOR UPDATE" : "";
}

absl::Status HoldLock(sql::Connection& connection, const std::string& name) {
  return FindOne(connection,
                 absl::StrCat("SELECT name FROM locks WHERE name = ?1", ForUpdate(connection)),
                 {name})
      .status();
}

}  // namespace mostove::identity
