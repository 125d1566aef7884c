// Small questions about fields that several files of this library ask.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace mostove::resource {

bool HasBehavior(const google::protobuf::FieldDescriptor* field,
                 google::api::FieldBehavior behavior);
// OUTPUT_ONLY or IDENTIFIER: what clients send there is ignored.
bool IsSystemField(const google::protobuf::FieldDescriptor* field);

// The type of the messages that a field holds, of a map the type of its
// values; null where it holds none.
const google::protobuf::Descriptor* MessageTypeOf(const google::protobuf::FieldDescriptor* field);

// Whether `matches` holds for the type or for any type inside, however deep.
bool AnyTypeWithin(const google::protobuf::Descriptor* descriptor,
                   absl::FunctionRef<bool(const google::protobuf::Descriptor*)> matches);

// The fields of a dotted path from `descriptor` down, by proto names; empty
// when it names none.
std::vector<const google::protobuf::FieldDescriptor*> ResolvePath(
    const google::protobuf::Descriptor* descriptor, absl::string_view path);

// Calls `each` with every message that the field holds: the one of a singular
// field that is set, those of a repeated field, the values of a map.
void ForEachMessage(google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor* field,
                    absl::FunctionRef<void(google::protobuf::Message&)> each);

// Whether the field is set; a repeated one when it has an item.
bool IsSet(const google::protobuf::Message& message,
           const google::protobuf::FieldDescriptor* field);

// A map key as text, from an entry of the map.
std::string MapKeyText(const google::protobuf::Message& entry);

// Types of Google that are values rather than groups of fields: Timestamp,
// Date, Struct and the like.
bool IsValueType(const google::protobuf::Descriptor* descriptor);

}  // namespace mostove::resource
