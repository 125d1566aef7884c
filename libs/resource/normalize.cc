#include "libs/resource/fields.h"
#include "libs/resource/text.h"
#include "libs/resource/validate.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

bool IsNormal(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const Descriptor* const descriptor = message.GetDescriptor();
  std::string scratch;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* const field = descriptor->field(i);
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!text && field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      if (!reflection.HasField(message, field)) continue;
      if (text ? !IsNfc(reflection.GetStringReference(message, field, &scratch))
               : !IsNormal(reflection.GetMessage(message, field))) {
        return false;
      }
      continue;
    }
    for (int j = 0; j < reflection.FieldSize(message, field); ++j) {
      if (text ? !IsNfc(reflection.GetRepeatedStringReference(message, field, j, &scratch))
               : !IsNormal(reflection.GetRepeatedMessage(message, field, j))) {
        return false;
      }
    }
  }
  return true;
}

void NormalizeText(Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection.GetStringReference(message, field, &scratch);
    if (!IsNfc(text)) reflection.SetString(&message, field, ToNfc(text));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const std::string& text = reflection.GetRepeatedStringReference(message, field, i, &scratch);
    if (!IsNfc(text)) reflection.SetRepeatedString(&message, field, i, ToNfc(text));
  }
}

void NormalizeMessage(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const Descriptor* const descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* const field = descriptor->field(i);
    if (!IsSet(message, field)) continue;
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      NormalizeText(message, field);
    } else if (field->message_type() == nullptr) {
      continue;
    } else if (!field->is_repeated()) {
      NormalizeMessage(*reflection.MutableMessage(&message, field));
    } else {
      for (int j = 0; j < reflection.FieldSize(message, field); ++j) {
        NormalizeMessage(*reflection.MutableRepeatedMessage(&message, field, j));
      }
    }
  }
}

}  // namespace

void Normalize(Message& message) {
  // Nearly every text is normal already, and to touch a map costs.
  if (!IsNormal(message)) NormalizeMessage(message);
}

}  // namespace mostove::resource
