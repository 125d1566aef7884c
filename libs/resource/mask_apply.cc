#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/behavior.h"
#include "libs/resource/fields.h"
#include "libs/resource/mask.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::MessageDifferencer;

namespace {

constexpr char kImmutableText[] = "cannot change once it is created";

void SetKey(Message& entry, const std::string& text) {
  const FieldDescriptor* const key = entry.GetDescriptor()->map_key();
  const Reflection& reflection = *entry.GetReflection();
  int64_t int64 = 0;
  uint64_t uint64 = 0;
  switch (key->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      (void)absl::SimpleAtoi(text, &int64);
      return reflection.SetInt32(&entry, key, static_cast<int32_t>(int64));
    case FieldDescriptor::CPPTYPE_INT64:
      (void)absl::SimpleAtoi(text, &int64);
      return reflection.SetInt64(&entry, key, int64);
    case FieldDescriptor::CPPTYPE_UINT32:
      (void)absl::SimpleAtoi(text, &uint64);
      return reflection.SetUInt32(&entry, key, static_cast<uint32_t>(uint64));
    case FieldDescriptor::CPPTYPE_UINT64:
      (void)absl::SimpleAtoi(text, &uint64);
      return reflection.SetUInt64(&entry, key, uint64);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&entry, key, text == "true");
    default:
      return reflection.SetString(&entry, key, text);
  }
}

int FindEntry(const Message& message, const FieldDescriptor* map, const std::string& key) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, map); ++i) {
    if (MapKeyText(reflection.GetRepeatedMessage(message, map, i)) == key) return i;
  }
  return -1;
}

void RemoveEntry(Message& message, const FieldDescriptor* map, int i) {
  const Reflection& reflection = *message.GetReflection();
  reflection.SwapElements(&message, map, i, reflection.FieldSize(message, map) - 1);
  reflection.RemoveLast(&message, map);
}

// Moves masked fields out of a copy of the patch into the target.
class Merge {
 public:
  explicit Merge(status::Violations& violations) : violations_(violations) {}

  // `fresh`: the message around the field has just come into being, so that
  // IMMUTABLE fields may be set.
  void Field(Message& from, Message& to, const FieldDescriptor* field, const std::string& path,
             bool fresh) {
    if (HasBehavior(field, google::api::IMMUTABLE)) {
      if (!fresh && !Equal(from, to, field)) {
        return violations_.Add(path, "IMMUTABLE", kImmutableText);
      }
    }
    const Descriptor* const inner = MessageTypeOf(field);
    const bool plain = inner == nullptr || Plans<BehaviorPlan>::Of(inner).plain;
    if (plain || !IsSet(from, field)) return Replace(from, to, field);
    if (field->is_repeated()) {
      KeepSystemFieldsOfItems(from, to, field);
      return Replace(from, to, field);
    }
    const bool comes_new = !to.GetReflection()->HasField(to, field);
    Whole(*from.GetReflection()->MutableMessage(&from, field),
          *to.GetReflection()->MutableMessage(&to, field), path, comes_new);
  }

  // Every field of a message but those of the system.
  void Whole(Message& from, Message& to, const std::string& path, bool fresh) {
    const Descriptor* const descriptor = from.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* const field = descriptor->field(i);
      if (IsSystemField(field)) continue;
      Field(from, to, field, absl::StrCat(path, path.empty() ? "" : ".", field->name()), fresh);
    }
  }

  static bool Equal(const Message& from, const Message& to, const FieldDescriptor* field) {
    if (IsSet(from, field) != IsSet(to, field)) return false;
    return MessageDifferencer().CompareWithFields(from, to, {field}, {field});
  }

 private:
  static void Replace(Message& from, Message& to, const FieldDescriptor* field) {
    const Reflection& reflection = *from.GetReflection();
    if (!IsSet(from, field)) return reflection.ClearField(&to, field);
    reflection.SwapFields(&from, &to, {field});
    // Of a oneof the whole is swapped: the member that stood in the target must
    // not look like one of the patch.
    if (const auto* const oneof = field->real_containing_oneof(); oneof != nullptr) {
      reflection.ClearOneof(&from, oneof);
    }
  }

  static std::string WithoutSystemFields(const Message& item) {
    const std::unique_ptr<Message> copy(item.New());
    copy->CopyFrom(item);
    ClearOutputOnly(*copy);
    std::string text;
    google::protobuf::TextFormat::PrintToString(*copy, &text);
    return text;
  }

  // Items have no identity of their own: one that is equal but for its system
  // fields is the same item, any other is new.
  static void KeepSystemFieldsOfItems(Message& from, const Message& to,
                                      const FieldDescriptor* field) {
    const Reflection& reflection = *to.GetReflection();
    std::multimap<std::string, const Message*> present;
    for (int i = 0; i < reflection.FieldSize(to, field); ++i) {
      const Message& item = reflection.GetRepeatedMessage(to, field, i);
      present.emplace(WithoutSystemFields(item), &item);
    }
    for (int i = 0; i < reflection.FieldSize(from, field); ++i) {
      Message& item = *reflection.MutableRepeatedMessage(&from, field, i);
      const auto same = present.find(WithoutSystemFields(item));
      if (same == present.end()) {
        ClearOutputOnly(item);
      } else {
        item.CopyFrom(*same->second);
        present.erase(same);
      }
    }
  }

  status::Violations& violations_;
};

}  // namespace

// Follows one path from the resource down.
class MaskWalk {
 public:
  MaskWalk(const std::vector<Mask::Step>& steps, status::Violations& violations)
      : steps_(steps), violations_(violations), merge_(violations) {}

  // `frozen`: below an IMMUTABLE field. `fresh`: see Merge::Field.
  void Walk(size_t at, Message& from, Message& to, std::string path, bool frozen, bool fresh) {
    const Mask::Step& step = steps_[at];
    const bool last = at + 1 == steps_.size();
    absl::StrAppend(&path, path.empty() ? "" : ".", step.field->name());
    if (step.has_key) {
      frozen = frozen || HasBehavior(step.field, google::api::IMMUTABLE);
      return WalkKey(at, from, to, absl::StrCat(path, ".", step.key), frozen, fresh);
    }
    if (last) {
      if (frozen && !fresh && !Merge::Equal(from, to, step.field)) return AddImmutable(path);
      return merge_.Field(from, to, step.field, path, fresh);
    }
    frozen = frozen || HasBehavior(step.field, google::api::IMMUTABLE);
    Message* const from_inner = Inner(from, step.field);
    Message* const to_inner = Inner(to, step.field);
    WalkInner(at, from_inner, to_inner, path, frozen, fresh, *Prototype(to, step.field),
              [&] { return to.GetReflection()->MutableMessage(&to, step.field); });
  }

 private:
  static Message* Inner(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    return reflection.HasField(message, field) ? reflection.MutableMessage(&message, field)
                                               : nullptr;
  }

  static const Message* Prototype(const Message& message, const FieldDescriptor* field) {
    return message.GetReflection()->GetMessageFactory()->GetPrototype(MessageTypeOf(field));
  }

  // Goes on inside a message; either side may be null. `make` adds the message
  // to the target, if there turns out to be something in it.
  template <typename Make>
  void WalkInner(size_t at, Message* from, Message* to, const std::string& path, bool frozen,
                 bool fresh, const Message& prototype, const Make& make) {
    if (from == nullptr && to == nullptr) return;
    std::unique_ptr<Message> nothing;
    if (from == nullptr) {
      nothing.reset(prototype.New());
      from = nothing.get();
    }
    if (to != nullptr) return Walk(at + 1, *from, *to, path, frozen, fresh);
    const std::unique_ptr<Message> made(prototype.New());
    Walk(at + 1, *from, *made, path, frozen, fresh || !frozen);
    if (made->ByteSizeLong() > 0) make()->CopyFrom(*made);
  }

  void WalkKey(size_t at, Message& from, Message& to, const std::string& path, bool frozen,
               bool fresh) {
    const Mask::Step& step = steps_[at];
    const FieldDescriptor* const map = step.field;
    const FieldDescriptor* const value = map->message_type()->map_value();
    Message* const from_entry = Entry(from, map, step.key);
    Message* const to_entry = Entry(to, map, step.key);
    const auto add = [&] {
      Message* const entry = to.GetReflection()->AddMessage(&to, map);
      SetKey(*entry, step.key);
      return entry;
    };
    if (at + 1 < steps_.size()) {
      return WalkInner(at, from_entry == nullptr ? nullptr : Inner(*from_entry, value),
                       to_entry == nullptr ? nullptr : Inner(*to_entry, value), path, frozen, fresh,
                       *Prototype(to, map), [&] {
                         Message* const entry = to_entry == nullptr ? add() : to_entry;
                         return entry->GetReflection()->MutableMessage(entry, value);
                       });
    }
    if (frozen && !fresh && !SameEntry(from_entry, to_entry)) return AddImmutable(path);
    if (from_entry == nullptr) {
      if (to_entry != nullptr) RemoveEntry(to, map, FindEntry(to, map, step.key));
    } else {
      merge_.Field(*from_entry, to_entry == nullptr ? *add() : *to_entry, value, path,
                   fresh || to_entry == nullptr);
    }
  }

  static Message* Entry(Message& message, const FieldDescriptor* map, const std::string& key) {
    const int i = FindEntry(message, map, key);
    return i < 0 ? nullptr : message.GetReflection()->MutableRepeatedMessage(&message, map, i);
  }

  static bool SameEntry(const Message* a, const Message* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return MessageDifferencer::Equals(*a, *b);
  }

  void AddImmutable(absl::string_view path) { violations_.Add(path, "IMMUTABLE", kImmutableText); }

  const std::vector<Mask::Step>& steps_;
  status::Violations& violations_;
  Merge merge_;
};

void Mask::Apply(const Message& patch, Message& target, absl::string_view root,
                 status::Violations& violations) const {
  const std::unique_ptr<Message> from(patch.New());
  from->CopyFrom(patch);
  for (const std::vector<Step>& steps : paths_) {
    MaskWalk(steps, violations).Walk(0, *from, target, std::string(root), false, false);
  }
}

}  // namespace mostove::resource
