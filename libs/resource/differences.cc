#include <memory>

#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/fields.h"
#include "libs/resource/visibility.h"

namespace mostove::resource {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::MessageDifferencer;

namespace {

using Path = std::vector<const FieldDescriptor*>;

bool Differs(const Message& before, const Message& after, const FieldDescriptor* field) {
  const bool set_before = IsSet(before, field);
  if (set_before != IsSet(after, field)) return true;
  if (!set_before) return false;
  return !MessageDifferencer().CompareWithFields(before, after, {field}, {field});
}

void Collect(const Message& before, const Message& after, const FieldDescriptor* field, Path& path,
             std::vector<FieldDifference>& differences) {
  if (!Differs(before, after, field)) return;
  path.push_back(field);
  const size_t known = differences.size();
  if (!field->is_repeated() && field->message_type() != nullptr &&
      !IsValueType(field->message_type())) {
    const Message& inner_before = before.GetReflection()->GetMessage(before, field);
    const Message& inner_after = after.GetReflection()->GetMessage(after, field);
    for (int i = 0; i < field->message_type()->field_count(); ++i) {
      Collect(inner_before, inner_after, field->message_type()->field(i), path, differences);
    }
  }
  // A leaf, or a message that came or went without anything in it.
  if (differences.size() == known) differences.push_back({path});
  path.pop_back();
}

bool IsLeftOut(const Type& type, const FieldDescriptor* field) {
  if (field == type.delete_time_field()) return false;
  return field == type.name_field() || field == type.etag_field() ||
         field == type.update_time_field() || IsSystemField(field);
}

}  // namespace

std::vector<FieldDifference> Differences(const Type& type, const Message& before,
                                         const Message& after) {
  std::vector<FieldDifference> differences;
  Path path;
  for (int i = 0; i < type.descriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = type.descriptor()->field(i);
    if (!IsLeftOut(type, field)) Collect(before, after, field, path, differences);
  }
  return differences;
}

}  // namespace mostove::resource
