#include "libs/store/collection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/answers/basis.h"
#include "libs/resource/mask.h"
#include "libs/resource/name.h"
#include "libs/resource/roles.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/store/message_fields.h"

namespace mostove::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Equal but for the fields that every write sets.
bool SameContent(const resource::Type& type, const Message& before, const Message& after) {
  MessagePtr left(before.New());
  MessagePtr right(after.New());
  left->CopyFrom(before);
  right->CopyFrom(after);
  for (const FieldDescriptor* field : {type.etag_field(), type.update_time_field()}) {
    if (field == nullptr) continue;
    left->GetReflection()->ClearField(left.get(), field);
    right->GetReflection()->ClearField(right.get(), field);
  }
  return google::protobuf::util::MessageDifferencer::Equals(*left, *right);
}

// "W/\"7\"" and "7" are accepted for "\"7\"": proxies weaken, people forget.
absl::string_view BareEtag(absl::string_view etag) {
  if (etag.size() > 2 && etag.substr(0, 2) == "W/") etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return etag;
}

// Personal fields are paths from the top: `contacts`.
void CopyPersonal(const Message& from, Message& to) {
  MessagePtr without(from.New());
  without->CopyFrom(from);
  google::protobuf::FieldMask mask;
  for (const std::string& path : resource::TakeOutPersonal(*without)) mask.add_paths(path);
  status::Violations ignored;
  if (mask.paths_size() > 0) {
    resource::Mask::Build(mask, "", from, ignored).Apply(from, to, "", ignored);
  }
}

// Thrown away on purpose: tells `Write` that the change was only tried.
absl::Status Rollback() { return absl::CancelledError("validate_only"); }

}  // namespace

Collection::Collection(const Store& store, const resource::Type& type, Rules rules,
                       const Collection* parent)
    : store_(store), layout_(type), rules_(std::move(rules)), parent_(parent) {}

absl::Status Collection::NotFound(absl::string_view name) const {
  return status::NotFound(type().type(), name);
}

absl::StatusOr<std::unique_ptr<StoredRow>> Collection::ReadVisible(const Call& call,
                                                                   sql::Connection& connection,
                                                                   absl::string_view name,
                                                                   store::Lock lock) const {
  ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> row,
                   ReadVisibleRow(layout_, call.caller, connection, name, lock));
  // Another process has merged it just now, and this one does not know what it stands for.
  if (row != nullptr && row->merged) return nullptr;
  return row;
}

bool Collection::Writable(const call::Caller& caller, const StoredRow& row) const {
  return caller.administrator || resource::IsOwnedBy(caller.acts_for, type(), *row.message);
}

absl::Status Collection::NotOwner(const Call& call, const Message& resource,
                                  absl::string_view what) const {
  std::string text = absl::StrCat("only its owner or an administrator can ", what);
  const std::string roles = resource::RoleNames(call.roles);
  const std::vector<std::string> owners =
      resource::OwnersOf(type(), resource, resource::LevelOf(call.caller, type(), resource));
  if (!roles.empty() && !owners.empty()) {
    absl::StrAppend(&text, ": this needs the role ", roles, " on ", absl::StrJoin(owners, " or "));
  }
  return status::PermissionDenied("NOT_OWNER", text);
}

resource::Audience Collection::OwnAudience(const Message& resource) const {
  if (rules_.audience) return rules_.audience(resource);
  return type().has_parent() ? resource::v1::PUBLIC : resource::v1::OWNER;
}

void Collection::RestOn(const Call& call, absl::string_view name) const {
  if (call.basis == nullptr) return;
  const Collection* collection = this;
  for (; collection != nullptr; collection = collection->parent_) {
    call.basis->RestOn(store_.versions(), name);
    name = resource::ParentOf(name);
  }
}

void Collection::RestOnAll(const Call& call) const {
  if (call.basis == nullptr) return;
  for (const Collection* above = this; above != nullptr; above = above->parent_) {
    call.basis->RestOn(store_.versions(), above->type().type());
  }
}

absl::string_view Collection::RestOnSurvivor(const Call& call, absl::string_view name,
                                             std::string& held) const {
  RestOn(call, name);  // before it is known what it stands for
  const absl::string_view survivor = store_.aliases().Resolve(name, held);
  if (survivor.data() != name.data()) RestOn(call, survivor);
  return survivor;
}

absl::StatusOr<MessagePtr> Collection::Get(const Call& call, absl::string_view name) const {
  const absl::string_view asked = name;
  RETURN_IF_ERROR(resource::CheckName(type(), "name", name));
  std::string held;
  name = RestOnSurvivor(call, name, held);
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> row,
                   ReadVisible(call, *reader, name, store::Lock::kNone));
  if (row == nullptr) return NotFound(asked);
  return std::move(row->message);
}

absl::StatusOr<std::string> Collection::GetBytes(const Call& call, absl::string_view name) const {
  if (!call.caller.administrator) return status::Internal("bytes are for administrators");
  RETURN_IF_ERROR(resource::CheckName(type(), "name", name));
  const absl::string_view asked = name;
  std::string held;
  name = RestOnSurvivor(call, name, held);
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  std::string bytes;
  bool found = false;
  RETURN_IF_ERROR(
      reader->Query(layout_.select_statement(), {std::string(name)}, [&](const sql::Row& row) {
        if (IsMerged(row)) return false;
        bytes = BytesOf(type(), row.Bytes(0), row.Int64(1));
        found = true;
        return false;
      }));
  if (!found) return NotFound(asked);
  return bytes;
}

absl::StatusOr<std::vector<MessagePtr>> Collection::BatchGet(
    const Call& call, const std::vector<std::string>& names) const {
  status::Violations violations;
  for (size_t i = 0; i < names.size(); ++i) {
    violations.Add(resource::CheckName(type(), absl::StrCat("names[", i, "]"), names[i]));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  std::vector<std::string> survivors;
  survivors.reserve(names.size());
  for (const std::string& name : names) {
    std::string held;
    survivors.emplace_back(RestOnSurvivor(call, name, held));
  }
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  std::vector<MessagePtr> messages;
  messages.reserve(names.size());
  size_t bytes = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> row,
                     ReadVisible(call, *reader, survivors[i], store::Lock::kNone));
    if (row == nullptr) return NotFound(names[i]);
    bytes += row->message->ByteSizeLong();
    if (bytes > kAnswerBytesMax) {
      return status::InvalidField(
          "names", "TOO_LARGE",
          absl::StrCat("names resources of more than ", kAnswerBytesMax, " bytes: ask for fewer"));
    }
    messages.push_back(std::move(row->message));
  }
  return messages;
}

absl::StatusOr<bool> Collection::Lives(const Call& call, sql::Connection& connection,
                                       absl::string_view name) const {
  std::string held;
  name = store_.aliases().Resolve(name, held);
  ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> row,
                   ReadVisible(call, connection, name, store::Lock::kNone));
  return row != nullptr && !row->deleted;
}

absl::Status Collection::FillPersonal(const Call& call, Message& response) const {
  const google::protobuf::Reflection& reflection = *response.GetReflection();
  std::vector<Message*> resources;
  if (response.GetDescriptor() == type().descriptor()) resources.push_back(&response);
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(response, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!field->is_repeated() || field->message_type() != type().descriptor()) continue;
    for (int i = 0; i < reflection.FieldSize(response, field); ++i) {
      resources.push_back(reflection.MutableRepeatedMessage(&response, field, i));
    }
  }
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  for (Message* resource : resources) {
    ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> row,
                     ReadVisible(call, *reader, NameOf(type(), *resource), store::Lock::kNone));
    // Whose it was when the answer was kept decides nothing.
    if (row != nullptr && Writable(call.caller, *row)) CopyPersonal(*row->message, *resource);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Collection::FindKept(const Call& call, bool validate_only,
                                          Message& response) const {
  if (validate_only) return false;
  ASSIGN_OR_RETURN(const bool kept, store_.idempotency().Find(call, response));
  if (kept) RETURN_IF_ERROR(FillPersonal(call, response));
  return kept;
}

absl::Status Collection::Write(
    const Call& call, bool validate_only, sql::Extent extent, Message& response,
    const std::function<absl::Status(sql::Transaction&, Message&)>& change) const {
  if (!validate_only) {
    ASSIGN_OR_RETURN(const Idempotency::Answer answer,
                     store_.idempotency().Write(call, extent, response, change));
    return answer == Idempotency::Answer::kKept ? FillPersonal(call, response) : absl::OkStatus();
  }
  Call trial = call;
  trial.idempotency_key.clear();
  bool reached_the_end = false;
  const auto tried = store_.idempotency().Write(
      trial, sql::Extent::kAny, response,
      [&](sql::Transaction& transaction, Message& answer) -> absl::Status {
        reached_the_end = false;
        RETURN_IF_ERROR(change(transaction, answer));
        RETURN_IF_ERROR(transaction.connection().Flush());
        reached_the_end = true;
        return Rollback();
      });
  const absl::Status& result = tried.status();
  if (reached_the_end && absl::IsCancelled(result)) return absl::OkStatus();
  return result;
}

absl::StatusOr<std::unique_ptr<StoredRow>> Collection::Lock(const Call& call,
                                                            sql::Transaction& transaction,
                                                            absl::string_view name,
                                                            absl::string_view etag) const {
  ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> row,
                   ReadVisible(call, transaction.connection(), name, store::Lock::kUpdate));
  if (row == nullptr) return NotFound(name);
  if (!Writable(call.caller, *row)) {
    return NotOwner(call, *row->message, absl::StrCat("change ", name));
  }
  RETURN_IF_ERROR(CheckEtag(*row, name, etag));
  return row;
}

absl::Status Collection::CheckEtag(const StoredRow& row, absl::string_view name,
                                   absl::string_view etag) {
  if (etag.empty() || BareEtag(etag) == absl::StrCat(row.revision)) return absl::OkStatus();
  return status::Aborted(
      "ETAG_MISMATCH",
      absl::StrCat(name, " was changed meanwhile: read it again and repeat the change"));
}

absl::Status Collection::Change(const Call& call, sql::Transaction& transaction,
                                absl::string_view name, absl::string_view etag,
                                const ChangeFunction& change, Message& answer,
                                std::vector<AddedReference>& added) const {
  ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> before, Lock(call, transaction, name, etag));
  if (before->deleted) {
    return status::Precondition("RESOURCE_DELETED",
                                absl::StrCat(name, " is deleted; undelete it first"));
  }
  const ReferenceKeeper& references = store_.references();
  StoredRow after;
  after.message = NewMessage(type());
  after.message->CopyFrom(*before->message);
  if (change) RETURN_IF_ERROR(change(*after.message));
  RETURN_IF_ERROR(references.EndWithTargets(transaction.connection(), *after.message));
  Complete(before->message.get(), *after.message);
  status::Violations violations;
  Check(*after.message, layout_.resource_field(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  RETURN_IF_ERROR(Settle(call, transaction.connection(), /*lock=*/true, *after.message,
                         layout_.resource_field(), violations));
  if (change) RETURN_IF_ERROR(violations.ToStatus());
  if (SameContent(type(), *before->message, *after.message)) {
    answer.CopyFrom(*before->message);
    return absl::OkStatus();
  }
  if (change) RETURN_IF_ERROR(CheckWriter(call, before->message.get(), *after.message));
  if (rules_.check_change) RETURN_IF_ERROR(rules_.check_change(*before->message, *after.message));
  RETURN_IF_ERROR(Replace(call, transaction, *before, after, changelog::Kind::kUpdated));
  answer.CopyFrom(*after.message);
  added = references.Added(before->message.get(), *after.message, layout_.resource_field());
  return references.Hold(transaction.connection(), added);
}

absl::StatusOr<MessagePtr> Collection::Modify(const Call& call, absl::string_view name,
                                              absl::string_view etag, bool validate_only,
                                              const ChangeFunction& change) const {
  RETURN_IF_ERROR(resource::CheckName(type(), "name", name));
  std::string held;
  name = store_.aliases().Resolve(name, held);
  MessagePtr response = NewMessage(type());
  std::vector<AddedReference> added;
  const absl::Status written =
      Write(call, validate_only, sql::Extent::kShort, *response,
            [&](sql::Transaction& transaction, Message& answer) {
              added.clear();
              return Change(call, transaction, name, etag, change, answer, added);
            });
  RETURN_IF_ERROR(store_.references().Explain(call, added, written));
  return response;
}

absl::StatusOr<MessagePtr> Collection::ModifyWithin(const Call& call, sql::Transaction& transaction,
                                                    absl::string_view name,
                                                    const ChangeFunction& change) const {
  RETURN_IF_ERROR(resource::CheckName(type(), "name", name));
  std::string held;
  name = store_.aliases().Resolve(name, held);
  MessagePtr answer = NewMessage(type());
  std::vector<AddedReference> added;
  RETURN_IF_ERROR(Change(call, transaction, name, "", change, *answer, added));
  return answer;
}

absl::Status Collection::Refresh(const Call& call, sql::Transaction& transaction,
                                 absl::string_view name) const {
  const MessagePtr answer = NewMessage(type());
  std::vector<AddedReference> added;
  return Change(call, transaction, name, "", nullptr, *answer, added);
}

// Those that the update would bring in; what stands in the row stays valid, also
// when its target is gone. Says nothing where the update itself will be refused.
absl::Status Collection::CheckChangedReferences(const Call& call, const std::string& name,
                                                const resource::Mask& mask,
                                                const Message& patch) const {
  const ReferenceKeeper& references = store_.references();
  if (references.Added(nullptr, patch, "").empty()) return absl::OkStatus();
  std::unique_ptr<StoredRow> row;
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
    ASSIGN_OR_RETURN(row, ReadVisible(call, *reader, name, store::Lock::kNone));
  }
  if (row == nullptr || row->deleted || !Writable(call.caller, *row)) return absl::OkStatus();
  const std::string& root = layout_.resource_field();
  MessagePtr merged(row->message->New());
  merged->CopyFrom(*row->message);
  status::Violations violations;
  mask.Apply(patch, *merged, root, violations);
  RETURN_IF_ERROR(
      references.Check(call, references.Added(row->message.get(), *merged, root), violations));
  if (violations.empty()) return absl::OkStatus();
  // All that is wrong at once.
  Complete(row->message.get(), *merged);
  Check(*merged, root, violations);
  return violations.ToStatus();
}

absl::StatusOr<MessagePtr> Collection::Update(const Call& call, const Message& patch,
                                              const google::protobuf::FieldMask& mask,
                                              bool allow_missing, bool validate_only) const {
  const std::string& root = layout_.resource_field();
  const std::string name = store_.aliases().Resolve(NameOf(type(), patch));
  RETURN_IF_ERROR(resource::CheckName(type(), absl::StrCat(root, ".name"), name));
  status::Violations violations;
  const resource::Mask checked = resource::Mask::Build(mask, "update_mask", patch, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  MessagePtr kept = NewMessage(type());
  ASSIGN_OR_RETURN(const bool was_kept, FindKept(call, validate_only, *kept));
  if (was_kept) return kept;
  MessagePtr normalized(patch.New());
  normalized->CopyFrom(patch);
  resource::Normalize(*normalized);
  RETURN_IF_ERROR(CheckChangedReferences(call, name, checked, *normalized));
  const std::string etag = type().etag_field() == nullptr
                               ? ""
                               : patch.GetReflection()->GetString(patch, type().etag_field());
  auto updated = Modify(call, name, etag, validate_only, [&](Message& resource) {
    status::Violations changed;
    checked.Apply(*normalized, resource, root, changed);
    return changed.ToStatus();
  });
  // An etag names a revision, and what is not there has none.
  if (!allow_missing || !etag.empty() || !absl::IsNotFound(updated.status())) return updated;
  const std::string id = name.substr(name.rfind('/') + 1);
  CreateRequest create{std::string(resource::ParentOf(name)), id, &patch};
  if (!create.parent.empty() && parent_ == nullptr) return updated;
  auto created = Create(call, create, validate_only);
  // Another caller came between the two.
  if (absl::IsAlreadyExists(created.status())) {
    return status::Aborted("CONCURRENT_CREATE",
                           absl::StrCat(name, " was created meanwhile: repeat the update"));
  }
  return created;
}

// Says nothing where the deletion itself will be refused.
absl::Status Collection::CheckDeletable(const Call& call, const std::string& name) const {
  std::unique_ptr<StoredRow> row;
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
    ASSIGN_OR_RETURN(row, ReadVisible(call, *reader, name, store::Lock::kNone));
  }
  if (row == nullptr || row->deleted || !Writable(call.caller, *row)) return absl::OkStatus();
  return store_.references().CheckDeletable(call, type(), name);
}

absl::StatusOr<MessagePtr> Collection::Delete(const Call& call, absl::string_view name,
                                              absl::string_view etag, bool allow_missing,
                                              bool validate_only) const {
  RETURN_IF_ERROR(resource::CheckName(type(), "name", name));
  std::string held;
  name = store_.aliases().Resolve(name, held);
  MessagePtr response = NewMessage(type());
  ASSIGN_OR_RETURN(const bool was_kept, FindKept(call, validate_only, *response));
  if (was_kept) return response;
  RETURN_IF_ERROR(CheckDeletable(call, std::string(name)));
  const absl::Status deleted = Write(
      call, validate_only, sql::Extent::kAny, *response,
      [&](sql::Transaction& transaction, Message& answer) -> absl::Status {
        ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> before, Lock(call, transaction, name, etag));
        if (before->deleted) {
          if (!allow_missing) return NotFound(name);
          answer.CopyFrom(*before->message);
          return absl::OkStatus();
        }
        StoredRow after;
        after.deleted = true;
        after.message = NewMessage(type());
        after.message->CopyFrom(*before->message);
        SetTime(*after.message, type().delete_time_field(), call.Now());
        RETURN_IF_ERROR(CheckWriter(call, before->message.get(), *after.message));
        RETURN_IF_ERROR(Replace(call, transaction, *before, after, changelog::Kind::kDeleted));
        answer.CopyFrom(*after.message);
        return store_.references().HoldForDeletion(call, transaction.connection(), type(),
                                                   std::string(name));
      });
  if (allow_missing && etag.empty() && absl::IsNotFound(deleted)) return response;
  RETURN_IF_ERROR(deleted);
  return response;
}

absl::StatusOr<MessagePtr> Collection::Undelete(const Call& call, absl::string_view name,
                                                absl::string_view etag, bool validate_only) const {
  RETURN_IF_ERROR(resource::CheckName(type(), "name", name));
  std::string held;
  name = store_.aliases().Resolve(name, held);
  MessagePtr response = NewMessage(type());
  RETURN_IF_ERROR(Write(
      call, validate_only, sql::Extent::kAny, *response,
      [&](sql::Transaction& transaction, Message& answer) -> absl::Status {
        ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> before, Lock(call, transaction, name, etag));
        if (!before->deleted) {
          return status::Make(absl::StatusCode::kAlreadyExists, "NOT_DELETED",
                              absl::StrCat(name, " is not deleted"));
        }
        StoredRow after;
        after.message = NewMessage(type());
        after.message->CopyFrom(*before->message);
        after.message->GetReflection()->ClearField(after.message.get(), type().delete_time_field());
        RETURN_IF_ERROR(CheckWriter(call, before->message.get(), *after.message));
        RETURN_IF_ERROR(store_.references().Revive(transaction.connection(), *after.message));
        status::Violations violations;
        RETURN_IF_ERROR(Settle(call, transaction.connection(), /*lock=*/true, *after.message,
                               layout_.resource_field(), violations));
        RETURN_IF_ERROR(violations.ToStatus());
        RETURN_IF_ERROR(Replace(call, transaction, *before, after, changelog::Kind::kUndeleted));
        answer.CopyFrom(*after.message);
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace mostove::store
