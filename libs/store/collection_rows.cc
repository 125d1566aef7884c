// How a checked resource goes into its rows and the change log.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/message_fields.h"
#include "libs/store/neighbours.h"
#include "libs/store/sight.h"

namespace mostove::store {

absl::Status Collection::AppendToLog(const Call& call, sql::Transaction& transaction,
                                     const StoredRow* before, StoredRow& row,
                                     changelog::Kind kind) const {
  MessagePtr logged(row.message->New());
  logged->CopyFrom(*row.message);
  if (type().etag_field() != nullptr) {
    logged->GetReflection()->ClearField(logged.get(), type().etag_field());
  }
  changelog::Entry entry;
  entry.personal_paths = resource::TakeOutPersonal(*logged);
  entry.time = call.Now();
  entry.caller = call.caller.name;
  entry.request_id = call.request_id;
  entry.resource_type = type().type();
  entry.name = NameOf(type(), *row.message);
  entry.revision = row.revision;
  entry.kind = kind;
  entry.payload = logged->SerializeAsString();
  entry.sight = SightOf(layout_, before, row).ToString();
  ASSIGN_OR_RETURN(row.sequence,
                   changelog::Append(transaction, entry, before == nullptr ? 0 : before->sequence));
  transaction.AfterCommit(
      [this, name = std::move(entry.name), sequence = row.sequence, outcome = call.outcome] {
        store_.versions().Changed(name);
        store_.versions().Changed(type().type());
        if (outcome != nullptr) {
          outcome->position = changelog::Position{store_.epoch(), sequence}.ToString();
        }
        store_.TellCommitted(sequence);
      });
  return absl::OkStatus();
}

absl::Status Collection::Insert(const Call& call, sql::Transaction& transaction,
                                StoredRow& row) const {
  const std::string name = NameOf(type(), *row.message);
  if (rules_.settle) {
    status::Violations violations;
    RETURN_IF_ERROR(Settle(call, transaction.connection(), /*lock=*/true, *row.message,
                           layout_.resource_field(), violations));
    RETURN_IF_ERROR(violations.ToStatus());
    if (!Writable(call.caller, row)) {
      return status::Aborted("CONCURRENT_UPDATE", "its owners changed meanwhile; try again");
    }
    RETURN_IF_ERROR(CheckWriter(call, nullptr, *row.message));
  }
  if (parent_ != nullptr) {
    const std::string parent(resource::ParentOf(name));
    ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> above,
                     parent_->ReadVisible(call, transaction.connection(), parent, Lock::kShare));
    if (above == nullptr) return parent_->NotFound(parent);
    if (above->deleted) {
      return status::Precondition("PARENT_DELETED",
                                  absl::StrCat(parent, " is deleted; undelete it first"));
    }
    row.audience = std::min(row.own_audience, above->audience);
  }
  RETURN_IF_ERROR(AppendToLog(call, transaction, nullptr, row, changelog::Kind::kCreated));
  RETURN_IF_ERROR(InsertRow(layout_, transaction.connection(), row));
  RETURN_IF_ERROR(
      store_.references().Record(transaction.connection(), name, nullptr, row.message.get()));
  if (rules_.accompany) {
    RETURN_IF_ERROR(rules_.accompany(store_, call, transaction, nullptr, *row.message));
  }
  if (type().etag_field() != nullptr) {
    row.message->GetReflection()->SetString(row.message.get(), type().etag_field(),
                                            MakeEtag(row.revision));
  }
  return absl::OkStatus();
}

absl::Status Collection::Replace(const Call& call, sql::Transaction& transaction,
                                 const StoredRow& before, StoredRow& after,
                                 changelog::Kind kind) const {
  after.revision = before.revision + 1;
  SetTime(*after.message, type().update_time_field(), call.Now());
  after.own_audience = OwnAudience(*after.message);
  after.audience = after.own_audience;
  const std::string name = NameOf(type(), *after.message);
  if (parent_ != nullptr && after.own_audience != before.own_audience) {
    ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> above,
                     ReadRow(parent_->layout_, transaction.connection(), resource::ParentOf(name),
                             Lock::kShare));
    if (above == nullptr) return status::Internal(absl::StrCat("the parent of ", name, " is gone"));
    ASSIGN_OR_RETURN(const resource::Audience below,
                     parent_->AudienceBelow(transaction.connection(), *above));
    after.audience = std::min(after.own_audience, below);
  } else if (parent_ != nullptr) {
    after.audience = before.audience;
  }
  RETURN_IF_ERROR(AppendToLog(call, transaction, &before, after, kind));
  RETURN_IF_ERROR(UpdateRow(layout_, transaction.connection(), before, after));
  RETURN_IF_ERROR(store_.references().Record(transaction.connection(), name,
                                             before.deleted ? nullptr : before.message.get(),
                                             after.deleted ? nullptr : after.message.get()));
  const auto shown = [](const StoredRow& row) {
    return row.deleted ? resource::v1::OWNER : row.audience;
  };
  if (shown(before) != shown(after)) {
    RETURN_IF_ERROR(NarrowBelow(transaction.connection(), name, shown(after)));
  }
  RETURN_IF_ERROR(RefreshBelow(call, transaction, before, after));
  if (rules_.accompany) {
    RETURN_IF_ERROR(
        rules_.accompany(store_, call, transaction, before.message.get(), *after.message));
  }
  if (type().etag_field() != nullptr) {
    after.message->GetReflection()->SetString(after.message.get(), type().etag_field(),
                                              MakeEtag(after.revision));
  }
  return absl::OkStatus();
}

absl::Status Collection::RefreshBelow(const Call& call, sql::Transaction& transaction,
                                      const StoredRow& before, const StoredRow& after) const {
  if (resource::OwnersOf(type(), *before.message) == resource::OwnersOf(type(), *after.message)) {
    return absl::OkStatus();
  }
  for (const std::unique_ptr<Collection>& child : store_.collections()) {
    if (child->parent_ != this || !child->rules_.settle) continue;
    std::vector<std::string> names;
    RETURN_IF_ERROR(transaction.connection().Query(
        absl::StrCat("SELECT name FROM ", child->layout_.table(),
                     " WHERE parent = ?1 AND deleted = 0 ORDER BY name"),
        {NameOf(type(), *after.message)}, [&](const sql::Row& row) {
          names.push_back(std::string(row.Text(0)));
          return true;
        }));
    for (const std::string& name : names) {
      RETURN_IF_ERROR(child->Refresh(call, transaction, name));
    }
  }
  return absl::OkStatus();
}

}  // namespace mostove::store
