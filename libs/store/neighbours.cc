#include "libs/store/neighbours.h"

#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "libs/store/store.h"

namespace mostove::store {
namespace {

constexpr int kNeighboursMax = 10000;

}  // namespace

absl::StatusOr<MessagePtr> Neighbours::Find(const google::protobuf::Descriptor* descriptor,
                                            absl::string_view name, Lock lock) const {
  const Collection* collection = store_.ByDescriptor(descriptor);
  if (collection == nullptr) {
    return status::Internal(absl::StrCat(descriptor->full_name(), " is of another service"));
  }
  if (!resource::MatchesName(collection->type(), name)) return nullptr;
  std::string held;
  name = store_.aliases().Resolve(name, held);
  ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> row,
                   lock_ ? ReadRow(collection->layout(), connection_, name, lock)
                         : collection->ReadVisible(call_, connection_, name, Lock::kNone));
  if (row == nullptr || row->deleted) return nullptr;
  return std::move(row->message);
}

absl::StatusOr<std::vector<MessagePtr>> Neighbours::With(
    const google::protobuf::Descriptor* descriptor, absl::string_view path,
    const std::string& value) const {
  const Collection* collection = store_.ByDescriptor(descriptor);
  if (collection == nullptr) {
    return status::Internal(absl::StrCat(descriptor->full_name(), " is of another service"));
  }
  const resource::Type& type = collection->type();
  const resource::ColumnInfo* info = type.FindColumn(path);
  if (path != "parent" && (info == nullptr || info->repeated)) {
    return status::Internal(absl::StrCat(type.type(), " has no single column ", path));
  }
  std::vector<MessagePtr> found;
  absl::Status parsed;
  const std::string statement = absl::StrCat("SELECT payload, revision FROM ", type.table(),
                                             " WHERE ", path == "parent" ? "parent" : info->column,
                                             " = ?1 AND deleted = 0 LIMIT ", kNeighboursMax + 1);
  for (const std::string& each : store_.aliases().NamesOf(value)) {
    RETURN_IF_ERROR(connection_.Query(statement, {each}, [&](const sql::Row& row) {
      auto message = ParsePayload(type, row.Bytes(0), row.Int64(1));
      parsed = message.status();
      if (parsed.ok()) found.push_back(*std::move(message));
      return parsed.ok();
    }));
    RETURN_IF_ERROR(parsed);
  }
  if (found.size() > kNeighboursMax) {
    return status::ResourceExhausted(
        "TOO_MANY_NEIGHBOURS",
        absl::StrCat("more than ", kNeighboursMax, " ", type.plural(), " belong together here"),
        absl::ZeroDuration());
  }
  return found;
}

}  // namespace mostove::store
