#include "libs/resource/validate.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "libs/resource/fields.h"
#include "libs/resource/plan.h"
#include "libs/resource/text.h"
#include "libs/resource/type.h"
#include "libs/resource/value_checks.h"
#include "re2/re2.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

namespace {

constexpr uint32_t kTextLengthMax = 1000;
constexpr uint32_t kBytesLengthMax = 1 << 20;
constexpr uint32_t kItemsMax = 100;
// A path shows keys up to this size; others are left out of it.
constexpr size_t kKeyShownMax = 64;

struct MessagePlan;

// What has to be checked on the values of a field.
struct FieldPlan {
  const FieldDescriptor* field = nullptr;
  const FieldDescriptor* key = nullptr;    // of a map
  const FieldDescriptor* value = nullptr;  // of a map; else the field
  const MessagePlan* message = nullptr;    // of message values
  const FieldDescriptor* start = nullptr;  // of the period that this field ends
  bool required = false;
  bool unique = false;
  uint32_t min_length = 0;
  uint32_t max_length = 0;
  uint32_t min_items = 0;
  uint32_t max_items = kItemsMax;
  bool has_minimum = false;
  bool has_maximum = false;
  double minimum = 0;
  double maximum = 0;
  std::unique_ptr<const RE2> pattern;
  std::string pattern_hint;
};

struct MessagePlan {
  std::string full_name;
  bool is_resource = false;
  ValueCheck value_check = nullptr;
  std::vector<FieldPlan> fields;

  void Build(const Descriptor* descriptor, Plans<MessagePlan>::Builder& plans) {
    full_name = descriptor->full_name();
    is_resource = IsResource(descriptor);
    value_check = ValueCheckOf(descriptor);
    fields.reserve(descriptor->field_count());
    for (int i = 0; i < descriptor->field_count(); ++i) {
      fields.push_back(FieldPlanOf(descriptor->field(i), plans));
    }
  }

  static FieldPlan FieldPlanOf(const FieldDescriptor* field, Plans<MessagePlan>::Builder& plans) {
    const v1::Limits& limits = field->options().GetExtension(v1::limits);
    FieldPlan plan;
    plan.field = field;
    plan.value = field;
    if (field->is_map()) {
      plan.key = field->message_type()->map_key();
      plan.value = field->message_type()->map_value();
    }
    if (plan.value->message_type() != nullptr) {
      plan.message = plans.PlanOf(plan.value->message_type());
    }
    if (!limits.end_of().empty()) {
      plan.start = field->containing_type()->FindFieldByName(limits.end_of());
    }
    plan.required = HasBehavior(field, google::api::REQUIRED);
    plan.unique = limits.unique_items();
    plan.min_length = limits.min_length();
    plan.max_length = limits.max_length();
    if (plan.max_length == 0) {
      const bool bytes = plan.value->type() == FieldDescriptor::TYPE_BYTES;
      plan.max_length = bytes ? kBytesLengthMax : kTextLengthMax;
    }
    plan.min_items = limits.min_items();
    if (limits.max_items() > 0) plan.max_items = limits.max_items();
    plan.has_minimum = limits.has_minimum();
    plan.has_maximum = limits.has_maximum();
    plan.minimum = limits.minimum();
    plan.maximum = limits.maximum();
    if (!limits.pattern().empty()) {
      plan.pattern = std::make_unique<const RE2>(limits.pattern(), RE2::Quiet);
      plan.pattern_hint = limits.pattern_hint();
    }
    return plan;
  }
};

// A place in the message, as a chain up to its root: a path is only written
// when there is something to say about it.
struct Place {
  const Place* outer = nullptr;
  const FieldDescriptor* field = nullptr;
  int index = -1;                      // of a repeated field
  const Message* map_entry = nullptr;  // of a map
};

void AppendKey(const Message& entry, std::string& path) {
  const std::string key = MapKeyText(entry);
  if (key.size() > kKeyShownMax || !LookAtText(key).valid_utf8 ||
      key.find('\0') != std::string::npos) {
    return;
  }
  const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
  if (plain) {
    absl::StrAppend(&path, ".", key);
  } else {
    absl::StrAppend(&path, ".`", absl::StrReplaceAll(key, {{"`", "``"}}), "`");
  }
}

void AppendPath(const Place& place, std::string& path) {
  if (place.outer != nullptr) AppendPath(*place.outer, path);
  if (place.field == nullptr) return;
  absl::StrAppend(&path, path.empty() ? "" : ".", place.field->name());
  if (place.map_entry != nullptr) {
    AppendKey(*place.map_entry, path);
  } else if (place.index >= 0) {
    absl::StrAppend(&path, "[", place.index, "]");
  }
}

class Validator {
 public:
  Validator(const ValidateOptions& options, absl::string_view root, status::Violations& violations)
      : options_(options), root_(root), violations_(violations) {}

  void CheckMessage(const Message& message, const MessagePlan& plan, const Place& place) {
    if (plan.is_resource && options_.skip_resources && place.outer != nullptr) return;
    if (plan.value_check != nullptr) {
      if (const ValueFault fault = plan.value_check(message); fault.reason != nullptr) {
        Add(place, fault.reason, fault.text);
      }
    }
    for (const FieldPlan& field : plan.fields) CheckField(message, field, place);
    if (options_.checks == nullptr) return;
    if (const auto check = options_.checks->find(plan.full_name); check != options_.checks->end()) {
      check->second(message, PathOf(place), violations_);
    }
  }

 private:
  std::string PathOf(const Place& place) const {
    std::string path(root_);
    AppendPath(place, path);
    return path;
  }

  void Add(const Place& place, absl::string_view reason, absl::string_view text) {
    violations_.Add(PathOf(place), reason, text);
  }

  void CheckField(const Message& message, const FieldPlan& plan, const Place& outer) {
    const Place place{.outer = &outer, .field = plan.field};
    if (!IsSet(message, plan.field)) {
      if (plan.required) {
        Add(place, "REQUIRED",
            plan.field->is_repeated() ? "has to have at least one item" : "has to be given");
      }
    } else if (plan.field->is_repeated()) {
      CheckItems(message, plan, place);
    } else {
      CheckValue(message, plan, place);
      if (plan.start != nullptr) CheckPeriod(message, plan, place);
    }
  }

  void CheckPeriod(const Message& message, const FieldPlan& plan, const Place& place) {
    const Reflection& reflection = *message.GetReflection();
    if (!reflection.HasField(message, plan.start)) return;
    const Message& start = reflection.GetMessage(message, plan.start);
    const Message& end = reflection.GetMessage(message, plan.field);
    // Of what is no date nothing more is said.
    for (const Message* each : {&start, &end}) {
      if (plan.message->value_check(*each).reason != nullptr) return;
    }
    if (const ValueFault fault = CheckEnd(start, end); fault.reason != nullptr) {
      Add(place, fault.reason, fault.text);
    }
  }

  void CheckItems(const Message& message, const FieldPlan& plan, Place place) {
    const Reflection& reflection = *message.GetReflection();
    const auto size = static_cast<uint32_t>(reflection.FieldSize(message, plan.field));
    if (size > plan.max_items) {
      // What stands in them is not looked at: the work stays bounded.
      return Add(place, "TOO_MANY",
                 absl::StrCat("has to have at most ", plan.max_items, " items, has ", size));
    }
    if (size < plan.min_items) {
      Add(place, "TOO_FEW",
          absl::StrCat("has to have at least ", plan.min_items, " items, has ", size));
    }
    for (int i = 0; i < static_cast<int>(size); ++i) {
      if (plan.key == nullptr) {
        place.index = i;
        CheckItem(message, i, plan, place);
      } else {
        const Message& entry = reflection.GetRepeatedMessage(message, plan.field, i);
        place.map_entry = &entry;
        CheckMapKey(entry, plan, place);
        CheckValue(entry, plan, place);
      }
    }
    if (plan.unique) CheckUnique(message, plan, place);
  }

  void CheckMapKey(const Message& entry, const FieldPlan& plan, const Place& place) {
    if (plan.key->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
    std::string scratch;
    const std::string& key = entry.GetReflection()->GetStringReference(entry, plan.key, &scratch);
    const TextFacts facts = LookAtText(key);
    if (!facts.valid_utf8) Add(place, "UTF8", "has to have a key that is valid UTF-8");
    if (facts.has_nul) Add(place, "NUL", "has to have a key without NUL characters");
    if (facts.code_points > kTextLengthMax) {
      Add(place, "TOO_LONG",
          absl::StrCat("has to have a key of at most ", kTextLengthMax, " characters, has ",
                       facts.code_points));
    }
  }

  // The value of a singular field, or of a map entry.
  void CheckValue(const Message& message, const FieldPlan& plan, const Place& place) {
    const FieldDescriptor* const field = plan.value;
    const Reflection& reflection = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        return CheckString(reflection.GetStringReference(message, field, &scratch), plan, place);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return CheckMessage(reflection.GetMessage(message, field), *plan.message, place);
      case FieldDescriptor::CPPTYPE_ENUM:
        return CheckEnum(reflection.GetEnumValue(message, field), field->enum_type(), place);
      case FieldDescriptor::CPPTYPE_BOOL:
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        return CheckNumber(reflection.GetInt32(message, field), plan, place);
      case FieldDescriptor::CPPTYPE_INT64:
        return CheckNumber(reflection.GetInt64(message, field), plan, place);
      case FieldDescriptor::CPPTYPE_UINT32:
        return CheckNumber(reflection.GetUInt32(message, field), plan, place);
      case FieldDescriptor::CPPTYPE_UINT64:
        return CheckNumber(reflection.GetUInt64(message, field), plan, place);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return CheckNumber(reflection.GetFloat(message, field), plan, place);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return CheckNumber(reflection.GetDouble(message, field), plan, place);
    }
  }

  // One item of a repeated field.
  void CheckItem(const Message& message, int i, const FieldPlan& plan, const Place& place) {
    const FieldDescriptor* const field = plan.field;
    const Reflection& reflection = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        return CheckString(reflection.GetRepeatedStringReference(message, field, i, &scratch), plan,
                           place);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return CheckMessage(reflection.GetRepeatedMessage(message, field, i), *plan.message, place);
      case FieldDescriptor::CPPTYPE_ENUM:
        return CheckEnum(reflection.GetRepeatedEnumValue(message, field, i), field->enum_type(),
                         place);
      case FieldDescriptor::CPPTYPE_BOOL:
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        return CheckNumber(reflection.GetRepeatedInt32(message, field, i), plan, place);
      case FieldDescriptor::CPPTYPE_INT64:
        return CheckNumber(reflection.GetRepeatedInt64(message, field, i), plan, place);
      case FieldDescriptor::CPPTYPE_UINT32:
        return CheckNumber(reflection.GetRepeatedUInt32(message, field, i), plan, place);
      case FieldDescriptor::CPPTYPE_UINT64:
        return CheckNumber(reflection.GetRepeatedUInt64(message, field, i), plan, place);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return CheckNumber(reflection.GetRepeatedFloat(message, field, i), plan, place);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return CheckNumber(reflection.GetRepeatedDouble(message, field, i), plan, place);
    }
  }

  void CheckString(const std::string& value, const FieldPlan& plan, const Place& place) {
    if (plan.value->type() == FieldDescriptor::TYPE_BYTES) {
      if (value.size() > plan.max_length) {
        Add(place, "TOO_LONG",
            absl::StrCat("has to be at most ", plan.max_length, " bytes, has ", value.size()));
      }
      return;
    }
    const TextFacts facts = LookAtText(value);
    if (!facts.valid_utf8) return Add(place, "UTF8", "has to be valid UTF-8");
    if (facts.has_nul) return Add(place, "NUL", "has to be text without NUL characters");
    if (facts.code_points > plan.max_length) {
      return Add(place, "TOO_LONG",
                 absl::StrCat("has to be at most ", plan.max_length, " characters, has ",
                              facts.code_points));
    }
    if (facts.code_points < plan.min_length) {
      return Add(place, "TOO_SHORT",
                 absl::StrCat("has to be at least ", plan.min_length, " characters, has ",
                              facts.code_points));
    }
    if (plan.pattern != nullptr && !RE2::FullMatch(value, *plan.pattern)) {
      Add(place, "PATTERN", absl::StrCat("has to be ", plan.pattern_hint));
    }
  }

  template <typename Number>
  void CheckNumber(Number number, const FieldPlan& plan, const Place& place) {
    const auto value = static_cast<double>(number);
    if (!std::isfinite(value)) {
      return Add(place, "NOT_FINITE", "has to be a number, not NaN or infinity");
    }
    if (plan.has_minimum && value < plan.minimum) {
      Add(place, "TOO_SMALL", absl::StrCat("has to be ", plan.minimum, " or more"));
    }
    if (plan.has_maximum && value > plan.maximum) {
      Add(place, "TOO_LARGE", absl::StrCat("has to be ", plan.maximum, " or less"));
    }
  }

  void CheckEnum(int number, const EnumDescriptor* type, const Place& place) {
    if (type->FindValueByNumber(number) != nullptr) return;
    Add(place, "ENUM", absl::StrCat("has to be one of the values of ", type->name()));
  }

  void CheckUnique(const Message& message, const FieldPlan& plan, Place place) {
    const int size = message.GetReflection()->FieldSize(message, plan.field);
    absl::flat_hash_set<std::string> seen;
    for (int i = 0; i < size; ++i) {
      std::string text;
      TextFormat::PrintFieldValueToString(message, plan.field, i, &text);
      if (seen.insert(std::move(text)).second) continue;
      place.index = i;
      Add(place, "DUPLICATE", "has to differ from the items before it");
    }
  }

  const ValidateOptions& options_;
  const absl::string_view root_;
  status::Violations& violations_;
};

}  // namespace

void Validate(const Message& message, const ValidateOptions& options, absl::string_view path,
              status::Violations& violations) {
  Validator(options, path, violations)
      .CheckMessage(message, Plans<MessagePlan>::Of(message.GetDescriptor()), Place{});
}

}  // namespace mostove::resource
