#include "libs/privacy/person.h"

#include <unicode/unistr.h>

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "libs/resource/fields.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::privacy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsPersonal(const FieldDescriptor* field) {
  return field->options().GetExtension(resource::v1::personal);
}

// Without case and without double spaces.
std::string Folded(absl::string_view text) {
  std::string folded;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .foldCase()
      .toUTF8String(folded);
  return absl::StrJoin(absl::StrSplit(folded, absl::ByAnyChar(" \t\n\r"), absl::SkipEmpty()), " ");
}

// Every text in a message.
void CollectTexts(const Message& message, std::vector<std::string>& texts) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        texts.push_back(field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                             : reflection.GetString(message, field));
      } else if (field->message_type() != nullptr) {
        CollectTexts(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                          : reflection.GetMessage(message, field),
                     texts);
      }
    }
  }
}

class Search {
 public:
  Search(const Person& person, std::vector<std::string>* found)
      : email_(Folded(person.email)), name_(Folded(person.display_name)), found_(found) {}

  bool TakeOutOf(Message& message) {
    const Reflection& reflection = *message.GetReflection();
    bool taken = false;
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (IsPersonal(field)) {
        taken = TakeOutOfField(message, field) || taken;
      } else if (resource::MessageTypeOf(field) != nullptr) {
        resource::ForEachMessage(message, field,
                                 [&](Message& inner) { taken = TakeOutOf(inner) || taken; });
      }
    }
    return taken;
  }

 private:
  bool IsAbout(const std::vector<std::string>& texts) const {
    bool has_email = false;
    bool has_name = false;
    for (const std::string& text : texts) {
      const std::string folded = Folded(text);
      if (!email_.empty() && absl::StrContains(folded, email_)) return true;
      has_email = has_email || absl::StrContains(folded, "@");
      has_name = has_name || (!name_.empty() && folded == name_);
    }
    return has_name && !has_email;
  }

  // Takes the items that stay, in their order.
  bool TakeOutOfField(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    if (!field->is_repeated()) {
      std::vector<std::string> texts;
      if (field->message_type() != nullptr) {
        CollectTexts(reflection.GetMessage(message, field), texts);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        texts.push_back(reflection.GetString(message, field));
      }
      if (!IsAbout(texts)) return false;
      Tell(message, field, -1);
      reflection.ClearField(&message, field);
      return true;
    }
    bool taken = false;
    int kept = 0;
    const int count = reflection.FieldSize(message, field);
    for (int i = 0; i < count; ++i) {
      std::vector<std::string> texts;
      if (field->message_type() != nullptr) {
        CollectTexts(reflection.GetRepeatedMessage(message, field, i), texts);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        texts.push_back(reflection.GetRepeatedString(message, field, i));
      }
      if (IsAbout(texts)) {
        Tell(message, field, i);
        taken = true;
        continue;
      }
      if (kept != i) reflection.SwapElements(&message, field, kept, i);
      ++kept;
    }
    for (int i = count; i > kept; --i) reflection.RemoveLast(&message, field);
    return taken;
  }

  // As JSON, by way of a message that holds nothing else.
  void Tell(const Message& message, const FieldDescriptor* field, int item) {
    if (found_ == nullptr) return;
    const std::unique_ptr<Message> alone(message.New());
    const Reflection& reflection = *message.GetReflection();
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      if (item < 0) {
        reflection.SetString(alone.get(), field, reflection.GetString(message, field));
      } else {
        reflection.AddString(alone.get(), field,
                             reflection.GetRepeatedString(message, field, item));
      }
    } else if (field->message_type() != nullptr) {
      Message* copy = item < 0 ? reflection.MutableMessage(alone.get(), field)
                               : reflection.AddMessage(alone.get(), field);
      copy->CopyFrom(item < 0 ? reflection.GetMessage(message, field)
                              : reflection.GetRepeatedMessage(message, field, item));
    }
    std::string json;
    if (google::protobuf::util::MessageToJsonString(*alone, &json).ok()) {
      found_->push_back(std::move(json));
    }
  }

  const std::string email_, name_;
  std::vector<std::string>* const found_;
};

}  // namespace

bool HasPersonalFields(const Descriptor* type) {
  return resource::AnyTypeWithin(type, [](const Descriptor* inner) {
    for (int i = 0; i < inner->field_count(); ++i) {
      if (IsPersonal(inner->field(i))) return true;
    }
    return false;
  });
}

bool TakeOut(const Person& person, Message& resource, std::vector<std::string>* found) {
  return Search(person, found).TakeOutOf(resource);
}

}  // namespace mostove::privacy
