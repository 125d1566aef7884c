#include "libs/audit/list_access_records.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/audit/access_log.h"
#include "libs/resource/page_token.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "mostove/audit/v1/audit.pb.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::audit {
namespace {

constexpr int kPageSizeDefault = 100;
constexpr int kPageSizeMax = 1000;

absl::Status CheckMayRead(const call::Caller& caller, const std::string& parent) {
  if (caller.administrator) return absl::OkStatus();
  if (parent.empty()) {
    return status::InvalidField("parent", "REQUIRED",
                                "names an organization; administrators may leave it out");
  }
  const auto administers = [&](const call::Grant& grant) {
    return grant.resource == parent &&
           (grant.roles & (1u << resource::v1::ORGANIZATION_ADMINISTRATOR)) != 0;
  };
  // The same for an organization that is not there.
  if (std::any_of(caller.grants.begin(), caller.grants.end(), administers)) {
    return absl::OkStatus();
  }
  return status::PermissionDenied(
      "ROLE_REQUIRED",
      "who looked at an organization's records is for its own administrators: give its name as "
      "parent");
}

void SetTimestamp(absl::Time time, google::protobuf::Timestamp& timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

void SetRecord(const Record& record, v1::AccessRecord& proto) {
  SetTimestamp(record.time, *proto.mutable_access_time());
  proto.set_kind(static_cast<v1::Kind>(record.kind));
  proto.set_caller(record.caller);
  proto.set_session(record.session);
  proto.set_method(record.method);
  proto.set_resource(record.resource);
  proto.set_owner(record.owner);
  proto.set_request_id(record.request_id);
  proto.set_count(record.count);
}

absl::StatusOr<int64_t> PlaceOf(const std::string& token, const std::string& query) {
  if (token.empty()) return 0;
  ASSIGN_OR_RETURN(const resource::PageToken place,
                   resource::DecodePageToken(token, query, "page_token"));
  if (place.key.size() != 1 || !std::holds_alternative<int64_t>(place.key[0])) {
    return status::InvalidField("page_token", "PAGE_TOKEN", "is not a token of this list");
  }
  return std::get<int64_t>(place.key[0]);
}

absl::StatusOr<call::MessagePtr> Run(sql::Database& database, const call::Call& call,
                                     const v1::ListAccessRecordsRequest& request) {
  RETURN_IF_ERROR(CheckMayRead(call.caller, request.parent()));
  if (request.page_size() < 0) {
    return status::InvalidField("page_size", "PAGE_SIZE", "is how many records to give: 1 to 1000");
  }
  const int limit =
      request.page_size() == 0 ? kPageSizeDefault : std::min(request.page_size(), kPageSizeMax);
  const std::string query = absl::StrCat("access\n", request.parent());
  ASSIGN_OR_RETURN(const int64_t below, PlaceOf(request.page_token(), query));
  ASSIGN_OR_RETURN(const sql::Database::Reader reader, database.Read(call.deadline));
  ASSIGN_OR_RETURN(const std::vector<ListedRecord> listed,
                   List(*reader, {.owner = request.parent(), .below = below, .limit = limit + 1}));
  auto response = std::make_unique<v1::ListAccessRecordsResponse>();
  for (const ListedRecord& one : listed) {
    if (response->access_records_size() == limit) {
      const int64_t last = listed[static_cast<size_t>(limit) - 1].sequence;
      response->set_next_page_token(resource::EncodePageToken({{last}}, query));
      break;
    }
    SetRecord(one.record, *response->add_access_records());
  }
  return response;
}

}  // namespace

call::UnaryMethod ListAccessRecords(sql::Database& database) {
  return {"ListAccessRecords", v1::ListAccessRecordsRequest::descriptor(),
          v1::ListAccessRecordsResponse::descriptor(),
          [&database](const call::Call& call, const google::protobuf::Message& request) {
            return Run(database, call, static_cast<const v1::ListAccessRecordsRequest&>(request));
          }};
}

}  // namespace mostove::audit
