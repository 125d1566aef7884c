// Checks that a new or changed resource passes, and creation.
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/resource/mask.h"
#include "libs/resource/name.h"
#include "libs/resource/translations.h"
#include "libs/resource/validate.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/message_fields.h"
#include "libs/store/neighbours.h"

namespace mostove::store {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Collection::Complete(const Message* before, Message& after) const {
  if (rules_.prepare) rules_.prepare(after);
  resource::StampTranslations(before, after);
}

void Collection::Check(const Message& resource, absl::string_view path,
                       status::Violations& violations) const {
  resource::Validate(resource, {.checks = store_.options().checks}, path, violations);
  if (const size_t bytes = resource.ByteSizeLong(); bytes > kResourceBytesMax) {
    violations.Add(path, "TOO_LARGE",
                   absl::StrCat("has to have at most ", kResourceBytesMax, " bytes, has ", bytes));
  }
}

absl::Status Collection::Settle(const Call& call, sql::Connection& connection, bool lock,
                                Message& resource, absl::string_view path,
                                status::Violations& violations) const {
  if (!rules_.settle) return absl::OkStatus();
  return rules_.settle(Neighbours(store_, call, connection, lock), resource, path, violations);
}

absl::Status Collection::CheckWriter(const Call& call, const Message* before,
                                     const Message& after) const {
  if (!rules_.check_writer) return absl::OkStatus();
  return rules_.check_writer(call.caller, before, after);
}

absl::Status Collection::CheckMayCreate(const Call& call, const Message& resource,
                                        const CreateRequest& request) const {
  if (call.caller.administrator) return absl::OkStatus();
  if (layout_.owner_path() == OwnerPath::kSelf) {
    return status::PermissionDenied("ADMINISTRATOR_REQUIRED",
                                    absl::StrCat("only administrators create ", type().plural()));
  }
  if (!resource::IsOwnedBy(call.caller.acts_for, type(), resource)) {
    if (parent_ != nullptr) {
      ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
      ASSIGN_OR_RETURN(const bool lives, parent_->Lives(call, *reader, request.parent));
      if (!lives) return parent_->NotFound(request.parent);
    }
    MessagePtr named_by_fields(resource.New());
    named_by_fields->CopyFrom(resource);
    if (parent_ == nullptr) {  // it has no name yet that could be granted on
      named_by_fields->GetReflection()->ClearField(named_by_fields.get(), type().name_field());
    }
    return NotOwner(call, *named_by_fields, "create this");
  }
  // Ids of rows that the caller cannot see share the namespace: whether one is
  // taken would say that such a row exists.
  if (layout_.owner_path() == OwnerPath::kTable && !request.id.empty() &&
      !resource::IsUuid(request.id)) {
    return status::PermissionDenied(
        "ID_NOT_CHOOSABLE", "only administrators choose ids here; leave the id out or give a UUID");
  }
  return CheckWriter(call, nullptr, resource);
}

absl::StatusOr<std::unique_ptr<StoredRow>> Collection::Prepare(
    const Call& call, const CreateRequest& request, absl::string_view path,
    status::Violations& violations, std::vector<AddedReference>& added) const {
  const std::string prefix = path.empty() ? "" : absl::StrCat(path, ".");
  if (type().has_parent()) {
    violations.Add(
        resource::CheckParent(type(), prefix + "parent", request.parent, /*wildcard=*/false));
  }
  if (!request.id.empty()) {
    violations.Add(resource::CheckId(type(), absl::StrCat(prefix, layout_.resource_field(), "_id"),
                                     request.id));
  }
  auto row = std::make_unique<StoredRow>();
  row->message = NewMessage(type());
  Message& message = *row->message;
  message.CopyFrom(*request.resource);
  resource::Normalize(message);
  resource::ClearOutputOnly(message);
  if (request.set) request.set(message);
  message.GetReflection()->SetString(
      &message, type().name_field(),
      resource::JoinName(store_.aliases().Resolve(request.parent), type().plural(),
                         request.id.empty() ? resource::MakeId(type()) : request.id));
  const absl::Time now = call.Now();
  SetTime(message, type().create_time_field(), now);
  SetTime(message, type().update_time_field(), now);
  Complete(nullptr, message);
  const std::string resource_path = absl::StrCat(prefix, layout_.resource_field());
  Check(message, resource_path, violations);
  for (AddedReference& reference : store_.references().Added(nullptr, message, resource_path)) {
    added.push_back(std::move(reference));
  }
  if (!violations.empty()) return row;
  if (rules_.settle) {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
    RETURN_IF_ERROR(Settle(call, *reader, /*lock=*/false, message, resource_path, violations));
  }
  RETURN_IF_ERROR(CheckMayCreate(call, message, request));
  row->revision = 1;
  row->own_audience = OwnAudience(message);
  row->audience = row->own_audience;
  return row;
}

absl::StatusOr<MessagePtr> Collection::Create(const Call& call, const CreateRequest& request,
                                              bool validate_only) const {
  MessagePtr response = NewMessage(type());
  const auto create = [&]() -> absl::Status {
    status::Violations violations;
    std::vector<AddedReference> added;
    ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> row,
                     Prepare(call, request, "", violations, added));
    const ReferenceKeeper& references = store_.references();
    RETURN_IF_ERROR(references.Check(call, added, violations));
    RETURN_IF_ERROR(violations.ToStatus());
    const auto insert = [&](sql::Transaction& transaction, Message& answer) -> absl::Status {
      RETURN_IF_ERROR(Insert(call, transaction, *row));
      answer.CopyFrom(*row->message);
      return references.Hold(transaction.connection(), added);
    };
    return references.Explain(call, added,
                              Write(call, validate_only, sql::Extent::kShort, *response, insert));
  };
  absl::Status created = create();
  if (created.ok()) return response;
  // Nearly every request is the first with its key, and the write itself finds
  // out when it is not: only what stopped it before that needs this look.
  response->Clear();
  ASSIGN_OR_RETURN(const bool kept, FindKept(call, validate_only, *response));
  if (kept) return response;
  return created;
}

absl::StatusOr<MessagePtr> Collection::CreateWithin(const Call& call, sql::Transaction& transaction,
                                                    const CreateRequest& request) const {
  status::Violations violations;
  std::vector<AddedReference> added;
  ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> row, Prepare(call, request, "", violations, added));
  RETURN_IF_ERROR(violations.ToStatus());
  RETURN_IF_ERROR(Insert(call, transaction, *row));
  RETURN_IF_ERROR(store_.references().Hold(transaction.connection(), added));
  return std::move(row->message);
}

absl::Status Collection::BatchCreate(const Call& call, const std::vector<CreateRequest>& requests,
                                     bool validate_only, Message& response,
                                     const FieldDescriptor* field) const {
  ASSIGN_OR_RETURN(const bool kept, FindKept(call, validate_only, response));
  if (kept) return absl::OkStatus();
  status::Violations violations;
  std::vector<AddedReference> added;
  std::vector<std::unique_ptr<StoredRow>> rows;
  rows.reserve(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    ASSIGN_OR_RETURN(
        std::unique_ptr<StoredRow> row,
        Prepare(call, requests[i], absl::StrCat("requests[", i, "]"), violations, added));
    rows.push_back(std::move(row));
  }
  const ReferenceKeeper& references = store_.references();
  RETURN_IF_ERROR(references.Check(call, added, violations));
  RETURN_IF_ERROR(violations.ToStatus());
  return references.Explain(
      call, added,
      Write(call, validate_only, sql::Extent::kAny, response,
            [&](sql::Transaction& transaction, Message& answer) -> absl::Status {
              answer.Clear();
              for (const std::unique_ptr<StoredRow>& row : rows) {
                RETURN_IF_ERROR(Insert(call, transaction, *row));
                answer.GetReflection()->AddMessage(&answer, field)->CopyFrom(*row->message);
              }
              return references.Hold(transaction.connection(), added);
            }));
}

}  // namespace mostove::store
