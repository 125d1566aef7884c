#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/resource/fields.h"
#include "libs/resource/plan.h"
#include "libs/resource/visibility.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

bool IsPersonal(const FieldDescriptor* field) {
  return field->options().GetExtension(v1::personal);
}

bool HasPersonalField(const Descriptor* type) {
  for (int i = 0; i < type->field_count(); ++i) {
    if (IsPersonal(type->field(i))) return true;
  }
  return false;
}

struct PersonalPlan {
  std::vector<const FieldDescriptor*> clear;
  std::vector<const FieldDescriptor*> descend;

  void Build(const Descriptor* descriptor, Plans<PersonalPlan>::Builder&) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* const field = descriptor->field(i);
      const Descriptor* const inner = MessageTypeOf(field);
      if (IsPersonal(field)) {
        clear.push_back(field);
      } else if (inner != nullptr && AnyTypeWithin(inner, HasPersonalField)) {
        descend.push_back(field);
      }
    }
  }
};

void TakeOut(Message& message, const std::string& path, std::vector<std::string>& taken) {
  const PersonalPlan& plan = Plans<PersonalPlan>::Of(message.GetDescriptor());
  const auto inner_path = [&path](const FieldDescriptor* field) {
    return absl::StrCat(path, path.empty() ? "" : ".", field->name());
  };
  for (const FieldDescriptor* field : plan.clear) {
    if (!IsSet(message, field)) continue;
    message.GetReflection()->ClearField(&message, field);
    std::string own_path = inner_path(field);
    // Items of a repeated field share their path.
    if (std::find(taken.begin(), taken.end(), own_path) == taken.end()) {
      taken.push_back(std::move(own_path));
    }
  }
  for (const FieldDescriptor* field : plan.descend) {
    ForEachMessage(message, field,
                   [&](Message& inner) { TakeOut(inner, inner_path(field), taken); });
  }
}

}  // namespace

std::vector<std::string> TakeOutPersonal(Message& resource) {
  std::vector<std::string> taken;
  TakeOut(resource, "", taken);
  // Among the fields of a later version there may be personal ones.
  resource.DiscardUnknownFields();
  return taken;
}

}  // namespace mostove::resource
