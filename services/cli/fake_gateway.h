// A gateway in memory for tests: names, ids, masks, pages and idempotency keys
// as the real one has them, without sockets.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/resource/mask.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "services/cli/api.h"

namespace mostove::cli {

class FakeGateway {
 public:
  explicit FakeGateway(const Catalog& catalog) : catalog_(catalog) {}

  std::function<std::unique_ptr<Api>()> ApiMaker() {
    return [this] {
      return std::make_unique<Api>(
          [this](const http::ClientRequest& request) { return Answer(request); },
          ApiOptions{.token = [](absl::string_view) { return "secret"; },
                     .language = "en",
                     .attempts_max = 3,
                     .sleep = [](absl::Duration) {}});
    };
  }

  // Asked before each request; what it gives is the answer.
  std::function<std::optional<absl::StatusOr<http::ClientResponse>>(const http::ClientRequest&)>
      interfere;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> resources;
  int writes = 0;
  std::vector<http::ClientRequest> requests;

  static http::ClientResponse Problem(int status, absl::string_view code, absl::string_view detail,
                                      absl::string_view more = "") {
    return {.status = status,
            .headers = {},
            .body = absl::StrCat("{\"status\":", status, ",\"code\":\"", code,
                                 "\",\"reason\":\"TEST\",\"detail\":\"", detail, "\"", more, "}")};
  }

 private:
  absl::StatusOr<http::ClientResponse> Answer(const http::ClientRequest& request) {
    const std::lock_guard lock(mutex_);
    requests.push_back(request);
    if (interfere) {
      if (auto answer = interfere(request)) return *std::move(answer);
    }
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(request.target, absl::MaxSplits('?', 1));
    std::map<std::string, std::string> query;
    for (absl::string_view pair : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
      query.insert(absl::StrSplit(pair, absl::MaxSplits('=', 1)));
    }
    const std::string path(absl::StripPrefix(parts.first, "/v1/"));
    if (request.method == "POST") return Create(path, query, request);
    if (request.method == "PATCH") return Update(path, query, request);
    if (const auto collection = catalog_.FindCollection(path); collection.ok()) {
      return List(*collection, query);
    }
    const auto found = resources.find(path);
    if (found == resources.end()) return Problem(404, "NOT_FOUND", "there is none");
    return Ok(*found->second);
  }

  http::ClientResponse Create(const std::string& path, std::map<std::string, std::string>& query,
                              const http::ClientRequest& request) {
    const Collection collection = *catalog_.FindCollection(path);
    const std::string name = absl::StrCat(path, "/", query[collection.type->IdParameter()]);
    if (collection.type->has_parent() && !resources.count(collection.parent)) {
      return Problem(404, "NOT_FOUND", "no such parent");
    }
    if (resources.count(name)) return Problem(409, "ALREADY_EXISTS", "it exists");
    auto message = collection.type->New();
    if (!transcoding::ReadJson(request.body, *message).ok()) {
      return Problem(400, "INVALID_ARGUMENT", "not understood");
    }
    const auto* required = message->GetDescriptor()->FindFieldByName("legal_name");
    if (required != nullptr &&
        message->GetReflection()->GetString(*message, required).size() > 50) {
      return Problem(400, "INVALID_ARGUMENT", "1 field is wrong",
                     ",\"fieldViolations\":[{\"field\":\"organization.legalName\",\"reason\":"
                     "\"TOO_LONG\",\"description\":\"is too long\"}]");
    }
    Stamp(name, "\"1\"", *message);
    http::ClientResponse answer = Ok(*message);
    if (!query.count("validateOnly")) {
      ++writes;
      resources[name] = std::move(message);
    }
    return answer;
  }

  http::ClientResponse Update(const std::string& name, std::map<std::string, std::string>& query,
                              const http::ClientRequest& request) {
    const auto found = resources.find(name);
    if (found == resources.end()) return Problem(404, "NOT_FOUND", "there is none");
    std::unique_ptr<google::protobuf::Message> patch(found->second->New());
    if (!transcoding::ReadJson(request.body, *patch).ok()) {
      return Problem(400, "INVALID_ARGUMENT", "not understood");
    }
    google::protobuf::FieldMask mask;
    for (absl::string_view one : absl::StrSplit(query["updateMask"], "%2C")) {
      mask.add_paths(std::string(one));
    }
    status::Violations violations;
    const auto compiled = resource::Mask::Build(mask, "updateMask", *patch, violations);
    compiled.Apply(*patch, *found->second, "", violations);
    if (!violations.empty()) return Problem(400, "INVALID_ARGUMENT", "wrong mask");
    if (!query.count("validateOnly")) ++writes;
    return Ok(*found->second);
  }

  // Pages of at most two, so that every walk has several.
  http::ClientResponse List(const Collection& collection,
                            std::map<std::string, std::string>& query) {
    int skip = 0;
    (void)absl::SimpleAtoi(query["pageToken"], &skip);
    std::string items, token;
    int position = 0;
    for (const auto& [name, message] : resources) {
      if (!collection.type->MatchesName(name) || position++ < skip) continue;
      if (position > skip + 2) {
        token = absl::StrCat(skip + 2);
        break;
      }
      absl::StrAppend(&items, items.empty() ? "" : ",", Json(*message));
    }
    return {.status = 200,
            .headers = {},
            .body = absl::StrCat("{\"", collection.type->ListMember(), "\":[", items,
                                 "],\"nextPageToken\":\"", token, "\"}")};
  }

  static void Stamp(const std::string& name, const std::string& etag,
                    google::protobuf::Message& message) {
    const auto set = [&](const char* field, const std::string& value) {
      message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName(field),
                                         value);
    };
    set("name", name);
    set("etag", etag);
  }

  static std::string Json(const google::protobuf::Message& message) {
    std::string json;
    transcoding::WriteJson(message, json);
    return json;
  }

  static http::ClientResponse Ok(const google::protobuf::Message& message) {
    return {.status = 200, .headers = {}, .body = Json(message)};
  }

  const Catalog& catalog_;
  std::mutex mutex_;
};

}  // namespace mostove::cli
