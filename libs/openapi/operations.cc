#include "libs/openapi/operations.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/openapi/problems.h"
#include "libs/openapi/security.h"
#include "libs/transcoding/well_known.h"

namespace mostove::openapi {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using resource::Type;
using transcoding::Route;

constexpr char kJson[] = "application/json";

std::string WithFirst(absl::string_view word, bool upper) {
  std::string out(word);
  if (out.empty()) return out;
  const auto first = static_cast<unsigned char>(out[0]);
  out[0] = upper ? absl::ascii_toupper(first) : absl::ascii_tolower(first);
  return out;
}

std::string ServiceWord(const Route& route) {
  return std::string(absl::StripSuffix(route.method->service()->name(), "Service"));
}

// The resource whose name or collection the path ends with; null where there is none.
const Type* LastType(const Route& route, const Resources& resources) {
  const auto& segments = route.path.segments();
  for (size_t i = segments.size(); i-- > 0;) {
    if (segments[i].kind != transcoding::PathTemplate::Segment::kLiteral) continue;
    return resources.OfCollection(route.path, i);
  }
  return nullptr;
}

// The text that names a create's body: "organization".
bool IsUpdate(const Route& route) { return route.http_method == "PATCH"; }

Json Reference(absl::string_view kind, absl::string_view component) {
  return Json::Object({{"$ref", absl::StrCat("#/components/", kind, "/", component)}});
}

Json Content(Json schema, Json example, std::vector<const char*> types = {kJson}) {
  Json media = Json::Object({{"schema", std::move(schema)}});
  if (!example.empty() || example.IsVerbatim()) media.Set("example", std::move(example));
  Json content = Json::Object();
  for (const char* type : types) content.Set(type, media);
  return content;
}

// Of a batch: one request as for one, with its parent where it has one.
Json BatchExample(const Descriptor& request, const FieldDescriptor& requests) {
  const Type* type = ShownBy(*requests.message_type());
  if (type == nullptr || ExampleOf(*type).create().empty()) return Json::Object();
  Json item = Json::Object();
  const std::string& name = ExampleOf(*type).name();
  if (request.FindFieldByName("parent") != nullptr) {
    const size_t last = name.rfind('/');
    item.Set("parent", name.substr(0, name.rfind('/', last - 1)));
  }
  for (int i = 0; i < requests.message_type()->field_count(); ++i) {
    const FieldDescriptor& field = *requests.message_type()->field(i);
    if (field.message_type() == type->descriptor())
      item.Set(field.json_name(), Json::Verbatim(ExampleOf(*type).create()));
  }
  return Json::Object({{requests.json_name(), Json::Array({std::move(item)})}});
}

Json BodyExample(const Route& route) {
  if (route.body_field != nullptr) {
    const Type* type = ShownBy(*route.method->input_type());
    if (type == nullptr) return Json::Object();
    const auto& example = ExampleOf(*type);
    const std::string& text = IsUpdate(route) ? example.update() : example.create();
    return text.empty() ? Json::Object() : Json::Verbatim(text);
  }
  const Descriptor& request = *route.method->input_type();
  const auto& own = request.options().GetExtension(resource::v1::example);
  if (!own.create().empty()) return Json::Verbatim(own.create());
  const FieldDescriptor* requests = request.FindFieldByName("requests");
  if (requests != nullptr && requests->message_type() != nullptr) {
    return BatchExample(request, *requests);
  }
  return Json::Verbatim("{}");
}

Json AnswerExample(const Descriptor& message) {
  const Type* type = ShownBy(message);
  if (type == nullptr) return Json::Object();
  Json one = ExampleAnswer(*type);
  if (type->descriptor() == &message || !one.IsVerbatim()) return one;
  Json answer = Json::Object();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.message_type() == type->descriptor())
      answer.Set(field.json_name(), Json::Array({one}));
    if (field.name() == "next_page_token") answer.Set(field.json_name(), "");
  }
  return answer;
}

}  // namespace

Operations::Operations(const Comments& comments, const Resources& resources, const Routes& routes,
                       Schemas& schemas)
    : comments_(comments),
      resources_(resources),
      routes_(routes),
      schemas_(schemas),
      parameters_(comments, resources, schemas) {
  for (const auto& route : routes) ++bindings_[route->method->name()];
  for (const auto& route : routes) ++ids_[ShortIdOf(*route)];
}

Json Operations::Paths() {
  Json paths = Json::Object();
  for (const auto& route : routes_) {
    paths.Member(PathOf(*route, resources_))
        .Set(absl::AsciiStrToLower(route->http_method),
             Operation(*route, IdOf(*route), TagOf(*route)));
  }
  AddWatchOfAll(paths);
  return paths;
}

// The gateway joins the streams of all services into one.
void Operations::AddWatchOfAll(Json& paths) {
  for (const auto& route : routes_) {
    if (!route->method->server_streaming() || route->method->name() != "WatchChanges") continue;
    tags_.emplace("Changes", "What happens to the resources of all services.");
    Json operation = Operation(*route, "watchAllChanges", "Changes", "resource_name");
    operation.Set("description",
                  "Tells of the changes of all services in one stream, as the watch of each does. "
                  "Positions name the place in each of their logs.");
    paths.Member("/v1/changes:watch").Set("get", std::move(operation));
    return;
  }
}

Json Operations::Operation(const Route& route, const std::string& id, const std::string& tag,
                           absl::string_view except) {
  Json operation = Json::Object(
      {{"operationId", id}, {"tags", Json::Array({tag})}, {"summary", WithFirst(Words(id), true)}});
  const absl::string_view comment = comments_.Of(*route.method);
  operation.Set("description", comment.empty() ? WithFirst(Words(id), true) + "." : comment);
  operation.Set("parameters", parameters_.Of(route, except));
  if (route.body != Route::Body::kNone) operation.Set("requestBody", Body(route));
  Json responses = Json::Object({{"200", Answer(route)}});
  if (IsRead(route) && !route.method->server_streaming()) {
    responses.Set("304", Reference("responses", "NotModified"));
  }
  AddProblems(route, responses);
  operation.Set("responses", std::move(responses));
  operation.Set("security", SecurityOf(route));
  return operation;
}

// Resources of two services may have the same name.
std::string Operations::IdOf(const Route& route) const {
  const std::string id = ShortIdOf(route);
  return ids_.at(id) == 1 ? id : absl::StrCat(id, "In", ServiceWord(route));
}

// Method names that several services or paths share are told apart by what they are about.
std::string Operations::ShortIdOf(const Route& route) const {
  const std::string& name = route.method->name();
  const std::string id = WithFirst(name, false);
  if (bindings_.at(name) == 1) return id;
  const Type* type = route.path.variables().empty() ? nullptr : LastType(route, resources_);
  // GetSession says of what; only the service tells it from another's GetSession.
  const bool is_of_service = type == nullptr || absl::StrContains(name, type->descriptor()->name());
  return absl::StrCat(id, "Of", is_of_service ? ServiceWord(route) : type->descriptor()->name());
}

std::string Operations::TagOf(const Route& route) {
  const Type* type = LastType(route, resources_);
  const std::string tag =
      type == nullptr ? ServiceWord(route) : WithFirst(type->plural(), /*upper=*/true);
  const absl::string_view comment =
      type == nullptr ? comments_.Of(*route.method->service()) : comments_.Of(*type->descriptor());
  tags_.emplace(tag, comment.empty() ? tag + "." : std::string(comment));
  return tag;
}

Json Operations::Answer(const Route& route) {
  const Descriptor& message = route.response_field == nullptr
                                  ? *route.method->output_type()
                                  : *route.response_field->message_type();
  const Type* type = ShownBy(message);
  const bool is_resource = type != nullptr && type->descriptor() == &message;
  std::string description =
      is_resource ? absl::StrCat("The ", Words(transcoding::MaskPathToJson(type->singular())), ".")
                  : std::string(comments_.Of(message));
  if (description.empty()) description = "The answer.";
  if (route.http_method == "DELETE" &&
      route.method->input_type()->FindFieldByName("allow_missing") != nullptr) {
    description += " `{}` when there was none and `allowMissing` was given.";
  }
  Json headers = Json::Object({{"X-Request-Id", Reference("headers", "RequestId")},
                               {"RateLimit", Reference("headers", "RateLimit")},
                               {"RateLimit-Policy", Reference("headers", "RateLimitPolicy")}});
  if (route.method->server_streaming()) {
    absl::StrAppend(&description,
                    "\n\nServer-sent events: the `data` of each is JSON of this schema, its `id` a "
                    "position. A heartbeat is an event without data. An event of the type "
                    "`problem` holds a problem document and ends the stream.");
    return Json::Object(
        {{"description", description},
         {"headers", std::move(headers)},
         {"content", Json::Object({{"text/event-stream",
                                    Json::Object({{"schema", schemas_.Of(message)}})}})}});
  }
  if (IsRead(route) || is_resource) headers.Set("ETag", Reference("headers", "ETag"));
  if (!IsRead(route)) headers.Set("Change-Position", Reference("headers", "ChangePosition"));
  if (message.FindFieldByName("next_page_token") != nullptr && IsRead(route)) {
    headers.Set("Link", Reference("headers", "Link"));
  }
  return Json::Object({{"description", description},
                       {"headers", std::move(headers)},
                       {"content", Content(schemas_.Of(message), AnswerExample(message))}});
}

Json Operations::Body(const Route& route) {
  std::vector<const char*> types = {kJson};
  if (IsUpdate(route)) types.push_back("application/merge-patch+json");
  Json body = Json::Object();
  if (route.body_field != nullptr) {
    const absl::string_view comment = comments_.Of(*route.body_field);
    if (!comment.empty()) body.Set("description", comment);
    body.Set("required", true);
  } else if (route.method->input_type()->FindFieldByName("requests") != nullptr) {
    body.Set("required", true);
  }
  body.Set("content", Content(BodySchema(route), BodyExample(route), types));
  return body;
}

Json Operations::BodySchema(const Route& route) {
  if (route.body_field == nullptr) {
    std::vector<const FieldDescriptor*> bound;
    for (const auto& fields : route.variable_fields) {
      if (fields.size() == 1) bound.push_back(fields[0]);
    }
    return schemas_.ForBody(*route.method->input_type(), bound);
  }
  const Descriptor& message = *route.body_field->message_type();
  return IsUpdate(route) ? schemas_.ForUpdate(message) : schemas_.ForCreate(message);
}

Json HeaderComponents() {
  const auto text = [](absl::string_view description) {
    return Json::Object(
        {{"description", description}, {"schema", Json::Object({{"type", "string"}})}});
  };
  return Json::Object({
      {"ETag",
       text("The revision, for If-Match and If-None-Match; of a list, a tag of its content.")},
      {"Link", text("The next page, where there is one: `<…>; rel=\"next\"`.")},
      {"ChangePosition",
       text("Where the change stands in the log: a read that sends it sees the change.")},
      {"RequestId", text("Names the request, to quote when asking for help.")},
      {"RateLimit",
       text("What is left of the caller's budget, and in how many seconds it is whole again: "
            "`\"calls\";r=11999;t=1`.")},
      {"RateLimitPolicy",
       text("The budget: so many requests in so many seconds: `\"calls\";q=12000;w=60`.")},
      {"WWWAuthenticate",
       text("How to prove who asks: `Bearer`, with `error` where a token was no good (RFC 6750).")},
      {"ContentLanguage", text("The language of the texts.")},
      {"RetryAfter",
       Json::Object({{"description", "Seconds to wait before a repeat."},
                     {"schema", Json::Object({{"type", "integer"}, {"format", "int64"}})}})},
  });
}

}  // namespace mostove::openapi
