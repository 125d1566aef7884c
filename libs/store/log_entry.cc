#include "libs/store/log_entry.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"

namespace mostove::store {
namespace {

constexpr int kChangesDefault = 100;
constexpr int kChangesMax = 1000;

changes::v1::Change ToProto(const Store& store, const changelog::Entry& entry,
                            const std::string& epoch) {
  changes::v1::Change change;
  change.set_position(changelog::Position{epoch, entry.sequence}.ToString());
  SetTimestamp(entry.time, *change.mutable_change_time());
  change.set_caller(entry.caller);
  change.set_request_id(entry.request_id);
  change.set_resource_type(entry.resource_type);
  change.set_resource_name(entry.name);
  change.set_revision(entry.revision);
  change.set_kind(static_cast<changes::v1::Kind>(entry.kind));
  if (const Collection* collection = store.ByType(entry.resource_type)) {
    change.mutable_resource()->set_type_url(
        absl::StrCat("type.googleapis.com/", collection->type().descriptor()->full_name()));
    change.mutable_resource()->set_value(entry.payload);
  }
  for (const std::string& path : entry.personal_paths) change.add_personal_paths(path);
  return change;
}

}  // namespace

void SetTimestamp(absl::Time time, google::protobuf::Timestamp& timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // rounds towards the past, as below
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int>((absl::ToUnixMicros(time) - seconds * 1'000'000) * 1'000));
}

absl::StatusOr<changes::v1::ListChangesResponse> ListChanges(
    const Store& store, const call::Call& call, const changes::v1::ListChangesRequest& request) {
  changelog::Position after;
  if (!request.after().empty()) {
    ASSIGN_OR_RETURN(after, changelog::Position::Parse(request.after()));
  }
  const int limit =
      request.page_size() == 0 ? kChangesDefault : std::min(request.page_size(), kChangesMax);
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  ASSIGN_OR_RETURN(const changelog::Page page, changelog::Read(*reader, after, limit));
  changes::v1::ListChangesResponse response;
  const absl::flat_hash_set<absl::string_view> wanted(request.resource_types().begin(),
                                                      request.resource_types().end());
  changelog::Position next = page.next;
  size_t bytes = 0;
  for (const changelog::Entry& entry : page.entries) {
    if (wanted.empty() || wanted.contains(entry.resource_type)) {
      bytes += entry.payload.size();
      if (bytes > kAnswerBytesMax && response.changes_size() > 0) break;
      *response.add_changes() = ToProto(store, entry, page.next.epoch);
    }
    next.sequence = entry.sequence;
  }
  response.set_next_position(next.ToString());
  return response;
}

}  // namespace mostove::store
