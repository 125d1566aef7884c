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

bool IsPartOfAddress(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) || byte >= 0x80 || absl::StrContains("._%+-", c);
}

// Whether the address stands in the text as a whole: "ana@x.org" is not in
// "mariana@x.org". Both folded.
bool HasAddress(absl::string_view text, absl::string_view address) {
  for (size_t at = text.find(address); at != text.npos; at = text.find(address, at + 1)) {
    const absl::string_view after = text.substr(at + address.size());
    const bool begins = at == 0 || !IsPartOfAddress(text[at - 1]);
    // A full stop may end the sentence.
    const bool ends = after.empty() || !IsPartOfAddress(after[0]) ||
                      (after[0] == '.' && (after.size() == 1 || !IsPartOfAddress(after[1])));
    if (begins && ends) return true;
  }
  return false;
}

class Search {
 public:
  Search(const Person& person, std::vector<std::string>* found)
      : email_(Folded(person.email)), name_(Folded(person.display_name)), found_(found) {}

  bool TakeOutOf(Message& message) {
    bool taken = TakeOutSingle(message);
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (IsPersonal(field)) {
        if (field->is_repeated()) taken = TakeOutItems(message, field) || taken;
      } else if (resource::MessageTypeOf(field) != nullptr) {
        resource::ForEachMessage(message, field,
                                 [&](Message& inner) { taken = TakeOutOf(inner) || taken; });
      }
    }
    return taken;
  }

 private:
  bool IsAbout(const Message& message) const {
    std::vector<std::string> texts;
    CollectTexts(message, texts);
    bool has_email = false;
    bool has_name = false;
    for (const std::string& text : texts) {
      const std::string folded = Folded(text);
      if (!email_.empty() && HasAddress(folded, email_)) return true;
      has_email = has_email || absl::StrContains(folded, "@");
      has_name = has_name || (!name_.empty() && folded == name_);
    }
    return has_name && !has_email;
  }

  // The single personal fields of a message are about one person.
  bool TakeOutSingle(Message& message) {
    const Reflection& reflection = *message.GetReflection();
    const std::unique_ptr<Message> alone(message.New());
    alone->CopyFrom(message);
    std::vector<const FieldDescriptor*> fields, personal;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (IsPersonal(field) && !field->is_repeated()) {
        personal.push_back(field);
      } else {
        reflection.ClearField(alone.get(), field);
      }
    }
    if (personal.empty() || !IsAbout(*alone)) return false;
    Tell(*alone);
    for (const FieldDescriptor* field : personal) reflection.ClearField(&message, field);
    return true;
  }

  // Of a repeated field each item is about somebody; those that stay keep their order.
  bool TakeOutItems(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    const int count = reflection.FieldSize(message, field);
    int kept = 0;
    for (int i = 0; i < count; ++i) {
      const std::unique_ptr<Message> alone(message.New());
      if (field->message_type() != nullptr) {
        reflection.AddMessage(alone.get(), field)
            ->CopyFrom(reflection.GetRepeatedMessage(message, field, i));
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        reflection.AddString(alone.get(), field, reflection.GetRepeatedString(message, field, i));
      }
      if (IsAbout(*alone)) {
        Tell(*alone);
        continue;
      }
      if (kept != i) reflection.SwapElements(&message, field, kept, i);
      ++kept;
    }
    for (int i = count; i > kept; --i) reflection.RemoveLast(&message, field);
    return kept < count;
  }

  void Tell(const Message& alone) {
    if (found_ == nullptr) return;
    std::string json;
    if (google::protobuf::util::MessageToJsonString(alone, &json).ok()) {
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
