#include "libs/resource/fields.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool HasBehavior(const FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

bool IsSystemField(const FieldDescriptor* field) {
  return HasBehavior(field, google::api::OUTPUT_ONLY) ||
         HasBehavior(field, google::api::IDENTIFIER);
}

const Descriptor* MessageTypeOf(const FieldDescriptor* field) {
  if (field->is_map()) return field->message_type()->map_value()->message_type();
  return field->message_type();
}

namespace {

bool AnyTypeWithin(const Descriptor* descriptor, absl::FunctionRef<bool(const Descriptor*)> matches,
                   absl::flat_hash_set<const Descriptor*>& seen) {
  if (!seen.insert(descriptor).second) return false;
  if (matches(descriptor)) return true;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const Descriptor* const inner = MessageTypeOf(descriptor->field(i));
    if (inner != nullptr && AnyTypeWithin(inner, matches, seen)) return true;
  }
  return false;
}

}  // namespace

bool AnyTypeWithin(const Descriptor* descriptor,
                   absl::FunctionRef<bool(const Descriptor*)> matches) {
  absl::flat_hash_set<const Descriptor*> seen;
  return AnyTypeWithin(descriptor, matches, seen);
}

std::vector<const FieldDescriptor*> ResolvePath(const Descriptor* descriptor,
                                                absl::string_view path) {
  std::vector<const FieldDescriptor*> fields;
  for (const absl::string_view segment : absl::StrSplit(path, '.')) {
    if (descriptor == nullptr) return {};
    const FieldDescriptor* const field = descriptor->FindFieldByName(std::string(segment));
    if (field == nullptr) return {};
    fields.push_back(field);
    descriptor = field->message_type();
  }
  return fields;
}

void ForEachMessage(Message& message, const FieldDescriptor* field,
                    absl::FunctionRef<void(Message&)> each) {
  const Reflection* const reflection = message.GetReflection();
  if (!field->is_repeated()) {
    if (reflection->HasField(message, field)) each(*reflection->MutableMessage(&message, field));
    return;
  }
  const int size = reflection->FieldSize(message, field);
  for (int i = 0; i < size; ++i) {
    Message* const item = reflection->MutableRepeatedMessage(&message, field, i);
    if (!field->is_map()) {
      each(*item);
    } else {
      each(*item->GetReflection()->MutableMessage(item, field->message_type()->map_value()));
    }
  }
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection* const reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

std::string MapKeyText(const Message& entry) {
  const FieldDescriptor* const key = entry.GetDescriptor()->map_key();
  const Reflection* const reflection = entry.GetReflection();
  switch (key->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection->GetInt32(entry, key));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection->GetInt64(entry, key));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection->GetUInt32(entry, key));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection->GetUInt64(entry, key));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(entry, key) ? "true" : "false";
    default:
      return reflection->GetString(entry, key);
  }
}

bool IsValueType(const Descriptor* descriptor) {
  return absl::StartsWith(descriptor->full_name(), "google.protobuf.") ||
         absl::StartsWith(descriptor->full_name(), "google.type.");
}

}  // namespace mostove::resource
