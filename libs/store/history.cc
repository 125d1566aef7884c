// History of one resource, read from the change log.

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "libs/resource/name.h"
#include "libs/resource/page_token.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/log_entry.h"

namespace mostove::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The message that holds the last field of the path; null where one on the way
// is not set.
const Message* Holder(const Message& root, const std::vector<const FieldDescriptor*>& path) {
  const Message* message = &root;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (!message->GetReflection()->HasField(*message, path[i])) return nullptr;
    message = &message->GetReflection()->GetMessage(*message, path[i]);
  }
  return message;
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  return field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                              : message.GetReflection()->HasField(message, field);
}

// The field as JSON, by way of a message that holds nothing else. Not a hot
// path: protobuf's own JSON does.
absl::Status SetValue(const Message& root, const std::vector<const FieldDescriptor*>& path,
                      google::protobuf::Value* (changes::v1::FieldChange::*value)(),
                      changes::v1::FieldChange& change) {
  const Message* holder = Holder(root, path);
  const FieldDescriptor* field = path.back();
  if (holder == nullptr || !IsSet(*holder, field)) return absl::OkStatus();
  MessagePtr alone(holder->New());
  alone->CopyFrom(*holder);
  std::vector<const FieldDescriptor*> set;
  alone->GetReflection()->ListFields(*alone, &set);
  for (const FieldDescriptor* other : set) {
    if (other != field) alone->GetReflection()->ClearField(alone.get(), other);
  }
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(*alone, &json);
  google::protobuf::Struct fields;
  if (!written.ok() || !google::protobuf::util::JsonStringToMessage(json, &fields).ok()) {
    return status::Internal(absl::StrCat("a logged ", field->full_name(), " has no JSON form"));
  }
  *(change.*value)() = fields.fields().at(field->json_name());
  return absl::OkStatus();
}

absl::Status AddFieldChanges(const resource::Type& type, const Message& before,
                             const Message& after, changes::v1::Revision& revision) {
  for (const resource::FieldDifference& difference : resource::Differences(type, before, after)) {
    changes::v1::FieldChange& change = *revision.add_field_changes();
    change.set_path(absl::StrJoin(
        difference.path, ".",
        [](std::string* out, const FieldDescriptor* field) { out->append(field->json_name()); }));
    RETURN_IF_ERROR(
        SetValue(before, difference.path, &changes::v1::FieldChange::mutable_before, change));
    RETURN_IF_ERROR(
        SetValue(after, difference.path, &changes::v1::FieldChange::mutable_after, change));
  }
  return absl::OkStatus();
}

void AddPersonal(const resource::Type& type, const std::vector<std::string>& before,
                 const std::vector<std::string>& after, changes::v1::Revision& revision) {
  const auto add = [&](const std::string& path) {
    const FieldDescriptor* field = type.descriptor()->FindFieldByName(path);
    changes::v1::FieldChange& change = *revision.add_field_changes();
    change.set_path(field == nullptr ? path : field->json_name());
    change.set_personal(true);
  };
  for (const std::string& path : after) add(path);
  for (const std::string& path : before) {
    if (std::find(after.begin(), after.end(), path) == after.end()) add(path);
  }
}

}  // namespace

absl::StatusOr<changes::v1::ListHistoryResponse> Collection::ListHistory(
    const Call& call, const changes::v1::ListHistoryRequest& request) const {
  RETURN_IF_ERROR(resource::CheckName(type(), "name", request.name()));
  const std::string name = store_.aliases().Resolve(request.name());
  const std::string query = absl::StrCat("history\n", request.name());
  int64_t below = 0;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const resource::PageToken token,
                     resource::DecodePageToken(request.page_token(), query, "page_token"));
    if (token.key.size() != 1 || !std::holds_alternative<int64_t>(token.key[0])) {
      return status::InvalidField("page_token", "PAGE_TOKEN", "is not a token of this list");
    }
    below = std::get<int64_t>(token.key[0]);
  }
  const int page_size =
      request.page_size() == 0 ? kPageSizeDefault : std::min(request.page_size(), kHistoryPageMax);

  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  ASSIGN_OR_RETURN(std::unique_ptr<StoredRow> row, ReadVisible(call, *reader, name, Lock::kNone));
  if (row == nullptr) return NotFound(request.name());
  if (!Writable(call.caller, *row)) {
    return NotOwner(call, *row->message, "read a resource's history");
  }
  // One more than asked for: the state that the last one is compared with.
  ASSIGN_OR_RETURN(const std::vector<changelog::Entry> entries,
                   changelog::History(*reader, name, below, page_size + 1));
  changes::v1::ListHistoryResponse response;
  for (size_t i = 0; i < entries.size() && i < static_cast<size_t>(page_size); ++i) {
    const changelog::Entry& entry = entries[i];
    changes::v1::Revision& revision = *response.add_revisions();
    revision.set_revision(entry.revision);
    SetTimestamp(entry.time, *revision.mutable_change_time());
    revision.set_caller(entry.caller);
    revision.set_request_id(entry.request_id);
    revision.set_kind(static_cast<changes::v1::Kind>(entry.kind));
    ASSIGN_OR_RETURN(MessagePtr after, ParsePayload(type(), entry.payload, entry.revision));
    MessagePtr before(after->New());
    std::vector<std::string> personal_before;
    if (i + 1 < entries.size()) {
      ASSIGN_OR_RETURN(before, ParsePayload(type(), entries[i + 1].payload, 0));
      personal_before = entries[i + 1].personal_paths;
    }
    resource::Redact(call.caller, *after);
    resource::Redact(call.caller, *before);
    RETURN_IF_ERROR(AddFieldChanges(type(), *before, *after, revision));
    AddPersonal(type(), personal_before, entry.personal_paths, revision);
  }
  if (entries.size() > static_cast<size_t>(page_size)) {
    response.set_next_page_token(
        resource::EncodePageToken({{entries[static_cast<size_t>(page_size) - 1].revision}}, query));
  }
  return response;
}

}  // namespace mostove::store
