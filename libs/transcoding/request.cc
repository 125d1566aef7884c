#include "libs/transcoding/request.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/text_format.h"
#include "libs/status/status.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_table.h"
#include "libs/transcoding/query.h"
#include "libs/transcoding/scalar.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

void ReadBody(const Route& route, absl::string_view body, Message& request,
              status::Violations& violations) {
  switch (route.body) {
    case Route::Body::kNone:
      if (!body.empty()) {
        violations.Add("body", "UNEXPECTED_BODY", "has to be empty: this request takes no body");
      }
      return;
    case Route::Body::kRequest:
      if (!body.empty()) ReadJson(body, request, {}, violations);
      return;
    case Route::Body::kField: {
      Message& field = *request.GetReflection()->MutableMessage(&request, route.body_field);
      if (!body.empty()) ReadJson(body, field, {.root = route.body_field->name()}, violations);
      return;
    }
  }
}

bool IsBoundByRoute(const Route& route, const std::vector<const FieldDescriptor*>& fields) {
  if (route.body == Route::Body::kRequest) return true;
  if (route.body == Route::Body::kField && fields.front() == route.body_field) return true;
  return std::find(route.variable_fields.begin(), route.variable_fields.end(), fields) !=
         route.variable_fields.end();
}

std::string Print(const Message& message, const FieldDescriptor* field) {
  std::string text;
  TextFormat::PrintFieldValueToString(message, field, -1, &text);
  return text;
}

void BindVariable(const std::string& path, const std::vector<const FieldDescriptor*>& fields,
                  const std::string& value, Message& request, status::Violations& violations) {
  Message* parent = &request;
  for (size_t i = 0; i + 1 < fields.size(); ++i) {
    parent = parent->GetReflection()->MutableMessage(parent, fields[i]);
  }
  const FieldDescriptor* descriptor = fields.back();
  const JsonTable& table = TableOf(parent->GetDescriptor());
  const JsonField& field = table.fields[table.by_name.at(descriptor->json_name())];
  Scalar scalar;
  const ScalarFault fault = FromText(field, value, scalar);
  if (fault != ScalarFault::kNone) {
    violations.Add(path, ReasonOf(fault), DescriptionOf(fault, field));
    return;
  }
  const bool was_given = parent->GetReflection()->HasField(*parent, descriptor);
  const std::string given = was_given ? Print(*parent, descriptor) : "";
  Store(field, std::move(scalar), *parent);
  if (was_given && Print(*parent, descriptor) != given) {
    violations.Add(path, "PATH_MISMATCH",
                   "must be absent from the body or the same as in the path");
  }
}

}  // namespace

absl::Status BuildRequest(const RouteMatch& match, absl::string_view query, absl::string_view body,
                          Message& request) {
  const Route& route = *match.route;
  status::Violations violations;
  ReadBody(route, body, request, violations);
  const auto is_bound = [&route](const std::vector<const FieldDescriptor*>& fields) {
    return IsBoundByRoute(route, fields);
  };
  ReadQuery(query, is_bound, request, violations);
  for (size_t i = 0; i < match.captures.size(); ++i) {
    BindVariable(route.path.variables()[i].field_path, route.variable_fields[i], match.captures[i],
                 request, violations);
  }
  return violations.ToStatus();
}

}  // namespace mostove::transcoding
