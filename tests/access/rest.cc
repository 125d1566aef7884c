#include "tests/access/rest.h"

#include <cctype>
#include <set>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace mostove::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Json(const Message& message) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
  return json;
}

// The text at a path as "grant.name".
std::string TextAt(const Message& message, const std::string& path) {
  const Message* at = &message;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(std::string(name));
    if (field->message_type() == nullptr) return at->GetReflection()->GetString(*at, field);
    at = &at->GetReflection()->GetMessage(*at, field);
  }
  return "";
}

// "grants/*" and "grants/own"
bool Fits(const std::string& pattern, const std::string& name) {
  const std::vector<std::string> wanted = absl::StrSplit(pattern, '/');
  const std::vector<std::string> given = absl::StrSplit(name, '/');
  if (wanted.size() != given.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != "*" && wanted[i] != given[i]) return false;
  }
  return true;
}

// Fills the template; the fields that stand in the path go to `used`.
std::optional<std::string> Path(const std::string& form, const Message& request,
                                std::set<std::string>& used) {
  std::string path;
  for (size_t at = 0; at < form.size();) {
    const size_t open = form.find('{', at);
    absl::StrAppend(&path, form.substr(at, open - at));
    if (open == std::string::npos) break;
    const size_t close = form.find('}', open);
    const std::vector<std::string> variable =
        absl::StrSplit(form.substr(open + 1, close - open - 1), absl::MaxSplits('=', 1));
    const std::string value = TextAt(request, variable[0]);
    if (!Fits(variable.size() > 1 ? variable[1] : "*", value)) return std::nullopt;
    absl::StrAppend(&path, value);
    used.insert(variable[0]);
    at = close + 1;
  }
  return path;
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.') {
      escaped += static_cast<char>(c);
    } else {
      absl::StrAppend(&escaped, "%", absl::Hex(c, absl::kZeroPad2));
    }
  }
  return escaped;
}

std::string Value(const Message& message, const FieldDescriptor* field, int index) {
  const auto& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, field));
    default:
      return field->is_repeated() ? reflection.GetRepeatedString(message, field, index)
                                  : reflection.GetString(message, field);
  }
}

std::string Query(const Message& request, const std::set<std::string>& used) {
  std::vector<const FieldDescriptor*> fields;
  request.GetReflection()->ListFields(request, &fields);
  std::vector<std::string> parts;
  for (const FieldDescriptor* field : fields) {
    if (used.count(field->name()) > 0) continue;
    if (field->message_type() != nullptr) {  // an update mask
      const std::string json = Json(request.GetReflection()->GetMessage(request, field));
      parts.push_back(
          absl::StrCat(field->json_name(), "=", Escaped(json.substr(1, json.size() - 2))));
      continue;
    }
    const int count = field->is_repeated() ? request.GetReflection()->FieldSize(request, field) : 1;
    for (int i = 0; i < count; ++i) {
      parts.push_back(absl::StrCat(field->json_name(), "=", Escaped(Value(request, field, i))));
    }
  }
  return parts.empty() ? "" : absl::StrCat("?", absl::StrJoin(parts, "&"));
}

std::pair<std::string, std::string> Route(const google::api::HttpRule& rule) {
  if (!rule.get().empty()) return {"GET", rule.get()};
  if (!rule.post().empty()) return {"POST", rule.post()};
  if (!rule.patch().empty()) return {"PATCH", rule.patch()};
  if (!rule.put().empty()) return {"PUT", rule.put()};
  return {"DELETE", rule.delete_()};
}

std::optional<RestRequest> By(const google::api::HttpRule& rule, const Message& request) {
  RestRequest rest;
  std::string form;
  std::tie(rest.method, form) = Route(rule);
  std::set<std::string> used;
  const auto path = Path(form, request, used);
  if (!path.has_value()) return std::nullopt;
  if (rule.body() == "*") {
    // What stands in the path may stand in the body too.
    rest.body = Json(request);
    rest.target = *path;
    return rest;
  }
  if (!rule.body().empty()) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(rule.body());
    rest.body = Json(request.GetReflection()->GetMessage(request, field));
    used.insert(rule.body());
  }
  rest.target = absl::StrCat(*path, Query(request, used));
  return rest;
}

}  // namespace

void FillPath(const google::protobuf::MethodDescriptor& method, const std::string& id,
              Message& request) {
  const std::string form = Route(method.options().GetExtension(google::api::http)).second;
  for (size_t open = form.find('{'); open != std::string::npos; open = form.find('{', open + 1)) {
    const std::vector<std::string> variable = absl::StrSplit(
        form.substr(open + 1, form.find('}', open) - open - 1), absl::MaxSplits('=', 1));
    if (variable.size() < 2 || !TextAt(request, variable[0]).empty()) continue;
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(variable[0]);
    if (field == nullptr) continue;  // of a resource, whose name is set where it matters
    request.GetReflection()->SetString(&request, field,
                                       absl::StrReplaceAll(variable[1], {{"*", id}}));
  }
}

std::optional<RestRequest> ToRest(const google::protobuf::MethodDescriptor& method,
                                  const Message& request) {
  if (!method.options().HasExtension(google::api::http)) return std::nullopt;
  const google::api::HttpRule& rule = method.options().GetExtension(google::api::http);
  if (auto rest = By(rule, request)) return rest;
  for (const google::api::HttpRule& other : rule.additional_bindings()) {
    if (auto rest = By(other, request)) return rest;
  }
  return std::nullopt;
}

}  // namespace mostove::access
