// Changes and removes rows, whatever state these are in.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/message_fields.h"

namespace mostove::store {
namespace {

// Rows that are read at a time.
constexpr int kRowsPerRead = 500;

}  // namespace

absl::StatusOr<bool> Collection::ChangeRow(const Call& call, const std::string& name,
                                           const RowChange& change) const {
  bool changed = false;
  const auto run = [&](sql::Transaction& transaction) -> absl::Status {
    changed = false;
    ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> before,
                     ReadRow(layout_, transaction.connection(), name, store::Lock::kUpdate));
    if (before == nullptr) return absl::OkStatus();
    StoredRow after;
    after.deleted = before->deleted;
    after.merged = before->merged;
    after.message = NewMessage(type());
    after.message->CopyFrom(*before->message);
    if (!change(*after.message)) return absl::OkStatus();
    changed = true;
    return Replace(call, transaction, *before, after, changelog::Kind::kUpdated);
  };
  RETURN_IF_ERROR(store_.database().Write(call.deadline, run));
  return changed;
}

absl::Status Collection::RemoveWithin(const Call& call, sql::Transaction& transaction,
                                      const std::string& name) const {
  sql::Connection& connection = transaction.connection();
  ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> before,
                   ReadRow(layout_, connection, name, store::Lock::kUpdate));
  if (before == nullptr) return absl::OkStatus();
  StoredRow after;
  after.deleted = true;
  after.message = NewMessage(type());
  after.message->CopyFrom(*before->message);
  SetTime(*after.message, type().delete_time_field(), call.Now());
  // The log, the references and the tables of owners as in a deletion.
  RETURN_IF_ERROR(Replace(call, transaction, *before, after, changelog::Kind::kDeleted));
  return DeleteRow(layout_, connection, after);
}

absl::StatusOr<int64_t> Collection::ChangeEach(const Call& call, Rows rows,
                                               const RowChange& change) const {
  const std::string statement =
      absl::StrCat("SELECT name, payload FROM ", layout_.table(), " WHERE name > ?1",
                   rows == Rows::kDeleted ? " AND deleted = 1" : "", " ORDER BY name LIMIT ?2");
  int64_t changes = 0;
  std::string last;
  for (int read = kRowsPerRead; read == kRowsPerRead;) {
    read = 0;
    std::vector<std::string> wanted;
    {
      ASSIGN_OR_RETURN(const sql::Database::Reader reader, store_.database().Read(call.deadline));
      absl::Status parsed;
      RETURN_IF_ERROR(
          reader->Query(statement, {last, int64_t{kRowsPerRead}}, [&](const sql::Row& row) {
            ++read;
            last = std::string(row.Text(0));
            auto message = ParsePayload(type(), row.Bytes(1), 0);
            parsed = message.status();
            if (parsed.ok() && change(**message)) wanted.push_back(last);
            return parsed.ok();
          }));
      RETURN_IF_ERROR(parsed);
    }
    for (const std::string& name : wanted) {
      ASSIGN_OR_RETURN(const bool changed, ChangeRow(call, name, change));
      if (changed) ++changes;
    }
  }
  return changes;
}

}  // namespace mostove::store
