#include "libs/transcoding/json_reader.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "libs/transcoding/field_path.h"
#include "libs/transcoding/json_error.h"
#include "libs/transcoding/json_table.h"
#include "libs/transcoding/scalar.h"
#include "simdjson.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;
using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr size_t kDepthMax = 100;
constexpr size_t kViolationsMax = 100;
// A parser keeps several times the size of the largest document that it has
// read; for larger ones than this it is made anew and given back.
constexpr size_t kKeptParserMax = 1 << 20;

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

bool HasNul(absl::string_view text) { return text.find('\0') != absl::string_view::npos; }

// Fields for which JSON's null is a value and not an absence.
bool TakesNull(const JsonField& field) {
  return field.is_null_value ||
         (field.message != nullptr && field.message->well_known == WellKnown::kValue);
}

class Reader {
 public:
  explicit Reader(status::Violations& violations) : violations_(violations) {}

  void ReadMessage(const JsonTable& table, element value, Message& message, const FieldPath& path);

 private:
  // `skipped` is a member that is no field: the "@type" of an Any.
  void ReadMembers(const JsonTable& table, element value, Message& message, const FieldPath& path,
                   std::string_view skipped = {});
  void ReadField(const JsonField& field, element value, Message& message, const FieldPath& path);
  void ReadSingular(const JsonField& field, element value, Message& message, const FieldPath& path);
  void ReadRepeated(const JsonField& field, element value, Message& message, const FieldPath& path);
  void ReadMap(const JsonField& field, element value, Message& message, const FieldPath& path);
  bool ReadKey(const JsonField& key, absl::string_view text, Message& entry, const FieldPath& path);

  void ReadTextual(const JsonTable& table, element value, Message& message, const FieldPath& path);
  void ReadValue(const JsonTable& table, element value, Message& message, const FieldPath& path);
  void ReadAny(const JsonTable& table, element value, Message& any, const FieldPath& path);
  void ReadContent(const JsonTable& table, element value, Message& content, const FieldPath& path);

  void Add(const FieldPath& path, absl::string_view reason, absl::string_view description) {
    if (!IsFull()) violations_.Add(path.ToString(), reason, description);
  }
  void AddUnknown(const JsonTable& table, absl::string_view key, const FieldPath& path);
  void AddFault(const FieldPath& path, ScalarFault fault, const JsonField& field) {
    Add(path, ReasonOf(fault), DescriptionOf(fault, field));
  }
  bool IsFull() const { return violations_.all().size() >= kViolationsMax; }

  status::Violations& violations_;
};

void Reader::ReadMessage(const JsonTable& table, element value, Message& message,
                         const FieldPath& path) {
  switch (table.well_known) {
    case WellKnown::kNone:
      return ReadMembers(table, value, message, path);
    case WellKnown::kAny:
      return ReadAny(table, value, message, path);
    case WellKnown::kDuration:
    case WellKnown::kFieldMask:
    case WellKnown::kTimestamp:
      return ReadTextual(table, value, message, path);
    case WellKnown::kListValue:
    case WellKnown::kStruct:
      return ReadField(table.fields[0], value, message, path);
    case WellKnown::kWrapper:
      return ReadSingular(table.fields[0], value, message, path);
    case WellKnown::kValue:
      return ReadValue(table, value, message, path);
  }
}

void Reader::ReadMembers(const JsonTable& table, element value, Message& message,
                         const FieldPath& path, std::string_view skipped) {
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return Add(path, "WRONG_TYPE", "must be an object");
  }
  absl::InlinedVector<bool, 64> seen(table.fields.size());
  for (const auto [name, member] : object) {
    if (IsFull()) return;
    if (!skipped.empty() && name == skipped) continue;
    const auto found = table.by_name.find(View(name));
    if (found == table.by_name.end()) {
      AddUnknown(table, View(name), path);
      continue;
    }
    const JsonField& field = table.fields[found->second];
    const FieldPath field_path = path.Child(field.descriptor->name());
    if (seen[found->second]) {
      Add(field_path, "DUPLICATE_KEY", "stands twice in its object");
      continue;
    }
    seen[found->second] = true;
    if (member.is_null() && !TakesNull(field)) continue;
    const auto* oneof = field.descriptor->real_containing_oneof();
    if (oneof != nullptr && message.GetReflection()->HasOneof(message, oneof)) {
      Add(field_path, "ONEOF", absl::StrCat("only one member of ", oneof->name(), " can be set"));
      continue;
    }
    ReadField(field, member, message, field_path);
  }
}

void Reader::ReadField(const JsonField& field, element value, Message& message,
                       const FieldPath& path) {
  if (field.is_map) {
    ReadMap(field, value, message, path);
  } else if (field.is_repeated) {
    ReadRepeated(field, value, message, path);
  } else {
    ReadSingular(field, value, message, path);
  }
}

ScalarFault FromElement(const JsonField& field, element value, Scalar& scalar) {
  switch (value.type()) {
    case element_type::STRING:
      if (field.type == FieldDescriptor::CPPTYPE_BOOL) return ScalarFault::kWrongType;
      return FromText(field, View(value.get_string().value_unsafe()), scalar);
    case element_type::INT64:
      return FromInt64(field, value.get_int64().value_unsafe(), scalar);
    case element_type::UINT64:
      return FromUint64(field, value.get_uint64().value_unsafe(), scalar);
    case element_type::DOUBLE:
      return FromReal(field, value.get_double().value_unsafe(), scalar);
    case element_type::BOOL:
      scalar.boolean = value.get_bool().value_unsafe();
      return field.type == FieldDescriptor::CPPTYPE_BOOL ? ScalarFault::kNone
                                                         : ScalarFault::kWrongType;
    case element_type::NULL_VALUE:
      scalar.integer = 0;
      return field.is_null_value ? ScalarFault::kNone : ScalarFault::kWrongType;
    default:
      return ScalarFault::kWrongType;
  }
}

void Reader::ReadSingular(const JsonField& field, element value, Message& message,
                          const FieldPath& path) {
  if (field.message != nullptr) {
    const Reflection& reflection = *message.GetReflection();
    Message& child = field.is_repeated ? *reflection.AddMessage(&message, field.descriptor)
                                       : *reflection.MutableMessage(&message, field.descriptor);
    return ReadMessage(*field.message, value, child, path);
  }
  Scalar scalar;
  const ScalarFault fault = FromElement(field, value, scalar);
  if (fault != ScalarFault::kNone) return AddFault(path, fault, field);
  Store(field, std::move(scalar), message);
}

void Reader::ReadRepeated(const JsonField& field, element value, Message& message,
                          const FieldPath& path) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    return Add(path, "WRONG_TYPE", "must be a list");
  }
  int index = 0;
  for (const element item : array) {
    if (IsFull()) return;
    const FieldPath item_path = path.Element(index++);
    if (item.is_null() && !TakesNull(field)) {
      Add(item_path, "WRONG_TYPE", "must not be null");
    } else {
      ReadSingular(field, item, message, item_path);
    }
  }
}

void Reader::ReadMap(const JsonField& field, element value, Message& message,
                     const FieldPath& path) {
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return Add(path, "WRONG_TYPE", "must be an object");
  }
  const JsonField& key = field.message->fields[0];
  const JsonField& content = field.message->fields[1];
  absl::flat_hash_set<std::string_view> seen;
  int position = 0;
  for (const auto [name, member] : object) {
    if (IsFull()) return;
    const FieldPath entry_path = path.Entry(View(name), position++);
    if (!seen.insert(name).second) {
      Add(entry_path, "DUPLICATE_KEY", "stands twice in its object");
    } else if (member.is_null() && !TakesNull(content)) {
      Add(entry_path, "WRONG_TYPE", "must not be null");
    } else {
      Message& entry = *message.GetReflection()->AddMessage(&message, field.descriptor);
      if (ReadKey(key, View(name), entry, entry_path)) {
        ReadSingular(content, member, entry, entry_path);
      }
    }
  }
}

bool Reader::ReadKey(const JsonField& key, absl::string_view text, Message& entry,
                     const FieldPath& path) {
  Scalar scalar;
  const ScalarFault fault = FromKey(key, text, scalar);
  if (fault != ScalarFault::kNone) {
    Add(path, ReasonOf(fault), absl::StrCat("its key ", DescriptionOf(fault, key)));
    return false;
  }
  Store(key, std::move(scalar), entry);
  return true;
}

void Reader::ReadTextual(const JsonTable& table, element value, Message& message,
                         const FieldPath& path) {
  std::string_view text;
  const ScalarFault fault = value.get_string().get(text) == simdjson::SUCCESS
                                ? SetFromText(table, View(text), message)
                                : ScalarFault::kWrongType;
  if (fault != ScalarFault::kNone) Add(path, ReasonOf(fault), DescriptionOf(fault, table));
}

void Reader::ReadValue(const JsonTable& table, element value, Message& message,
                       const FieldPath& path) {
  // By number, as struct.proto has them.
  enum { kNull, kNumber, kString, kBool, kStruct, kList };
  switch (value.type()) {
    case element_type::NULL_VALUE:
      return ReadSingular(table.fields[kNull], value, message, path);
    case element_type::BOOL:
      return ReadSingular(table.fields[kBool], value, message, path);
    case element_type::STRING:
      return ReadSingular(table.fields[kString], value, message, path);
    case element_type::ARRAY:
      return ReadSingular(table.fields[kList], value, message, path);
    case element_type::OBJECT:
      return ReadSingular(table.fields[kStruct], value, message, path);
    default:
      return ReadSingular(table.fields[kNumber], value, message, path);
  }
}

const google::protobuf::Descriptor* FindType(std::string_view url) {
  const size_t slash = url.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return nullptr;
  return DescriptorPool::generated_pool()->FindMessageTypeByName(
      std::string(url.substr(slash + 1)));
}

void Reader::ReadAny(const JsonTable& table, element value, Message& any, const FieldPath& path) {
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return Add(path, "WRONG_TYPE", "must be an object");
  }
  if (object.begin() == object.end()) return;
  std::string_view url;
  int count = 0;
  for (const auto [name, member] : object) {
    if (name != "@type") continue;
    if (member.get_string().get(url) != simdjson::SUCCESS) url = {};
    ++count;
  }
  if (count > 1) return Add(path.Child("@type"), "DUPLICATE_KEY", "stands twice in its object");
  const auto* descriptor = HasNul(View(url)) ? nullptr : FindType(url);
  if (descriptor == nullptr) {
    return Add(path.Child("@type"), "INVALID_VALUE",
               "must be the URL of a type known here, such as "
               "type.googleapis.com/google.protobuf.Timestamp");
  }
  const std::unique_ptr<Message> content(
      MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  ReadContent(TableOf(descriptor), value, *content, path);
  const Reflection& reflection = *any.GetReflection();
  reflection.SetString(&any, table.fields[0].descriptor, std::string(url));
  reflection.SetString(&any, table.fields[1].descriptor, content->SerializePartialAsString());
}

// What an Any holds: members beside "@type", or one member "value" for types
// with a JSON form of their own.
void Reader::ReadContent(const JsonTable& table, element value, Message& content,
                         const FieldPath& path) {
  const bool is_plain = table.well_known == WellKnown::kNone &&
                        table.descriptor->full_name() != "google.protobuf.Empty";
  if (is_plain) return ReadMembers(table, value, content, path, "@type");
  const simdjson::dom::object object = value.get_object().value_unsafe();
  int count = 0;
  for (const auto [name, member] : object) {
    if (IsFull()) return;
    if (name == "@type") continue;
    if (name != "value") {
      Add(path, "UNKNOWN_FIELD", "an Any of this type has no members but \"@type\" and \"value\"");
    } else if (++count > 1) {
      Add(path.Child("value"), "DUPLICATE_KEY", "stands twice in its object");
    } else {
      ReadMessage(table, member, content, path.Child("value"));
    }
  }
  if (count == 0) Add(path.Child("value"), "REQUIRED", "has to stand beside \"@type\"");
}

void Reader::AddUnknown(const JsonTable& table, absl::string_view key, const FieldPath& path) {
  if (HasNul(key)) return Add(path, "NUL", "a name must not contain the character U+0000");
  if (!LooksLikeName(key)) {
    return Add(path, "UNKNOWN_FIELD", "has a member whose name is no field name");
  }
  std::vector<absl::string_view> names;
  for (const JsonField& field : table.fields) names.push_back(field.descriptor->json_name());
  const std::string nearest = NearestName(key, names);
  Add(path.Child(key), "UNKNOWN_FIELD",
      nearest.empty() ? "there is no such field"
                      : absl::StrCat("there is no such field; did you mean ", nearest, "?"));
}

// Parses, and says what is wrong with a text that is not JSON.
bool Parse(simdjson::dom::parser& parser, absl::string_view text, element& root,
           const JsonReadOptions& options, status::Violations& violations) {
  simdjson::error_code error = simdjson::SUCCESS;
  if (parser.capacity() == 0) error = parser.allocate(text.size(), kDepthMax);
  if (error == simdjson::SUCCESS) error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::SUCCESS) return true;
  const absl::string_view where = options.root.empty() ? "body" : options.root;
  if (error == simdjson::DEPTH_ERROR) {
    violations.Add(where, "DEPTH", "must not be nested deeper than 100 levels");
  } else {
    violations.Add(where, "MALFORMED_JSON", DescribeMalformed(text, error));
  }
  return false;
}

}  // namespace

void ReadJson(absl::string_view text, Message& into, const JsonReadOptions& options,
              status::Violations& violations) {
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser fresh;
  element root;
  if (!Parse(text.size() <= kKeptParserMax ? kept : fresh, text, root, options, violations)) return;
  Reader(violations)
      .ReadMessage(TableOf(into.GetDescriptor()), root, into, FieldPath{.name = options.root});
}

absl::Status ReadJson(absl::string_view text, Message& into, const JsonReadOptions& options) {
  status::Violations violations;
  ReadJson(text, into, options, violations);
  return violations.ToStatus();
}

}  // namespace mostove::transcoding
