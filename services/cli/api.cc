#include "services/cli/api.h"

#include <simdjson.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "services/cli/url.h"

namespace mostove::cli {
namespace {

using simdjson::dom::element;

std::string Text(element object, std::string_view member) {
  std::string_view text;
  return object[member].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

int CodeOf(element problem, int http_status) {
  google::rpc::Code code = google::rpc::UNKNOWN;
  if (google::rpc::Code_Parse(Text(problem, "code"), &code)) return code;
  return http_status >= 500 ? google::rpc::UNAVAILABLE : google::rpc::UNKNOWN;
}

// Whether the server asks to come again.
bool IsBusy(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted ||
         (status.code() == absl::StatusCode::kAborted &&
          status::RetryAfter(status) > absl::ZeroDuration());
}

}  // namespace

absl::Status ProblemToStatus(const http::ClientResponse& response) {
  simdjson::dom::parser parser;
  element problem;
  if (parser.parse(response.body).get(problem) != simdjson::SUCCESS || !problem.is_object() ||
      Text(problem, "code").empty()) {
    return status::Make(
        response.status >= 500 ? absl::StatusCode::kUnavailable : absl::StatusCode::kUnknown,
        "NOT_A_GATEWAY",
        absl::StrCat("HTTP status ", response.status,
                     " without a problem document; is this address the gateway's?"));
  }
  google::rpc::Status proto;
  proto.set_code(CodeOf(problem, response.status));
  proto.set_message(Text(problem, "detail"));

  google::rpc::ErrorInfo info;
  info.set_reason(Text(problem, "reason"));
  info.set_domain(Text(problem, "domain"));
  (*info.mutable_metadata())["requestId"] = Text(problem, "requestId");
  simdjson::dom::object metadata;
  if (problem["metadata"].get(metadata) == simdjson::SUCCESS) {
    for (const auto [key, value] : metadata) {
      (*info.mutable_metadata())[std::string(key)] = Text(problem["metadata"], key);
    }
  }
  proto.add_details()->PackFrom(info);

  google::rpc::BadRequest bad_request;
  simdjson::dom::array violations;
  if (problem["fieldViolations"].get(violations) == simdjson::SUCCESS) {
    for (const element item : violations) {
      auto& violation = *bad_request.add_field_violations();
      violation.set_field(Text(item, "field"));
      violation.set_reason(Text(item, "reason"));
      violation.set_description(Text(item, "description"));
    }
    proto.add_details()->PackFrom(bad_request);
  }
  int64_t retry_after_seconds = 0;
  if (problem["retryAfter"].get(retry_after_seconds) == simdjson::SUCCESS) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_after_seconds);
    proto.add_details()->PackFrom(retry);
  }
  return status::FromProto(proto);
}

std::optional<Lookalikes> LookalikesOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  const google::rpc::Status proto = status::ToProto(status);
  for (const auto& detail : proto.details()) {
    if (!detail.UnpackTo(&info) || info.reason() != "POSSIBLE_DUPLICATE") continue;
    auto& metadata = *info.mutable_metadata();
    return Lookalikes{metadata["candidates"], metadata["duplicates_token"]};
  }
  return std::nullopt;
}

bool IsNotReachable(const absl::Status& status) {
  const std::string reason = status::Reason(status);
  return reason == "NOT_REACHABLE" || reason == "TIMEOUT" || reason == "NOT_A_GATEWAY" ||
         IsBusy(status);
}

Api::Api(Transport transport, ApiOptions options)
    : transport_(std::move(transport)), options_(std::move(options)) {
  if (!options_.sleep) options_.sleep = absl::SleepFor;
}

// Once more with another token when the first is refused: it may have ended, or a
// clock differ.
absl::StatusOr<http::ClientResponse> Api::SendWithToken(const http::ClientRequest& request) {
  std::string token, refused;
  while (true) {
    if (options_.token) {
      ASSIGN_OR_RETURN(token, options_.token(refused));
    }
    http::ClientRequest proven = request;
    if (!token.empty()) {
      proven.headers.emplace_back("Authorization", absl::StrCat("Bearer ", token));
    }
    ASSIGN_OR_RETURN(http::ClientResponse response, transport_(proven));
    if (response.status != 401 || token.empty() || !refused.empty()) return response;
    refused = token;
  }
}

absl::StatusOr<std::string> Api::Send(http::ClientRequest request) {
  request.headers.emplace_back("Accept", "application/json");
  if (!options_.language.empty()) {
    request.headers.emplace_back("Accept-Language", options_.language);
  }
  absl::Duration pause = absl::Milliseconds(200);
  for (int attempt = 1;; ++attempt) {
    ASSIGN_OR_RETURN(http::ClientResponse response, SendWithToken(request));
    if (response.status >= 200 && response.status < 300) return std::move(response.body);
    const absl::Status error = ProblemToStatus(response);
    if (!IsBusy(error) || attempt >= options_.attempts_max) return error;
    options_.sleep(std::min(std::max(pause, status::RetryAfter(error)), absl::Seconds(10)));
    pause *= 2;
  }
}

absl::StatusOr<std::string> Api::Read(const google::protobuf::MethodDescriptor* method,
                                      absl::string_view name, absl::string_view what,
                                      const std::function<void(std::string&)>& add_parameters) {
  if (method == nullptr) {
    return absl::UnimplementedError(absl::StrCat("this kind of resource has no ", what));
  }
  ASSIGN_OR_RETURN(HttpCall call, Route(*method, name));
  add_parameters(call.path);
  return Send({.method = call.method, .target = std::move(call.path)});
}

absl::StatusOr<std::string> Api::Write(const google::protobuf::MethodDescriptor* method,
                                       absl::string_view name, absl::string_view what,
                                       const std::function<void(std::string&)>& add_parameters,
                                       std::string body, const WriteQuery& query) {
  if (method == nullptr) {
    return absl::UnimplementedError(absl::StrCat("this kind of resource has no ", what));
  }
  ASSIGN_OR_RETURN(HttpCall call, Route(*method, name));
  add_parameters(call.path);
  http::ClientRequest request{.method = call.method, .target = std::move(call.path)};
  request.headers.emplace_back("Idempotency-Key", query.idempotency_key.empty()
                                                      ? resource::MakeUuid()
                                                      : query.idempotency_key);
  if (!body.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
  }
  return Send(std::move(request));
}

absl::StatusOr<std::string> Api::Get(const ResourceType& type, absl::string_view name) {
  return Read(type.get, name, "get", [](std::string&) {});
}

absl::StatusOr<std::string> Api::Ask(std::string target) {
  return Send({.method = "GET", .target = std::move(target)});
}

absl::StatusOr<std::string> Api::List(const Collection& collection, const ListQuery& query) {
  return Read(collection.type->list, collection.parent, "list", [&](std::string& target) {
    AddParameter("filter", query.filter, target);
    AddParameter("orderBy", query.order_by, target);
    if (query.page_size > 0) AddParameter("pageSize", absl::StrCat(query.page_size), target);
    AddParameter("pageToken", query.page_token, target);
    if (query.show_deleted) AddParameter("showDeleted", "true", target);
  });
}

absl::StatusOr<std::string> Api::Search(const ResourceType& type, absl::string_view words,
                                        const ListQuery& query) {
  return Read(type.search, "", "search", [&](std::string& target) {
    AddParameter("query", words, target);
    AddParameter("filter", query.filter, target);
    if (query.page_size > 0) AddParameter("pageSize", absl::StrCat(query.page_size), target);
    AddParameter("pageToken", query.page_token, target);
  });
}

absl::StatusOr<std::string> Api::History(const ResourceType& type, absl::string_view name,
                                         int page_size, absl::string_view page_token) {
  return Read(type.history, name, "history", [&](std::string& target) {
    if (page_size > 0) AddParameter("pageSize", absl::StrCat(page_size), target);
    AddParameter("pageToken", page_token, target);
  });
}

absl::StatusOr<std::string> Api::Create(const ResourceType& type, absl::string_view parent,
                                        absl::string_view id, std::string body,
                                        const WriteQuery& query) {
  const auto add = [&](std::string& target) {
    AddParameter(type.IdParameter(), id, target);
    AddParameter("duplicatesToken", query.duplicates_token, target);
    if (query.validate_only) AddParameter("validateOnly", "true", target);
  };
  return Write(type.create, parent, "create", add, std::move(body), query);
}

absl::StatusOr<std::string> Api::Update(const ResourceType& type, absl::string_view name,
                                        absl::string_view mask, std::string body,
                                        const WriteQuery& query) {
  const auto add = [&](std::string& target) {
    AddParameter("updateMask", mask, target);
    if (query.validate_only) AddParameter("validateOnly", "true", target);
    if (query.allow_missing) AddParameter("allowMissing", "true", target);
  };
  return Write(type.update, name, "update", add, std::move(body), query);
}

absl::StatusOr<std::string> Api::Delete(const ResourceType& type, absl::string_view name,
                                        const WriteQuery& query) {
  const auto add = [&](std::string& target) {
    AddParameter("etag", query.etag, target);
    if (query.validate_only) AddParameter("validateOnly", "true", target);
    if (query.allow_missing) AddParameter("allowMissing", "true", target);
  };
  return Write(type.remove, name, "delete", add, "", query);
}

absl::StatusOr<std::string> Api::Undelete(const ResourceType& type, absl::string_view name,
                                          const WriteQuery& query) {
  return Write(
      type.undelete, name, "undelete", [](std::string&) {},
      query.validate_only ? R"({"validateOnly":true})" : "{}", query);
}

absl::StatusOr<std::string> Api::Merge(const ResourceType& type, absl::string_view name,
                                       std::string body, const WriteQuery& query) {
  return Write(
      type.merge, name, "merge", [](std::string&) {}, std::move(body), query);
}

absl::StatusOr<std::string> Api::Unmerge(const ResourceType& type, absl::string_view name,
                                         const WriteQuery& query) {
  return Write(
      type.unmerge, name, "unmerge", [](std::string&) {},
      query.validate_only ? R"({"validateOnly":true})" : "{}", query);
}

}  // namespace mostove::cli
