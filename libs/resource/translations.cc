#include "libs/resource/translations.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/digest/digest.h"
#include "libs/resource/fields.h"
#include "libs/resource/plan.h"
#include "mostove/common/v1/localized_text.pb.h"

namespace mostove::resource {

using common::v1::LocalizedText;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

constexpr size_t kHashDigits = 16;

bool IsLocalizedText(const Descriptor* descriptor) {
  return descriptor == LocalizedText::descriptor();
}

struct TranslationsPlan {
  std::vector<const FieldDescriptor*> descend;

  void Build(const Descriptor* descriptor, Plans<TranslationsPlan>::Builder&) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const Descriptor* const inner = MessageTypeOf(descriptor->field(i));
      if (inner != nullptr && AnyTypeWithin(inner, IsLocalizedText)) {
        descend.push_back(descriptor->field(i));
      }
    }
  }
};

std::string HashOf(const std::string& text) {
  return digest::Sha256Hex(text).substr(0, kHashDigits);
}

const std::string* Find(const google::protobuf::Map<std::string, std::string>& map,
                        const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

void Stamp(const LocalizedText& before, LocalizedText& after) {
  if (after.source_language().empty() && after.texts_size() == 1) {
    after.set_source_language(after.texts().begin()->first);
  }
  const std::string* const source = Find(after.texts(), after.source_language());
  const std::string present = source == nullptr ? "" : HashOf(*source);
  google::protobuf::Map<std::string, std::string> hashes;
  for (const auto& [language, text] : after.texts()) {
    if (language == after.source_language()) continue;
    const std::string* const old_text = Find(before.texts(), language);
    const std::string* const old_hash = Find(before.source_hashes(), language);
    if (old_text != nullptr && *old_text == text && old_hash != nullptr) {
      hashes[language] = *old_hash;
    } else if (source != nullptr) {
      hashes[language] = present;
    }
  }
  *after.mutable_source_hashes() = std::move(hashes);
}

// The value of the map's entry with the same key; null if there is none.
const Message* ValueOfKey(const Message& before, const FieldDescriptor* map, const Message& entry) {
  const std::string key = MapKeyText(entry);
  const Reflection& reflection = *before.GetReflection();
  for (int i = 0; i < reflection.FieldSize(before, map); ++i) {
    const Message& other = reflection.GetRepeatedMessage(before, map, i);
    if (MapKeyText(other) != key) continue;
    return &other.GetReflection()->GetMessage(other, map->message_type()->map_value());
  }
  return nullptr;
}

void StampField(const Message* before, Message& after, const FieldDescriptor* field) {
  const Reflection& reflection = *after.GetReflection();
  if (!field->is_repeated()) {
    if (!reflection.HasField(after, field)) return;
    StampTranslations(before == nullptr ? nullptr : &reflection.GetMessage(*before, field),
                      *reflection.MutableMessage(&after, field));
    return;
  }
  const int known = before == nullptr ? 0 : reflection.FieldSize(*before, field);
  for (int i = 0; i < reflection.FieldSize(after, field); ++i) {
    Message& item = *reflection.MutableRepeatedMessage(&after, field, i);
    if (field->is_map()) {
      StampTranslations(
          known == 0 ? nullptr : ValueOfKey(*before, field, item),
          *item.GetReflection()->MutableMessage(&item, field->message_type()->map_value()));
    } else {
      StampTranslations(i < known ? &reflection.GetRepeatedMessage(*before, field, i) : nullptr,
                        item);
    }
  }
}

}  // namespace

void StampTranslations(const Message* before, Message& after) {
  if (IsLocalizedText(after.GetDescriptor())) {
    const auto* const old_text = static_cast<const LocalizedText*>(before);
    return Stamp(old_text == nullptr ? LocalizedText::default_instance() : *old_text,
                 static_cast<LocalizedText&>(after));
  }
  for (const FieldDescriptor* field : Plans<TranslationsPlan>::Of(after.GetDescriptor()).descend) {
    StampField(before, after, field);
  }
}

}  // namespace mostove::resource
