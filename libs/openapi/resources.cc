#include "libs/openapi/resources.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"
#include "libs/resource/fields.h"
#include "libs/resource/visibility.h"

namespace mostove::openapi {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

Resources::Resources(const Routes& routes) {
  for (const auto& route : routes) {
    Add(*route->method->input_type());
    Add(*route->method->output_type());
  }
}

void Resources::Add(const Descriptor& message) {
  const auto [place, is_new] = seen_.emplace(&message, nullptr);
  if (!is_new) return;
  if (const resource::Type* type = resource::TypeOf(&message); type != nullptr) {
    place->second = type;
    by_type_.emplace(type->type(), type);
    std::string collections;  // "programs/sessions"
    for (size_t i = 0; i < type->pattern().size(); i += 2) {
      absl::StrAppend(&collections, i == 0 ? "" : "/", type->pattern()[i]);
    }
    by_collection_.emplace(std::move(collections), type);
  }
  for (int i = 0; i < message.field_count(); ++i) {
    if (const Descriptor* inner = resource::MessageTypeOf(message.field(i))) Add(*inner);
  }
}

const resource::Type* Resources::OfType(absl::string_view type) const {
  const auto found = by_type_.find(std::string(type));
  return found == by_type_.end() ? nullptr : found->second;
}

const resource::Type* Resources::OfCollection(const transcoding::PathTemplate& path,
                                              size_t segment) const {
  constexpr auto kLiteral = transcoding::PathTemplate::Segment::kLiteral;
  const auto& segments = path.segments();
  std::string collections = segments[segment].literal;
  for (size_t i = segment; i >= 2 && segments[i - 1].kind != kLiteral; i -= 2) {
    if (segments[i - 2].kind != kLiteral) break;
    collections = absl::StrCat(segments[i - 2].literal, "/", collections);
  }
  const auto found = by_collection_.find(collections);
  return found == by_collection_.end() ? nullptr : found->second;
}

std::string Resources::ExampleOf(const FieldDescriptor& field) const {
  const resource::Type* type = resource::TypeOf(field.containing_type());
  if (type == nullptr || type->name_field() != &field) {
    type = OfType(field.options().GetExtension(google::api::resource_reference).type());
  }
  return type == nullptr ? "" : openapi::ExampleOf(*type).name();
}

const resource::v1::Example& ExampleOf(const resource::Type& type) {
  return type.descriptor()->options().GetExtension(resource::v1::example);
}

Json ExampleAnswer(const resource::Type& type) {
  const auto& example = ExampleOf(type);
  if (example.name().empty() || example.create().size() < 3) return Json::Object();
  Json head = Json::Object({{"name", example.name()}, {"etag", "\"1\""}});
  std::string text;
  head.Write(text);
  text.back() = ',';
  // The body of the create goes on where the head ends.
  absl::StrAppend(&text, absl::string_view(example.create()).substr(1));
  return Json::Verbatim(text);
}

const resource::Type* ShownBy(const Descriptor& message) {
  if (const resource::Type* type = resource::TypeOf(&message)) return type;
  for (int i = 0; i < message.field_count(); ++i) {
    const Descriptor* inner = message.field(i)->message_type();
    if (inner == nullptr) continue;
    if (const resource::Type* type = resource::TypeOf(inner)) return type;
  }
  return nullptr;
}

std::string Words(absl::string_view camel_case) {
  std::string words;
  for (const char c : camel_case) {
    const auto letter = static_cast<unsigned char>(c);
    if (absl::ascii_isupper(letter) && !words.empty()) words += ' ';
    words += static_cast<char>(absl::ascii_tolower(letter));
  }
  return words;
}

}  // namespace mostove::openapi
