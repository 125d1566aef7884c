// Calls and rows of identity's own.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/call/call.h"
#include "libs/sql/sql.h"
#include "libs/store/collection.h"
#include "libs/store/row.h"
#include "libs/store/store.h"

namespace mostove::identity {

// The same call by somebody who may write every row: for what identity does
// itself. The change log says `name`.
call::Call ActAs(const call::Call& call, const std::string& name);

// "apiClients/" and the id; "" for "".
std::string ClientName(absl::string_view client_id);
// "sessions/<uuid>" -> "<uuid>".
absl::string_view IdOf(absl::string_view name);

google::protobuf::Timestamp ToTimestamp(absl::Time time);
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);

// The first row of a query; none: `found` is false.
struct Found {
  bool found = false;
  std::vector<sql::Value> values;
  const std::string& Text(int column) const { return std::get<std::string>(values[column]); }
  int64_t Int64(int column) const { return std::get<int64_t>(values[column]); }
};
absl::StatusOr<Found> FindOne(sql::Connection& connection, absl::string_view statement,
                              absl::Span<const sql::Value> values);

// The living resource of that name.
template <class Resource>
absl::StatusOr<std::optional<Resource>> FindLiving(const store::Store& store,
                                                   sql::Connection& connection,
                                                   absl::string_view name,
                                                   store::Lock lock = store::Lock::kNone) {
  auto row =
      store::ReadRow(store.ByDescriptor(Resource::descriptor())->layout(), connection, name, lock);
  if (!row.ok()) return row.status();
  if (*row == nullptr || (*row)->deleted) return std::nullopt;
  return std::move(static_cast<Resource&>(*(*row)->message));
}

// Waits for other transactions that hold the lock of this name (a row of the
// table `locks`), and keeps it to the end of this one.
absl::Status HoldLock(sql::Connection& connection, const std::string& name);

// " FOR UPDATE" where the engine has row locks.
absl::string_view ForUpdate(const sql::Connection& connection);

}  // namespace mostove::identity
