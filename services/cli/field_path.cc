#include "services/cli/field_path.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/status/macros.h"

namespace mostove::cli {
namespace {

namespace pb = google::protobuf;

const pb::FieldDescriptor* FindField(const pb::Descriptor& descriptor, absl::string_view name) {
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const pb::FieldDescriptor* field = descriptor.field(i);
    if (field->name() == name || field->json_name() == name) return field;
  }
  return nullptr;
}

absl::Status NoSuchField(const pb::Descriptor& descriptor, absl::string_view text,
                         absl::string_view part) {
  std::vector<std::string> names;
  names.reserve(descriptor.field_count());
  for (int i = 0; i < descriptor.field_count(); ++i) {
    names.push_back(descriptor.field(i)->json_name());
  }
  return absl::InvalidArgumentError(absl::StrCat("'", text, "': ", descriptor.name(),
                                                 " has no field '", part, "'; it has ",
                                                 absl::StrJoin(names, ", ")));
}

// The entry of a string map, made if it is not there.
pb::Message* MutableEntry(const FieldPath::Step& step, pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  const pb::FieldDescriptor* key = step.field->message_type()->map_key();
  for (int i = 0; i < reflection.FieldSize(message, step.field); ++i) {
    pb::Message* entry = reflection.MutableRepeatedMessage(&message, step.field, i);
    if (entry->GetReflection()->GetString(*entry, key) == step.key) return entry;
  }
  pb::Message* entry = reflection.AddMessage(&message, step.field);
  entry->GetReflection()->SetString(entry, key, step.key);
  return entry;
}

const pb::Message* FindEntry(const FieldPath::Step& step, const pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  const pb::FieldDescriptor* key = step.field->message_type()->map_key();
  for (int i = 0; i < reflection.FieldSize(message, step.field); ++i) {
    const pb::Message& entry = reflection.GetRepeatedMessage(message, step.field, i);
    if (entry.GetReflection()->GetString(entry, key) == step.key) return &entry;
  }
  return nullptr;
}

absl::Status WrongIndex(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "': an index from 0 to ", FieldPath::kIndexMax,
                   " stands behind a list of groups of fields, such as in 'identifiers[0].value'"));
}

// "phones[1]" is the name and the index; -1 where there is none, nothing where
// the index is none.
std::optional<int> TakeIndex(absl::string_view& part) {
  if (!absl::EndsWith(part, "]")) return -1;
  const size_t open = part.rfind('[');
  if (open == absl::string_view::npos) return std::nullopt;
  const absl::string_view digits = part.substr(open + 1, part.size() - open - 2);
  int index = 0;
  const bool plain = !digits.empty() && digits.size() <= 2 &&
                     digits.find_first_not_of("0123456789") == absl::string_view::npos;
  if (!plain || !absl::SimpleAtoi(digits, &index)) return std::nullopt;
  part = part.substr(0, open);
  return index;
}

bool IsList(const FieldPath::Step& step) {
  return step.field->is_repeated() && !step.field->is_map() && step.index < 0;
}

// Whether a number that is 0 was put there: in a group of fields that is set.
bool IsSet(const pb::Message& message, const pb::FieldDescriptor& field, bool inside) {
  if (message.GetReflection()->HasField(message, &field)) return true;
  return inside && !field.has_presence() &&
         (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_DOUBLE ||
          field.cpp_type() == pb::FieldDescriptor::CPPTYPE_INT32 ||
          field.cpp_type() == pb::FieldDescriptor::CPPTYPE_INT64);
}

}  // namespace

absl::StatusOr<FieldPath> FieldPath::Parse(const pb::Descriptor& descriptor,
                                           absl::string_view text) {
  FieldPath path;
  const pb::Descriptor* at = &descriptor;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  for (size_t i = 0; i < parts.size(); ++i) {
    if (at == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("'", text, "': nothing stands below '",
                                                     path.steps_.back().field->json_name(), "'"));
    }
    Step step;
    absl::string_view part = parts[i];
    const std::optional<int> index = TakeIndex(part);
    step.field = FindField(*at, part);
    if (step.field == nullptr && index) return NoSuchField(*at, text, part);
    if (step.field == nullptr) return WrongIndex(text);
    at = step.field->message_type();
    const bool has_items = step.field->is_repeated() && !step.field->is_map() && at != nullptr &&
                           !IsTextual(*step.field);
    if (!index || (*index >= 0 && !has_items)) return WrongIndex(text);
    step.index = *index;
    if (step.field->is_map()) {
      if (++i == parts.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("'", text, "' lacks a key, such as in '", text, ".bg'"));
      }
      step.key = std::string(parts[i]);
      at = step.field->message_type()->map_value()->message_type();
    } else if (at != nullptr && IsTextual(*step.field)) {
      at = nullptr;
    }
    path.steps_.push_back(std::move(step));
  }
  if (at != nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text, "' is a group of fields; name one: ", text, ".", at->field(0)->json_name()));
  }
  if (std::count_if(path.steps_.begin(), path.steps_.end(), IsList) > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' goes through more than one list; say which item, such as in ",
                     "'locations[0].languages'"));
  }
  return path;
}

FieldPath FieldPath::FromSteps(std::vector<Step> steps) {
  FieldPath path;
  path.steps_ = std::move(steps);
  return path;
}

bool FieldPath::repeated() const { return std::any_of(steps_.begin(), steps_.end(), IsList); }

namespace {

template <class NameOf>
std::string Joined(const std::vector<FieldPath::Step>& steps, NameOf name_of) {
  std::string name;
  for (const FieldPath::Step& step : steps) {
    absl::StrAppend(&name, name.empty() ? "" : ".", name_of(*step.field));
    if (step.field->is_map()) absl::StrAppend(&name, ".", step.key);
    if (step.index >= 0) absl::StrAppend(&name, "[", step.index, "]");
  }
  return name;
}

}  // namespace

std::string FieldPath::JsonName() const {
  return Joined(steps_, [](const pb::FieldDescriptor& field) { return field.json_name(); });
}

std::string FieldPath::ProtoName() const {
  return Joined(steps_, [](const pb::FieldDescriptor& field) { return field.name(); });
}

namespace {

using Steps = std::vector<FieldPath::Step>;

absl::Status SetFrom(const Steps& steps, size_t at, const std::vector<std::string>& texts,
                     pb::Message& message) {
  const FieldPath::Step& step = steps[at];
  const pb::Reflection& reflection = *message.GetReflection();
  const bool last = at + 1 == steps.size();
  if (step.field->is_map()) {
    pb::Message* entry = MutableEntry(step, message);
    const pb::FieldDescriptor* value = step.field->message_type()->map_value();
    if (last) return SetText(*value, texts[0], *entry);
    return SetFrom(steps, at + 1, texts, *entry->GetReflection()->MutableMessage(entry, value));
  }
  if (last) {
    for (const std::string& text : texts) RETURN_IF_ERROR(SetText(*step.field, text, message));
    return absl::OkStatus();
  }
  if (!step.field->is_repeated()) {
    return SetFrom(steps, at + 1, texts, *reflection.MutableMessage(&message, step.field));
  }
  if (step.index >= 0) {
    while (reflection.FieldSize(message, step.field) <= step.index) {
      reflection.AddMessage(&message, step.field);
    }
    return SetFrom(steps, at + 1, texts,
                   *reflection.MutableRepeatedMessage(&message, step.field, step.index));
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    pb::Message* item = static_cast<int>(i) < reflection.FieldSize(message, step.field)
                            ? reflection.MutableRepeatedMessage(&message, step.field, i)
                            : reflection.AddMessage(&message, step.field);
    if (!texts[i].empty()) RETURN_IF_ERROR(SetFrom(steps, at + 1, {texts[i]}, *item));
  }
  return absl::OkStatus();
}

void GetFrom(const Steps& steps, size_t at, const pb::Message& message, bool inside,
             std::vector<std::string>& texts) {
  const FieldPath::Step& step = steps[at];
  const pb::Reflection& reflection = *message.GetReflection();
  const bool last = at + 1 == steps.size();
  if (step.field->is_map()) {
    const pb::Message* entry = FindEntry(step, message);
    if (entry == nullptr) return;
    const pb::FieldDescriptor* value = step.field->message_type()->map_value();
    if (last) {
      texts.push_back(GetText(*value, *entry, 0));
    } else {
      GetFrom(steps, at + 1, entry->GetReflection()->GetMessage(*entry, value), true, texts);
    }
  } else if (step.index >= 0) {
    if (step.index < reflection.FieldSize(message, step.field)) {
      GetFrom(steps, at + 1, reflection.GetRepeatedMessage(message, step.field, step.index), true,
              texts);
    }
  } else if (step.field->is_repeated()) {
    const int size = reflection.FieldSize(message, step.field);
    for (int i = 0; i < size; ++i) {
      if (last) {
        texts.push_back(GetText(*step.field, message, i));
        continue;
      }
      const size_t before = texts.size();
      GetFrom(steps, at + 1, reflection.GetRepeatedMessage(message, step.field, i), true, texts);
      texts.resize(before + 1);  // one for each item, also where it has none
    }
  } else if (last) {
    if (IsSet(message, *step.field, inside)) texts.push_back(GetText(*step.field, message, 0));
  } else if (reflection.HasField(message, step.field)) {
    GetFrom(steps, at + 1, reflection.GetMessage(message, step.field), true, texts);
  }
}

}  // namespace

void RemoveEmptyItems(pb::Message& message) {
  std::vector<const pb::FieldDescriptor*> fields;
  const pb::Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr || field->is_map()) continue;
    if (!field->is_repeated()) {
      RemoveEmptyItems(*reflection.MutableMessage(&message, field));
      continue;
    }
    int kept = 0;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      pb::Message* item = reflection.MutableRepeatedMessage(&message, field, i);
      RemoveEmptyItems(*item);
      if (item->ByteSizeLong() > 0) reflection.SwapElements(&message, field, i, kept++);
    }
    while (reflection.FieldSize(message, field) > kept) reflection.RemoveLast(&message, field);
  }
}

absl::Status FieldPath::Set(const std::vector<std::string>& texts, pb::Message& message) const {
  const bool nothing =
      std::all_of(texts.begin(), texts.end(), [](const std::string& text) { return text.empty(); });
  if (nothing) return absl::OkStatus();
  if (texts.size() > 1 && !repeated()) {
    return absl::InvalidArgumentError("takes one value, not several");
  }
  return SetFrom(steps_, 0, texts, message);
}

std::vector<std::string> FieldPath::Get(const pb::Message& message) const {
  std::vector<std::string> texts;
  GetFrom(steps_, 0, message, false, texts);
  return texts;
}

}  // namespace mostove::cli
