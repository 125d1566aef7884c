// Merging: a row is marked, an alias kept, and nothing rewritten, so that undo takes
// away the mark and the alias.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/store/alias_table.h"
#include "libs/store/collection.h"
#include "libs/store/message_fields.h"

namespace mostove::store {
namespace {

using google::protobuf::Message;

constexpr char kMergedIntoField[] = "merged_into";

resource::Audience Shown(const StoredRow& row) {
  return row.deleted && !row.merged ? resource::v1::OWNER : row.audience;
}

// What the name stands for in the end, by the table: a process may know less.
absl::StatusOr<std::string> Survivor(sql::Connection& connection, std::string name) {
  while (true) {
    ASSIGN_OR_RETURN(const auto target, ReadAliasTarget(connection, name));
    if (!target.has_value()) return name;
    name = *target;
  }
}

// Two entries about an alias stand in the log in their order, though the row keeps no
// sequence of theirs.
absl::StatusOr<int64_t> LastSequence(sql::Connection& connection, const std::string& name) {
  int64_t last = 0;
  RETURN_IF_ERROR(connection.Query("SELECT MAX(sequence) FROM change_log WHERE name = ?1", {name},
                                   [&](const sql::Row& row) {
                                     if (!row.IsNull(0)) last = row.Int64(0);
                                     return false;
                                   }));
  return last;
}

absl::Status Deleted(absl::string_view name) {
  return status::Precondition("RESOURCE_DELETED",
                              absl::StrCat(name, " is deleted; undelete it first"));
}

}  // namespace

absl::StatusOr<resource::Audience> Collection::AudienceBelow(sql::Connection& connection,
                                                             const StoredRow& row) const {
  if (!row.merged) return Shown(row);
  const std::string name = NameOf(type(), *row.message);
  ASSIGN_OR_RETURN(const auto target, ReadAliasTarget(connection, name));
  if (!target.has_value()) return status::Internal(absl::StrCat(name, " is merged into nothing"));
  ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> other,
                   ReadRow(layout_, connection, *target, store::Lock::kShare));
  if (other == nullptr) return status::Internal(absl::StrCat(*target, " is gone"));
  ASSIGN_OR_RETURN(const resource::Audience wider, AudienceBelow(connection, *other));
  return std::min(Shown(row), wider);
}

absl::Status Collection::NarrowBelow(sql::Connection& connection, const std::string& name,
                                     resource::Audience audience) const {
  for (const std::unique_ptr<Collection>& child : store_.collections()) {
    if (child->parent_ != this) continue;
    RETURN_IF_ERROR(UpdateAudienceBelow(child->layout_, connection, name, audience));
  }
  if (parent_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> merged, ReadAliasesOf(connection, name));
  for (const std::string& other : merged) {
    ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> row,
                     ReadRow(layout_, connection, other, store::Lock::kNone));
    if (row == nullptr) continue;
    RETURN_IF_ERROR(NarrowBelow(connection, other, std::min(audience, Shown(*row))));
  }
  return absl::OkStatus();
}

absl::Status Collection::LockRows(
    sql::Connection& connection, const std::vector<std::string>& names,
    absl::flat_hash_map<std::string, std::unique_ptr<StoredRow>>& rows) const {
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& name : sorted) {
    ASSIGN_OR_RETURN(rows[name], ReadRow(layout_, connection, name, store::Lock::kUpdate));
    if (rows[name] == nullptr) return NotFound(name);
  }
  return absl::OkStatus();
}

absl::Status Collection::LogAlias(const Call& call, sql::Transaction& transaction,
                                  const StoredRow& row, const std::string& target,
                                  resource::Audience audience, changelog::Kind kind) const {
  const std::string name = NameOf(type(), *row.message);
  StoredRow before;
  StoredRow after;
  ASSIGN_OR_RETURN(before.sequence, LastSequence(transaction.connection(), name));
  before.message = NewMessage(type());
  before.message->CopyFrom(*row.message);
  after.message = NewMessage(type());
  after.message->CopyFrom(*row.message);
  after.revision = row.revision;
  before.audience = after.audience = row.audience;
  if (target.empty()) {
    before.audience = audience;
  } else {
    after.audience = audience;
    const auto* field = type().descriptor()->FindFieldByName(kMergedIntoField);
    if (field == nullptr) {
      return status::Internal(absl::StrCat(type().type(), " has no field ", kMergedIntoField));
    }
    after.message->GetReflection()->SetString(after.message.get(), field, target);
  }
  RETURN_IF_ERROR(AppendToLog(call, transaction, &before, after, kind));
  transaction.AfterCommit([this, name, target] { store_.SetAlias(name, target); });
  return absl::OkStatus();
}

absl::StatusOr<MessagePtr> Collection::Merge(const Call& call, const MergeRequest& request,
                                             bool validate_only) const {
  RETURN_IF_ERROR(resource::CheckName(type(), "name", request.name));
  RETURN_IF_ERROR(resource::CheckName(type(), "into", request.into));
  MessagePtr response = NewMessage(type());
  RETURN_IF_ERROR(Write(
      call, validate_only, sql::Extent::kAny, *response,
      [&](sql::Transaction& transaction, Message& answer) -> absl::Status {
        sql::Connection& connection = transaction.connection();
        absl::flat_hash_map<std::string, std::unique_ptr<StoredRow>> rows;
        std::string into;
        do {  // again when that was merged itself while this waited for its row
          ASSIGN_OR_RETURN(into, Survivor(connection, request.into));
          if (into == request.name) {
            return status::InvalidField("into", "SAME", "has to be another one than `name`");
          }
          RETURN_IF_ERROR(LockRows(connection, {request.name, into}, rows));
        } while (rows[into]->merged);
        const StoredRow& row = *rows[request.name];
        const StoredRow& survivor = *rows[into];
        if (row.merged) {
          ASSIGN_OR_RETURN(const std::string other, Survivor(connection, request.name));
          return status::Precondition(
              "ALREADY_MERGED",
              absl::StrCat(request.name, " is merged into ", other, " already; unmerge it first"));
        }
        if (row.deleted) return Deleted(request.name);
        if (survivor.deleted) return Deleted(into);
        RETURN_IF_ERROR(CheckEtag(row, request.name, request.etag));
        RETURN_IF_ERROR(CheckEtag(survivor, into, request.into_etag));
        const resource::Audience audience = std::min(Shown(row), Shown(survivor));
        RETURN_IF_ERROR(LogAlias(call, transaction, row, into, audience, changelog::Kind::kMerged));
        RETURN_IF_ERROR(MarkMerged(layout_, connection, request.name, true));
        RETURN_IF_ERROR(PutAlias(connection, "", request.name, into));
        RETURN_IF_ERROR(NarrowBelow(connection, request.name, audience));
        answer.CopyFrom(*survivor.message);
        return absl::OkStatus();
      }));
  return response;
}

absl::StatusOr<MessagePtr> Collection::Unmerge(const Call& call, const std::string& name,
                                               bool validate_only) const {
  RETURN_IF_ERROR(resource::CheckName(type(), "name", name));
  MessagePtr response = NewMessage(type());
  RETURN_IF_ERROR(Write(
      call, validate_only, sql::Extent::kAny, *response,
      [&](sql::Transaction& transaction, Message& answer) -> absl::Status {
        sql::Connection& connection = transaction.connection();
        absl::flat_hash_map<std::string, std::unique_ptr<StoredRow>> rows;
        // What it was merged into is held as well: a change of who sees that one
        // changes what stands below this one.
        std::optional<std::string> target;
        std::optional<std::string> locked;
        do {
          ASSIGN_OR_RETURN(locked, ReadAliasTarget(connection, name));
          RETURN_IF_ERROR(LockRows(connection, {name, locked.value_or(name)}, rows));
          ASSIGN_OR_RETURN(target, ReadAliasTarget(connection, name));
        } while (target != locked);
        const StoredRow& row = *rows[name];
        if (!row.merged || !target.has_value()) {
          return status::Precondition("NOT_MERGED", absl::StrCat(name, " is not merged"));
        }
        ASSIGN_OR_RETURN(const resource::Audience audience, AudienceBelow(connection, row));
        RETURN_IF_ERROR(LogAlias(call, transaction, row, "", audience, changelog::Kind::kUnmerged));
        RETURN_IF_ERROR(MarkMerged(layout_, connection, name, false));
        RETURN_IF_ERROR(RemoveAlias(connection, name));
        RETURN_IF_ERROR(NarrowBelow(connection, name, Shown(row)));
        answer.CopyFrom(*row.message);
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace mostove::store
