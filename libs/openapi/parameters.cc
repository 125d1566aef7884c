#include "libs/openapi/parameters.h"

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/message.h"
#include "libs/resource/fields.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_table.h"
#include "libs/transcoding/well_known.h"
#include "mostove/resource/v1/example.pb.h"

namespace mostove::openapi {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using resource::Type;
using transcoding::PathTemplate;
using transcoding::Route;

constexpr char kUuid[] = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
constexpr char kChosenId[] = "[a-z][a-z0-9-]{0,62}";

struct Header {
  const char* component;
  const char* name;
  const char* description;
  const char* pattern;  // null: any
  int length_max;
};

constexpr Header kHeaders[] = {
    {"IfNoneMatch", "If-None-Match",
     "Entity tags that the caller has: the answer is 304, without a body, when one of them is "
     "still the present one.",
     nullptr, 1000},
    {"LastEventId", "Last-Event-ID",
     "The id of the last event that was taken: the stream goes on behind it. Browsers send it by "
     "themselves.",
     nullptr, 2000},
    {"IfMatch", "If-Match",
     "The entity tag of the revision to change, as read: 412 when there is a newer one. `*` asks "
     "only that there is one.",
     "^(\\*|(W/)?\"[^\"]*\")$", 100},
    {"IdempotencyKey", "Idempotency-Key",
     "Makes a repeat harmless: the same key from the same caller is answered as the first time, "
     "for 24 hours. The same as `requestId`; a UUID for example.",
     "^[!-~]{1,128}$", 128},
    {"ChangePosition", "Change-Position",
     "That header of the answer to a write: the read sees this write, whichever copy answers it.",
     "^[A-Za-z0-9_-]*$", 200},
    {"AcceptLanguage", "Accept-Language",
     "The language of error texts: `en`, `bg` or `uk`. Resources do not change with it.", nullptr,
     200},
    {"RequestId", "X-Request-Id",
     "Names the request in the answer, in logs and in the history; made where absent.",
     "^[A-Za-z0-9._-]{8,128}$", 128},
};

Json Reference(absl::string_view component) {
  return Json::Object({{"$ref", absl::StrCat("#/components/parameters/", component)}});
}

// The segments of the path, with the type whose id a wildcard stands for.
struct Step {
  std::string text;  // a literal, or the parameter's name
  bool is_parameter = false;
  const Type* type = nullptr;
};

std::vector<Step> StepsOf(const Route& route, const Resources& resources) {
  std::vector<Step> steps;
  size_t collection = 0;
  const auto& segments = route.path.segments();
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].kind == PathTemplate::Segment::kLiteral) {
      steps.push_back({segments[i].literal});
      collection = i;
      continue;
    }
    const Type* type = resources.OfCollection(route.path, collection);
    steps.push_back({type == nullptr ? segments[collection].literal + "Id"
                                     : transcoding::MaskPathToJson(type->singular()),
                     true, type});
  }
  return steps;
}

// The id that the example has at this place, "" without one. `depth` counts the ids before it.
std::string IdAt(absl::string_view name, size_t depth) {
  const std::vector<std::string> segments = absl::StrSplit(name, '/');
  return 2 * depth + 1 < segments.size() ? segments[2 * depth + 1] : "";
}

// "-" stands for every parent in lists and batches.
bool TakesWildcard(const Route& route) {
  const FieldDescriptor* parent = route.method->input_type()->FindFieldByName("parent");
  const std::string& name = route.method->name();
  return parent != nullptr && (absl::StartsWith(name, "List") || absl::StartsWith(name, "Batch"));
}

std::string FieldList(const Type& type, bool sortable) {
  std::vector<std::string> paths;
  for (const auto& column : type.columns()) {
    if (sortable && !column.sortable) continue;
    paths.push_back(absl::StrCat("`", transcoding::MaskPathToJson(column.path), "`"));
  }
  return absl::StrJoin(paths, ", ");
}

// What the request's own example says of a text; "" for nothing.
std::string OwnExample(const Descriptor& request, const FieldDescriptor& field) {
  const std::string& example = request.options().GetExtension(resource::v1::example).create();
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&request);
  if (example.empty() || prototype == nullptr || field.is_repeated() ||
      field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return "";
  }
  const std::unique_ptr<google::protobuf::Message> shown(prototype->New());
  if (!transcoding::ReadJson(example, *shown).ok()) return "";
  return shown->GetReflection()->GetString(*shown, &field);
}

}  // namespace

bool IsRead(const Route& route) { return route.http_method == "GET"; }

bool TakesIfMatch(const Route& route) {
  if (IsRead(route)) return false;
  if (route.method->input_type()->FindFieldByName("etag") != nullptr) return true;
  const Descriptor* body = route.body_field == nullptr ? nullptr : route.body_field->message_type();
  return body != nullptr && body->FindFieldByName("etag") != nullptr &&
         !route.variable_fields.empty() && route.variable_fields[0].size() > 1;
}

bool TakesIdempotencyKey(const Route& route) {
  return route.method->input_type()->FindFieldByName("request_id") != nullptr;
}

bool IsBound(const Route& route, const FieldDescriptor& field) {
  if (route.body == Route::Body::kRequest || route.body_field == &field) return true;
  for (const auto& fields : route.variable_fields) {
    if (fields.size() == 1 && fields[0] == &field) return true;
  }
  return false;
}

std::string PathOf(const Route& route, const Resources& resources) {
  std::string path;
  for (const Step& step : StepsOf(route, resources)) {
    absl::StrAppend(&path, "/", step.is_parameter ? absl::StrCat("{", step.text, "}") : step.text);
  }
  if (!route.path.verb().empty()) absl::StrAppend(&path, ":", route.path.verb());
  return path;
}

Json Parameters::Of(const Route& route, absl::string_view except) {
  Json parameters = Json::Array();
  AddPath(route, parameters);
  AddQuery(route, except, parameters);
  if (IsRead(route)) {
    const bool streams = route.method->server_streaming();
    parameters.Add(Reference(streams ? "LastEventId" : "IfNoneMatch"));
    if (!streams) parameters.Add(Reference("ChangePosition"));
  }
  if (TakesIfMatch(route)) parameters.Add(Reference("IfMatch"));
  if (TakesIdempotencyKey(route)) parameters.Add(Reference("IdempotencyKey"));
  parameters.Add(Reference("AcceptLanguage"));
  parameters.Add(Reference("RequestId"));
  return parameters;
}

void Parameters::AddPath(const Route& route, Json& parameters) const {
  const std::vector<Step> steps = StepsOf(route, resources_);
  const Type* last = nullptr;
  for (const Step& step : steps) last = step.type != nullptr ? step.type : last;
  // A list's parent has no example of its own where its child has one.
  const Type* shown = ShownBy(*route.method->output_type());
  const std::string name = shown != nullptr  ? ExampleOf(*shown).name()
                           : last != nullptr ? ExampleOf(*last).name()
                                             : "";
  size_t depth = 0;
  for (const Step& step : steps) {
    if (!step.is_parameter) continue;
    const bool wildcard = TakesWildcard(route);
    const bool uuid = step.type != nullptr && step.type->options().ids() == resource::v1::UUID_ONLY;
    Json schema = Json::Object({{"type", "string"}, {"maxLength", 63}});
    schema.Set("pattern", absl::StrCat("^(", wildcard ? "-|" : "",
                                       uuid ? "" : absl::StrCat(kChosenId, "|"), kUuid, ")$"));
    const std::string words = Words(step.text);
    Json parameter = Json::Object(
        {{"name", step.text},
         {"in", "path"},
         {"required", true},
         {"description", absl::StrCat("Id of the ", words, wildcard ? "; `-` for all." : ".")},
         {"schema", std::move(schema)}});
    const std::string example = IdAt(name, depth++);
    if (!example.empty()) parameter.Set("example", example);
    parameters.Add(std::move(parameter));
  }
}

void Parameters::AddQuery(const Route& route, absl::string_view except, Json& parameters) {
  const Descriptor& request = *route.method->input_type();
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    const Descriptor* inner = field.message_type();
    if (IsBound(route, field) || field.name() == except) continue;
    if (inner == nullptr || (!field.is_repeated() && transcoding::IsTextual(*inner))) {
      parameters.Add(QueryParameter(route, field));
    } else if (!field.is_repeated() && inner->full_name() == "google.type.Date") {
      AddParts(field, parameters);
    }
  }
}

// A message goes by its parts: "date.year", "date.month", "date.day" (google.api.http).
void Parameters::AddParts(const FieldDescriptor& field, Json& parameters) {
  const bool required = resource::HasBehavior(&field, google::api::REQUIRED);
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    const FieldDescriptor& part = *field.message_type()->field(i);
    Json parameter = Json::Object(
        {{"name", absl::StrCat(field.json_name(), ".", part.json_name())}, {"in", "query"}});
    if (required) parameter.Set("required", true);
    const std::string description(comments_.Of(field));
    if (!description.empty()) parameter.Set("description", description);
    Json schema = schemas_.Of(part);
    schema.Remove("description");
    parameter.Set("schema", std::move(schema));
    // The first day of a year is a date of any record.
    if (required) parameter.Set("example", part.name() == "year" ? 2026 : 1);
    parameters.Add(std::move(parameter));
  }
}

Json Parameters::QueryParameter(const Route& route, const FieldDescriptor& field) {
  Json schema = schemas_.Of(field);
  std::string description(comments_.Of(field));
  const Type* shown = ShownBy(*route.method->output_type());
  const bool of_list = shown != nullptr && absl::StartsWith(route.method->name(), "List");
  Json example;
  bool has_example = false;
  const auto show = [&](Json value) {
    example = std::move(value);
    has_example = true;
  };
  if (of_list && field.name() == "filter") {
    absl::StrAppend(&description, " Fields: ", FieldList(*shown, false), ".");
    if (!ExampleOf(*shown).filter().empty()) show(ExampleOf(*shown).filter());
  } else if (of_list && field.name() == "order_by") {
    absl::StrAppend(&description, " Fields: ", FieldList(*shown, true), ".");
    const std::vector<std::string> words =
        absl::StrSplit(shown->options().default_order(), ' ', absl::SkipEmpty());
    if (!words.empty()) {
      show(absl::StrCat(transcoding::MaskPathToJson(words[0]), words.size() > 1 ? " desc" : ""));
    }
  } else if (field.name() == "page_size") {
    show(10);
  } else if (field.name() == "names" && shown != nullptr && !ExampleOf(*shown).name().empty()) {
    show(Json::Array({ExampleOf(*shown).name()}));
  } else if (std::string text = OwnExample(*route.method->input_type(), field); !text.empty()) {
    show(text);
  }
  // The parameter has the description.
  schema.Remove("description");
  Json parameter = Json::Object({{"name", field.json_name()}, {"in", "query"}});
  if (resource::HasBehavior(&field, google::api::REQUIRED)) parameter.Set("required", true);
  if (!description.empty()) parameter.Set("description", description);
  parameter.Set("schema", std::move(schema));
  if (has_example) parameter.Set("example", std::move(example));
  return parameter;
}

Json Parameters::Components() {
  Json components = Json::Object();
  for (const Header& header : kHeaders) {
    Json schema = Json::Object({{"type", "string"}, {"maxLength", header.length_max}});
    if (header.pattern != nullptr) schema.Set("pattern", header.pattern);
    components.Set(header.component, Json::Object({{"name", header.name},
                                                   {"in", "header"},
                                                   {"description", header.description},
                                                   {"schema", std::move(schema)}}));
  }
  return components;
}

}  // namespace mostove::openapi
