#include "libs/transcoding/json_writer.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "libs/transcoding/json_table.h"
#include "libs/transcoding/well_known.h"
#include "simdjson.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

// Deeper ones become null, so that no message can exhaust the stack.
constexpr int kDepthMax = 100;

// What has to be done to a text before it can stand between quotes.
struct TextNeeds {
  bool escapes = false;
  bool validation = false;  // it is not all ASCII
};

bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

TextNeeds Inspect(absl::string_view text) {
  unsigned escapes = 0;
  unsigned char bits = 0;
  for (const unsigned char c : text) {  // no branches: the compiler makes vectors of it
    escapes |= static_cast<unsigned>(c < 0x20) | static_cast<unsigned>(c == '"') |
               static_cast<unsigned>(c == '\\');
    bits |= c;
  }
  return {.escapes = escapes != 0, .validation = bits >= 0x80};
}

void AppendEscaped(absl::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!NeedsEscape(c)) continue;
    out.append(text.data() + begin, i - begin);
    begin = i + 1;
    out.push_back('\\');
    switch (c) {
      case '"':
      case '\\':
        out.push_back(text[i]);
        break;
      case '\n':
        out.push_back('n');
        break;
      case '\r':
        out.push_back('r');
        break;
      case '\t':
        out.push_back('t');
        break;
      default:
        out.append("u00");
        out.push_back(kHex[c >> 4]);
        out.push_back(kHex[c & 15]);
    }
  }
  out.append(text.data() + begin, text.size() - begin);
}

std::string WithReplacements(absl::string_view text) {
  std::string result;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    const int32_t begin = i;
    UChar32 code_point = 0;
    U8_NEXT(text.data(), i, size, code_point);
    if (code_point < 0) {
      result.append("\xEF\xBF\xBD");
    } else {
      result.append(text.data() + begin, i - begin);
    }
  }
  return result;
}

template <class Integer>
void AppendInteger(Integer value, std::string& out) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, result.ptr - buffer);
}

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

  void WriteText(absl::string_view text);
  void WriteString(const JsonField& field, const std::string& value);
  void WriteEnum(const JsonField& field, int number);
  void WriteBool(bool value) { out_.append(value ? "true" : "false"); }
  void WriteNull() { out_.append("null"); }
  template <class Real>
  void WriteReal(Real value);
  template <class Integer>
  void WriteQuoted(Integer value) {
    out_.push_back('"');
    AppendInteger(value, out_);
    out_.push_back('"');
  }

  std::string& out_;
  const JsonWriteOptions& options_;
  int depth_ = 0;
};

void Writer::WriteMessage(const JsonTable& table, const Message& message) {
  if (depth_ == kDepthMax) return WriteNull();
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

void Writer::WriteText(absl::string_view text) {
  const TextNeeds needs = Inspect(text);
  out_.push_back('"');
  if (needs.validation && !simdjson::validate_utf8(text.data(), text.size())) {
    AppendEscaped(WithReplacements(text), out_);
  } else if (needs.escapes) {
    AppendEscaped(text, out_);
  } else {
    out_.append(text.data(), text.size());
  }
  out_.push_back('"');
}

void Writer::WriteString(const JsonField& field, const std::string& value) {
  if (!field.is_bytes) return WriteText(value);
  out_.push_back('"');
  out_.append(absl::Base64Escape(value));
  out_.push_back('"');
}

void Writer::WriteEnum(const JsonField& field, int number) {
  if (field.is_null_value) return WriteNull();
  const auto* value = field.descriptor->enum_type()->FindValueByNumber(number);
  if (value == nullptr) return AppendInteger(number, out_);
  out_.push_back('"');
  out_.append(value->name());
  out_.push_back('"');
}

template <class Real>
void Writer::WriteReal(Real value) {
  if (std::isnan(value)) {
    out_.append("\"NaN\"");
  } else if (std::isinf(value)) {
    out_.append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else if (value == 0) {
    out_.append(std::signbit(value) ? "-0.0" : "0");
  } else if (std::abs(value) < 1e15 && value == std::trunc(value)) {
    AppendInteger(static_cast<int64_t>(value), out_);  // 1000000 rather than 1e+06
  } else {
    // With an exponent: as plain digits a large one would be an integer beyond the
    // 64 bits that readers take.
    constexpr double kPlainMax = 1e15;
    char buffer[32];
    char* const end = buffer + sizeof(buffer);
    const auto result = std::abs(value) < kPlainMax
                            ? std::to_chars(buffer, end, value)
                            : std::to_chars(buffer, end, value, std::chars_format::scientific);
    out_.append(buffer, result.ptr - buffer);
  }
}

}  // namespace

void WriteJson(const Message& message, std::string& out, const JsonWriteOptions& options) {
  Writer(out, options).WriteMessage(TableOf(message.GetDescriptor()), message);
}

}  // namespace mostove::transcoding
