#include "services/identity/snapshot.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/auth/token.h"
#include "libs/changelog/changelog.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "mostove/identity/v1/feed_key.pb.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "mostove/identity/v1/role_grant.pb.h"
#include "mostove/identity/v1/session.pb.h"
#include "mostove/identity/v1/signing_key.pb.h"
#include "mostove/identity/v1/user.pb.h"
#include "services/identity/acting.h"

namespace mostove::identity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// Read for one page; a page of a session's size is far below what an answer may have.
constexpr int64_t kRowsMax = 2000;
constexpr size_t kBytesMax = 2 << 20;
// Clocks of copies differ.
constexpr absl::Duration kMargin = absl::Hours(1);

// Sessions come last: they alone are walked by time.
const std::vector<const Descriptor*>& Types() {
  static const auto& types = *new std::vector<const Descriptor*>{
      v1::SigningKey::descriptor(), v1::User::descriptor(),    v1::ApiClient::descriptor(),
      v1::RoleGrant::descriptor(),  v1::FeedKey::descriptor(), v1::Session::descriptor()};
  return types;
}

// Where the next page begins.
struct Place {
  std::string position;   // of the log, before the first page
  uint32_t type = 0;      // of Types()
  int64_t time = 0;       // of the last session
  std::string name = "";  // of the last row of the type

  std::string ToToken() const { return absl::StrCat(position, "|", type, "|", time, "|", name); }
  static bool Parse(const std::string& token, Place& place) {
    const std::vector<std::string> parts = absl::StrSplit(token, absl::MaxSplits('|', 3));
    if (parts.size() != 4) return false;
    place.position = parts[0];
    place.name = parts[3];
    return absl::SimpleAtoi(parts[1], &place.type) && absl::SimpleAtoi(parts[2], &place.time) &&
           place.type < Types().size();
  }
};

absl::StatusOr<Place> PlaceOf(sql::Connection& connection, const std::string& token,
                              absl::Time sessions_since) {
  ASSIGN_OR_RETURN(const changelog::Position end, changelog::End(connection));
  Place place = {.position = end.ToString(), .time = absl::ToUnixMicros(sessions_since)};
  if (token.empty()) return place;
  if (Place::Parse(token, place)) {
    const auto began = changelog::Position::Parse(place.position);
    if (began.ok() && began->epoch == end.epoch) return place;
  }
  return status::Precondition("EPOCH_CHANGED",
                              "this page is of another database or program; start again");
}

class Snapshot {
 public:
  Snapshot(const store::Store& store, sql::Connection& connection, Place place)
      : store_(store), connection_(connection), place_(std::move(place)) {}

  absl::StatusOr<std::unique_ptr<v1::ReadSnapshotResponse>> ReadPage() {
    while (rows_ < kRowsMax && bytes_ < kBytesMax) {
      bool more = false;
      RETURN_IF_ERROR(ReadRows(more));
      if (more) continue;
      if (place_.type + 1 == Types().size()) {
        page_->set_position(place_.position);
        return std::move(page_);
      }
      ++place_.type;
      place_.name.clear();
    }
    page_->set_next_page_token(place_.ToToken());
    return std::move(page_);
  }

 private:
  // `more`: the page is full before the type is at its end.
  absl::Status ReadRows(bool& more) {
    const Descriptor* const type = Types()[place_.type];
    const std::string& table = store_.ByDescriptor(type)->type().table();
    const int64_t limit = kRowsMax - rows_;
    const bool sessions = type == v1::Session::descriptor();
    const std::string statement = absl::StrCat(
        "SELECT name, payload, revision, deleted, COALESCE(update_time, 0) FROM ", table,
        sessions ? " WHERE (update_time, name) > (?1, ?2) ORDER BY update_time, name LIMIT ?3"
                 : " WHERE name > ?1 AND deleted = 0 ORDER BY name LIMIT ?2");
    std::vector<sql::Value> values = {place_.name, limit};
    if (sessions) values.insert(values.begin(), place_.time);
    int64_t read = 0;
    RETURN_IF_ERROR(connection_.Query(statement, values, [&](const sql::Row& row) {
      ++read;
      place_.name = std::string(row.Text(0));
      if (sessions) place_.time = row.Int64(4);
      AddRow(*type, row);
      return bytes_ < kBytesMax;
    }));
    rows_ += read;
    more = read == limit || bytes_ >= kBytesMax;
    return absl::OkStatus();
  }

  void AddRow(const Descriptor& type, const sql::Row& row) {
    const std::unique_ptr<Message> resource(
        MessageFactory::generated_factory()->GetPrototype(&type)->New());
    const absl::string_view payload = row.Bytes(1);
    const bool deleted = row.Int64(3) != 0;
    // What cannot be read tells of nobody: whom it gave a role has none.
    if (!resource->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return;
    if (&type == v1::Session::descriptor() && !deleted &&
        !static_cast<const v1::Session&>(*resource).has_revoke_time()) {
      return;
    }
    resource::TakeOutPersonal(*resource);  // as in the log
    changes::v1::Change& change = *page_->add_changes();
    change.set_resource_type(store_.ByDescriptor(&type)->type().type());
    change.set_resource_name(std::string(row.Text(0)));
    change.set_revision(row.Int64(2));
    change.set_kind(deleted ? changes::v1::DELETED : changes::v1::UPDATED);
    *change.mutable_change_time() = ToTimestamp(absl::FromUnixMicros(row.Int64(4)));
    change.mutable_resource()->PackFrom(*resource);
    bytes_ += change.ByteSizeLong();
  }

  const store::Store& store_;
  sql::Connection& connection_;
  Place place_;
  int64_t rows_ = 0;
  size_t bytes_ = 0;
  std::unique_ptr<v1::ReadSnapshotResponse> page_ = std::make_unique<v1::ReadSnapshotResponse>();
};

}  // namespace

call::UnaryMethod SnapshotMethod(const store::Store& store) {
  return {
      "ReadSnapshot", v1::ReadSnapshotRequest::descriptor(), v1::ReadSnapshotResponse::descriptor(),
      [&store](const call::Call& call, const Message& message) -> absl::StatusOr<call::MessagePtr> {
        const auto& request = static_cast<const v1::ReadSnapshotRequest&>(message);
        ASSIGN_OR_RETURN(const sql::Database::Reader reader, store.database().Read(call.deadline));
        const absl::Time since = call.Now() - auth::kTokenLifeMax - kMargin;
        ASSIGN_OR_RETURN(Place place, PlaceOf(*reader, request.page_token(), since));
        return Snapshot(store, *reader, std::move(place)).ReadPage();
      }};
}

}  // namespace mostove::identity
