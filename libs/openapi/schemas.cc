#include "libs/openapi/schemas.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.pb.h"
#include "libs/resource/fields.h"
#include "libs/resource/visibility.h"
#include "libs/transcoding/well_known.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::openapi {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// As resource::Validate has them where a field says nothing.
constexpr uint32_t kTextLengthMax = 1000;
constexpr uint32_t kItemsMax = 100;

// Types whose JSON is a value of its own.
Json WellKnown(const Descriptor& message) {
  switch (message.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return Json::Object({{"type", "string"}, {"format", "date-time"}});
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return Json::Object({{"type", "string"}, {"pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$"}});
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return Json::Object({{"type", "string"}});
    case Descriptor::WELLKNOWNTYPE_ANY:
      return Json::Object(
          {{"type", "object"},
           {"required", Json::Array({"@type"})},
           {"properties",
            Json::Object({{"@type", Json::Object({{"type", "string"},
                                                  {"description", "What the message is."}})}})},
           {"additionalProperties", true}});
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return Json::Object({{"type", "object"}, {"additionalProperties", true}});
    default:  // google.protobuf.Value: whatever JSON can say
      return Json::Object();
  }
}

bool IsWellKnown(const Descriptor& message) {
  return message.well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

std::string Capitalized(absl::string_view word) {
  std::string out(word);
  if (!out.empty()) out[0] = absl::ascii_toupper(static_cast<unsigned char>(out[0]));
  return out;
}

// "OrganizationLegalForm" of mostove.organizations.v1.Organization.LegalForm.
std::string ShortName(absl::string_view full_name, absl::string_view package) {
  full_name.remove_prefix(package.empty() ? 0 : package.size() + 1);
  std::string name;
  for (const absl::string_view part : absl::StrSplit(full_name, '.')) {
    if (absl::StartsWith(part, name)) name.clear();
    absl::StrAppend(&name, part);
  }
  return name;
}

// "Funding" of mostove.funding.v1.
std::string PackageWord(absl::string_view package) {
  std::string word;
  for (const absl::string_view part : absl::StrSplit(package, '.')) {
    const bool version = part.size() > 1 && part[0] == 'v' && absl::ascii_isdigit(part[1]);
    if (!version) word = Capitalized(part);
  }
  return word;
}

// null takes the field away.
void MakeNullable(Json& schema) {
  if (schema.Has("$ref")) {
    Json reference = Json::Object({{"$ref", std::move(schema.Member("$ref"))}});
    Json nullable = Json::Object(
        {{"anyOf", Json::Array({std::move(reference), Json::Object({{"type", "null"}})})}});
    if (schema.Has("description"))
      nullable.Set("description", std::move(schema.Member("description")));
    schema = std::move(nullable);
  } else if (schema.Has("type")) {
    schema.Set("type", Json::Array({std::move(schema.Member("type")), "null"}));
  }
}

absl::string_view SeenBy(resource::v1::Audience audience) {
  switch (audience) {
    case resource::v1::ADMINISTRATOR:
      return "Seen by administrators only.";
    case resource::v1::NETWORK:
      return "Seen by members of the network.";
    case resource::v1::PUBLIC:
      return "";
    default:
      return "Seen by its owners and administrators.";
  }
}

bool IsHidden(const FieldDescriptor& field) {
  if (resource::TypeOf(field.containing_type()) == nullptr) return false;
  return field.options().GetExtension(resource::v1::visibility) != resource::v1::PUBLIC;
}

}  // namespace

Schemas::Schemas(const Comments& comments, const Resources& resources, const Routes& routes)
    : comments_(comments), resources_(resources) {
  for (const auto& route : routes) {
    Name(*route->method->input_type(), /*requested=*/true);
    Name(*route->method->output_type(), /*requested=*/false);
  }
}

void Schemas::Name(const Descriptor& message, bool requested) {
  const bool is_new = named_.insert(message.full_name()).second;
  const bool newly_requested = requested && requested_.insert(message.full_name()).second;
  if (!is_new && !newly_requested) return;
  short_names_[ShortName(message.full_name(), message.file()->package())].insert(
      message.full_name());
  if (IsWellKnown(message)) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (const Descriptor* inner = resource::MessageTypeOf(&field)) Name(*inner, requested);
    if (field.enum_type() != nullptr) Name(*field.enum_type());
  }
}

void Schemas::Name(const EnumDescriptor& type) {
  short_names_[ShortName(type.full_name(), type.file()->package())].insert(type.full_name());
}

std::string Schemas::NameOf(absl::string_view full_name, absl::string_view package) const {
  const std::string name = ShortName(full_name, package);
  const auto found = short_names_.find(name);
  const bool alone = found == short_names_.end() || found->second.size() == 1;
  return alone ? name : PackageWord(package) + name;
}

Json Schemas::Reference(const std::string& name) const {
  return Json::Object({{"$ref", "#/components/schemas/" + name}});
}

Json Schemas::Of(const Descriptor& message) {
  if (IsWellKnown(message)) return WellKnown(message);
  const std::string name = NameOf(message.full_name(), message.file()->package());
  // Reserved first: a type may hold itself.
  if (schemas_.emplace(name, Json()).second) schemas_[name] = ObjectOf(message, /*update=*/false);
  return Reference(name);
}

Json Schemas::ForUpdate(const Descriptor& message) {
  const std::string name = NameOf(message.full_name(), message.file()->package()) + "Update";
  if (schemas_.emplace(name, Json()).second) schemas_[name] = ObjectOf(message, /*update=*/true);
  return Reference(name);
}

Json Schemas::ForCreate(const Descriptor& message) {
  Json hidden = Json::Array();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (resource::HasBehavior(&field, google::api::REQUIRED) && IsHidden(field)) {
      hidden.Add(field.json_name());
    }
  }
  Json schema = Of(message);
  if (hidden.empty()) return schema;
  return Json::Object(
      {{"allOf", Json::Array({std::move(schema),
                              Json::Object({{"type", "object"}, {"required", hidden}})})}});
}

Json Schemas::ForBody(const Descriptor& message, const std::vector<const FieldDescriptor*>& bound) {
  const std::string name = NameOf(message.full_name(), message.file()->package());
  if (schemas_.emplace(name, Json()).second) {
    schemas_[name] = ObjectOf(message, /*update=*/false, bound);
  }
  return Reference(name);
}

Json Schemas::ObjectOf(const Descriptor& message, bool update,
                       const std::vector<const FieldDescriptor*>& skipped) {
  Json properties = Json::Object();
  Json required = Json::Array();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (update && resource::IsSystemField(&field)) continue;
    if (std::find(skipped.begin(), skipped.end(), &field) != skipped.end()) continue;
    Json schema = Of(field);
    if (update && field.name() != "etag") MakeNullable(schema);
    properties.Set(field.json_name(), std::move(schema));
    const bool is_required =
        resource::HasBehavior(&field, google::api::REQUIRED) && !IsHidden(field) && !update;
    if (is_required) required.Add(field.json_name());
  }
  Json schema = Json::Object({{"type", "object"}});
  const absl::string_view comment = comments_.Of(message);
  if (update) {
    schema.Set("description",
               absl::StrCat("What is to change of a ",
                            Words(NameOf(message.full_name(), message.file()->package())),
                            ". What is absent stays; null takes a field away."));
  } else if (!comment.empty()) {
    schema.Set("description", comment);
  }
  if (!required.empty()) schema.Set("required", std::move(required));
  if (!properties.empty()) schema.Set("properties", std::move(properties));
  return schema;
}

Json Schemas::EnumOf(const EnumDescriptor& type) const {
  Json values = Json::Array();
  std::string description(comments_.Of(type));
  std::string list;
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    values.Add(value.name());
    absl::StrAppend(&list, "\n- `", value.name(),
                    "`: ", absl::StrReplaceAll(comments_.Of(value), {{"\n\n", " "}}));
  }
  absl::StrAppend(&description, description.empty() ? "" : "\n", list);
  return Json::Object(
      {{"type", "string"}, {"description", description}, {"enum", std::move(values)}});
}

Json Schemas::Of(const FieldDescriptor& field) {
  Json schema;
  if (field.is_map()) {
    schema = Json::Object({{"type", "object"}});
    const auto& limits = field.options().GetExtension(resource::v1::limits);
    if (IsRequested(field))
      schema.Set("maxProperties", limits.max_items() > 0 ? limits.max_items() : kItemsMax);
    Json value = Plain(*field.message_type()->map_value());
    if (limits.max_length() > 0) value.Set("maxLength", limits.max_length());
    schema.Set("additionalProperties", std::move(value));
  } else if (field.is_repeated()) {
    schema = ListOf(field, Plain(field));
  } else {
    schema = Plain(field);
  }
  const std::string description = DescriptionOf(field);
  if (!description.empty()) schema.Set("description", description);
  if (resource::IsSystemField(&field)) schema.Set("readOnly", true);
  return schema;
}

Json Schemas::ListOf(const FieldDescriptor& field, Json item) const {
  const auto& limits = field.options().GetExtension(resource::v1::limits);
  Json list = Json::Object({{"type", "array"}, {"items", std::move(item)}});
  if (limits.min_items() > 0) list.Set("minItems", limits.min_items());
  if (limits.max_items() > 0) {
    list.Set("maxItems", limits.max_items());
  } else if (IsRequested(field)) {
    list.Set("maxItems", kItemsMax);
  }
  if (limits.unique_items()) list.Set("uniqueItems", true);
  return list;
}

Json Schemas::Plain(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return Of(*field.message_type());
    case FieldDescriptor::TYPE_ENUM: {
      const EnumDescriptor& type = *field.enum_type();
      const std::string name = NameOf(type.full_name(), type.file()->package());
      schemas_.try_emplace(name, EnumOf(type));
      return Reference(name);
    }
    case FieldDescriptor::TYPE_BOOL:
      return Json::Object({{"type", "boolean"}});
    case FieldDescriptor::TYPE_STRING:
      return TextOf(field);
    case FieldDescriptor::TYPE_BYTES:
      return Json::Object({{"type", "string"}, {"contentEncoding", "base64"}});
    case FieldDescriptor::TYPE_DOUBLE:
      return NumberOf(field, "double");
    case FieldDescriptor::TYPE_FLOAT:
      return NumberOf(field, "float");
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_SFIXED64:
      return Json::Object(
          {{"type", "string"}, {"format", "int64"}, {"pattern", "^-?[0-9]{1,19}$"}});
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return Json::Object({{"type", "string"}, {"format", "uint64"}, {"pattern", "^[0-9]{1,20}$"}});
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32: {
      Json number = NumberOf(field, "int64");
      if (!number.Has("minimum")) number.Set("minimum", 0);
      return number;
    }
    default:
      return NumberOf(field, "int32");
  }
}

Json Schemas::TextOf(const FieldDescriptor& field) const {
  const auto& limits = field.options().GetExtension(resource::v1::limits);
  Json text = Json::Object({{"type", "string"}});
  if (limits.min_length() > 0) text.Set("minLength", limits.min_length());
  if (limits.max_length() > 0) {
    text.Set("maxLength", limits.max_length());
  } else if (IsRequested(field) && !resource::IsSystemField(&field)) {
    text.Set("maxLength", kTextLengthMax);
  }
  if (!limits.pattern().empty()) text.Set("pattern", absl::StrCat("^(", limits.pattern(), ")$"));
  const std::string example = resources_.ExampleOf(field);
  if (!example.empty()) text.Set("examples", Json::Array({example}));
  return text;
}

Json Schemas::NumberOf(const FieldDescriptor& field, absl::string_view format) const {
  const auto& limits = field.options().GetExtension(resource::v1::limits);
  const bool whole = absl::StartsWith(format, "int");
  Json number = Json::Object({{"type", whole ? "integer" : "number"}, {"format", format}});
  if (limits.has_minimum()) number.Set("minimum", limits.minimum());
  if (limits.has_maximum()) number.Set("maximum", limits.maximum());
  return number;
}

bool Schemas::IsRequested(const FieldDescriptor& field) const {
  return requested_.contains(field.containing_type()->full_name());
}

std::string Schemas::DescriptionOf(const FieldDescriptor& field) const {
  std::vector<std::string> sentences;
  const auto add = [&sentences](absl::string_view sentence) {
    if (!sentence.empty()) sentences.emplace_back(sentence);
  };
  add(comments_.Of(field));
  const auto& limits = field.options().GetExtension(resource::v1::limits);
  if (!limits.pattern_hint().empty()) add(absl::StrCat(Capitalized(limits.pattern_hint()), "."));
  if (!limits.end_of().empty()) {
    add(absl::StrCat("Ends what `", transcoding::MaskPathToJson(limits.end_of()), "` begins."));
  }
  if (resource::HasBehavior(&field, google::api::IMMUTABLE)) add("Cannot be changed later.");
  if (resource::TypeOf(field.containing_type()) != nullptr) {
    const auto& options = field.options();
    const std::string& published_by = options.GetExtension(resource::v1::published_by);
    add(SeenBy(options.GetExtension(resource::v1::visibility)));
    if (!published_by.empty()) {
      add(absl::StrCat("Seen by everybody where its `", transcoding::MaskPathToJson(published_by),
                       "` is true."));
    }
    if (options.GetExtension(resource::v1::personal)) add("Data about people: kept out of logs.");
  }
  std::string description;
  for (const std::string& sentence : sentences) {
    absl::StrAppend(&description, description.empty() ? "" : " ", sentence);
  }
  return description;
}

Json Schemas::Take() {
  Json all = Json::Object();
  for (auto& [name, schema] : schemas_) all.Set(name, std::move(schema));
  return all;
}

}  // namespace mostove::openapi
