#include "libs/resource/behavior.h"

#include "libs/resource/fields.h"
#include "libs/resource/mask.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void BehaviorPlan::Build(const Descriptor* descriptor, Plans<BehaviorPlan>::Builder&) {
  const auto has_system_field = [](const Descriptor* type) {
    for (int i = 0; i < type->field_count(); ++i) {
      if (IsSystemField(type->field(i))) return true;
    }
    return false;
  };
  const auto has_behavior = [&](const Descriptor* type) {
    for (int i = 0; i < type->field_count(); ++i) {
      if (HasBehavior(type->field(i), google::api::IMMUTABLE)) return true;
    }
    return has_system_field(type);
  };
  plain = !AnyTypeWithin(descriptor, has_behavior);
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* const field = descriptor->field(i);
    const Descriptor* const inner = MessageTypeOf(field);
    if (IsSystemField(field)) {
      system_fields.push_back(field);
    } else if (inner != nullptr && AnyTypeWithin(inner, has_system_field)) {
      descend.push_back(field);
    }
  }
}

void ClearOutputOnly(Message& message) {
  const BehaviorPlan& plan = Plans<BehaviorPlan>::Of(message.GetDescriptor());
  for (const FieldDescriptor* field : plan.system_fields) {
    message.GetReflection()->ClearField(&message, field);
  }
  for (const FieldDescriptor* field : plan.descend) {
    ForEachMessage(message, field, [](Message& inner) { ClearOutputOnly(inner); });
  }
}

}  // namespace mostove::resource
