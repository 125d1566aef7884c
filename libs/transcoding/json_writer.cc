#include "libs/transcoding/json_writer.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "libs/transcoding/json_table.h"
#include "libs/transcoding/json_text.h"
#include "libs/transcoding/well_known.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

class Writer {
 public:
  Writer(std::string& out, const JsonWriteOptions& options) : out_(out), options_(options) {}

  void WriteMessage(const JsonTable& table, const Message& message);

 private:
  void WriteMembers(const JsonTable& table, const Message& message, bool is_first);
  bool IsPrinted(const JsonField& field, const Message& message, const Reflection& reflection);
  void WriteField(const JsonField& field, const Message& message, const Reflection& reflection);
  void WriteSingular(const JsonField& field, const Message& message, const Reflection& reflection);
  void WriteRepeated(const JsonField& field, const Message& message, const Reflection& reflection);
  void WriteElement(const JsonField& field, const Message& message, const Reflection& reflection,
                    int index);
  void WriteMap(const JsonField& field, const Message& message, const Reflection& reflection);
  void WriteTextMap(const TextMap& map);

  void WriteWellKnown(const JsonTable& table, const Message& message);
  void WriteAny(const JsonTable& table, const Message& any);
  void WriteMask(const JsonField& paths, const Message& mask);
  void WriteTime(const JsonTable& table, const Message& message);
  void WriteValue(const JsonTable& table, const Message& value);

  void WriteText(absl::string_view text) { AppendJsonText(text, out_); }
  void WriteString(const JsonField& field, const std::string& value) {
    AppendJsonString(field, value, out_);
  }
  void WriteEnum(const JsonField& field, int number) { AppendJsonEnum(field, number, out_); }
  void WriteBool(bool value) { AppendJsonBool(value, out_); }
  void WriteNull() { out_.append("null"); }
  template <class Real>
  void WriteReal(Real value) {
    AppendJsonReal(value, out_);
  }
  template <class Integer>
  void WriteQuoted(Integer value) {
    AppendQuoted(value, out_);
  }

  std::string& out_;
  const JsonWriteOptions& options_;
  int depth_ = 0;
};

void Writer::WriteMessage(const JsonTable& table, const Message& message) {
  if (depth_ == kJsonDepthMax) return WriteNull();
  ++depth_;
  if (table.well_known == WellKnown::kNone) {
    out_.push_back('{');
    WriteMembers(table, message, /*is_first=*/true);
    out_.push_back('}');
  } else {
    WriteWellKnown(table, message);
  }
  --depth_;
}

void Writer::WriteMembers(const JsonTable& table, const Message& message, bool is_first) {
  const Reflection& reflection = *message.GetReflection();
  for (const JsonField& field : table.fields) {
    if (!IsPrinted(field, message, reflection)) continue;
    if (!is_first) out_.push_back(',');
    is_first = false;
    out_.append(field.key);
    WriteField(field, message, reflection);
  }
}

bool Writer::IsPrinted(const JsonField& field, const Message& message,
                       const Reflection& reflection) {
  const bool has_value = field.is_repeated || field.is_map
                             ? reflection.FieldSize(message, field.descriptor) > 0
                             : reflection.HasField(message, field.descriptor);
  if (has_value || field.has_presence) return has_value;
  return field.always_printed ||
         (options_.always_print != nullptr && options_.always_print(*field.descriptor));
}

void Writer::WriteField(const JsonField& field, const Message& message,
                        const Reflection& reflection) {
  if (field.is_map) {
    WriteMap(field, message, reflection);
  } else if (field.is_repeated) {
    WriteRepeated(field, message, reflection);
  } else {
    WriteSingular(field, message, reflection);
  }
}

void Writer::WriteSingular(const JsonField& field, const Message& message,
                           const Reflection& reflection) {
  const FieldDescriptor* descriptor = field.descriptor;
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendInteger(reflection.GetInt32(message, descriptor), out_);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendInteger(reflection.GetUInt32(message, descriptor), out_);
    case FieldDescriptor::CPPTYPE_INT64:
      return WriteQuoted(reflection.GetInt64(message, descriptor));
    case FieldDescriptor::CPPTYPE_UINT64:
      return WriteQuoted(reflection.GetUInt64(message, descriptor));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return WriteReal(reflection.GetDouble(message, descriptor));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return WriteReal(reflection.GetFloat(message, descriptor));
    case FieldDescriptor::CPPTYPE_BOOL:
      return WriteBool(reflection.GetBool(message, descriptor));
    case FieldDescriptor::CPPTYPE_ENUM:
      return WriteEnum(field, reflection.GetEnumValue(message, descriptor));
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return WriteString(field, reflection.GetStringReference(message, descriptor, &scratch));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(*field.message, reflection.GetMessage(message, descriptor));
  }
}

void Writer::WriteElement(const JsonField& field, const Message& message,
                          const Reflection& reflection, int index) {
  const FieldDescriptor* descriptor = field.descriptor;
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendInteger(reflection.GetRepeatedInt32(message, descriptor, index), out_);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendInteger(reflection.GetRepeatedUInt32(message, descriptor, index), out_);
    case FieldDescriptor::CPPTYPE_INT64:
      return WriteQuoted(reflection.GetRepeatedInt64(message, descriptor, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return WriteQuoted(reflection.GetRepeatedUInt64(message, descriptor, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return WriteReal(reflection.GetRepeatedDouble(message, descriptor, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return WriteReal(reflection.GetRepeatedFloat(message, descriptor, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return WriteBool(reflection.GetRepeatedBool(message, descriptor, index));
    case FieldDescriptor::CPPTYPE_ENUM:
      return WriteEnum(field, reflection.GetRepeatedEnumValue(message, descriptor, index));
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return WriteString(
          field, reflection.GetRepeatedStringReference(message, descriptor, index, &scratch));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(*field.message,
                          reflection.GetRepeatedMessage(message, descriptor, index));
  }
}

void Writer::WriteRepeated(const JsonField& field, const Message& message,
                           const Reflection& reflection) {
  out_.push_back('[');
  const int size = reflection.FieldSize(message, field.descriptor);
  for (int i = 0; i < size; ++i) {
    if (i > 0) out_.push_back(',');
    WriteElement(field, message, reflection, i);
  }
  out_.push_back(']');
}

// Whether the key of one map entry comes before that of another.
bool KeyLess(const FieldDescriptor* key, const Message& a, const Message& b) {
  const Reflection& reflection = *a.GetReflection();
  switch (key->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(a, key) < reflection.GetInt32(b, key);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(a, key) < reflection.GetUInt32(b, key);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetInt64(a, key) < reflection.GetInt64(b, key);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.GetUInt64(a, key) < reflection.GetUInt64(b, key);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(a, key) < reflection.GetBool(b, key);
    default: {
      std::string scratch_a;
      std::string scratch_b;
      return reflection.GetStringReference(a, key, &scratch_a) <
             reflection.GetStringReference(b, key, &scratch_b);
    }
  }
}

void Writer::WriteMap(const JsonField& field, const Message& message,
                      const Reflection& reflection) {
  const TextMap* texts = field.text_map == nullptr ? nullptr : field.text_map(message);
  if (texts != nullptr) return WriteTextMap(*texts);
  const JsonField& key = field.message->fields[0];
  const JsonField& value = field.message->fields[1];
  const int size = reflection.FieldSize(message, field.descriptor);
  std::vector<const Message*> entries;
  entries.reserve(size);
  for (int i = 0; i < size; ++i) {
    entries.push_back(&reflection.GetRepeatedMessage(message, field.descriptor, i));
  }
  std::sort(entries.begin(), entries.end(),
            [&key](const Message* a, const Message* b) { return KeyLess(key.descriptor, *a, *b); });
  // Numbers and booleans are quoted as keys; 64-bit numbers and texts already are.
  const bool is_bare = key.type == FieldDescriptor::CPPTYPE_INT32 ||
                       key.type == FieldDescriptor::CPPTYPE_UINT32 ||
                       key.type == FieldDescriptor::CPPTYPE_BOOL;
  out_.push_back('{');
  for (int i = 0; i < size; ++i) {
    const Reflection& entry = *entries[i]->GetReflection();
    if (i > 0) out_.push_back(',');
    if (is_bare) out_.push_back('"');
    WriteSingular(key, *entries[i], entry);
    if (is_bare) out_.push_back('"');
    out_.push_back(':');
    WriteSingular(value, *entries[i], entry);
  }
  out_.push_back('}');
}

void Writer::WriteTextMap(const TextMap& map) {
  absl::InlinedVector<const TextMap::value_type*, 16> entries;
  for (const auto& entry : map) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  char before = '{';
  for (const auto* entry : entries) {
    out_.push_back(before);
    before = ',';
    WriteText(entry->first);
    out_.push_back(':');
    WriteText(entry->second);
  }
  if (entries.empty()) out_.push_back('{');
  out_.push_back('}');
}

void Writer::WriteWellKnown(const JsonTable& table, const Message& message) {
  const JsonField& first = table.fields[0];
  const Reflection& reflection = *message.GetReflection();
  switch (table.well_known) {
    case WellKnown::kAny:
      return WriteAny(table, message);
    case WellKnown::kDuration:
    case WellKnown::kTimestamp:
      return WriteTime(table, message);
    case WellKnown::kFieldMask:
      return WriteMask(first, message);
    case WellKnown::kValue:
      return WriteValue(table, message);
    case WellKnown::kListValue:
    case WellKnown::kStruct:
    case WellKnown::kWrapper:
      return WriteField(first, message, reflection);
    case WellKnown::kNone:
      return;
  }
}

void Writer::WriteTime(const JsonTable& table, const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const SecondsAndNanos value{reflection.GetInt64(message, table.fields[0].descriptor),
                              reflection.GetInt32(message, table.fields[1].descriptor)};
  const size_t begin = out_.size();
  out_.push_back('"');
  if (table.well_known == WellKnown::kTimestamp ? AppendTimestamp(value, out_)
                                                : AppendDuration(value, out_)) {
    out_.push_back('"');
  } else {
    out_.resize(begin);
    WriteNull();
  }
}

void Writer::WriteMask(const JsonField& paths, const Message& mask) {
  const Reflection& reflection = *mask.GetReflection();
  std::string text;
  for (int i = 0; i < reflection.FieldSize(mask, paths.descriptor); ++i) {
    if (i > 0) text.push_back(',');
    text.append(MaskPathToJson(reflection.GetRepeatedString(mask, paths.descriptor, i)));
  }
  WriteText(text);
}

void Writer::WriteValue(const JsonTable& table, const Message& value) {
  const Reflection& reflection = *value.GetReflection();
  const FieldDescriptor* kind =
      reflection.GetOneofFieldDescriptor(value, table.descriptor->oneof_decl(0));
  if (kind == nullptr) return WriteNull();
  const JsonField& field =
      *std::find_if(table.fields.begin(), table.fields.end(),
                    [kind](const JsonField& candidate) { return candidate.descriptor == kind; });
  // As a text it would be read back as one.
  if (field.type == FieldDescriptor::CPPTYPE_DOUBLE &&
      !std::isfinite(reflection.GetDouble(value, kind))) {
    return WriteNull();
  }
  WriteSingular(field, value, reflection);
}

void Writer::WriteAny(const JsonTable& table, const Message& any) {
  const Reflection& reflection = *any.GetReflection();
  const std::string url = reflection.GetString(any, table.fields[0].descriptor);
  const std::string bytes = reflection.GetString(any, table.fields[1].descriptor);
  if (url.empty() && bytes.empty()) {
    out_.append("{}");
    return;
  }
  out_.append("{\"@type\":");
  WriteText(url);
  const auto* descriptor = DescriptorPool::generated_pool()->FindMessageTypeByName(
      url.substr(url.rfind('/') == std::string::npos ? 0 : url.rfind('/') + 1));
  if (descriptor != nullptr) {
    const std::unique_ptr<Message> content(
        MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    if (content->ParsePartialFromString(bytes)) {
      const JsonTable& content_table = TableOf(descriptor);
      if (content_table.well_known == WellKnown::kNone &&
          descriptor->full_name() != "google.protobuf.Empty") {
        WriteMembers(content_table, *content, /*is_first=*/false);
      } else {
        out_.append(",\"value\":");
        WriteMessage(content_table, *content);
      }
    }
  }
  out_.push_back('}');
}

}  // namespace

void WriteJson(const Message& message, std::string& out, const JsonWriteOptions& options) {
  Writer(out, options).WriteMessage(TableOf(message.GetDescriptor()), message);
}

}  // namespace mostove::transcoding
