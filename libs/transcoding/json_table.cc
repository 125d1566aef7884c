#include "libs/transcoding/json_table.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

WellKnown WellKnownOf(const Descriptor& descriptor) {
  switch (descriptor.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_ANY:
      return WellKnown::kAny;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return WellKnown::kDuration;
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return WellKnown::kFieldMask;
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return WellKnown::kListValue;
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return WellKnown::kStruct;
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return WellKnown::kTimestamp;
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return WellKnown::kValue;
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return WellKnown::kNone;
    default:
      return WellKnown::kWrapper;
  }
}

bool IsPageToken(const FieldDescriptor& field) {
  return field.name() == "next_page_token" && field.type() == FieldDescriptor::TYPE_STRING &&
         !field.is_repeated() && !field.has_presence();
}

bool IsPaged(const FieldDescriptor& field) {
  if (!field.is_repeated() || field.is_map() || field.message_type() == nullptr) return false;
  const FieldDescriptor* token = field.containing_type()->FindFieldByName("next_page_token");
  return token != nullptr && IsPageToken(*token);
}

class Tables {
 public:
  const JsonTable& Get(const Descriptor* descriptor) {
    const std::lock_guard lock(mutex_);
    return Compile(descriptor);
  }

 private:
  // Compiles everything that the type can hold too. A type that holds itself
  // finds its own table, which is complete before the lock is given back.
  const JsonTable& Compile(const Descriptor* descriptor) {
    auto [entry, is_new] = tables_.try_emplace(descriptor);
    if (!is_new) return *entry->second;
    entry->second = std::make_unique<JsonTable>();
    JsonTable& table = *entry->second;
    table.descriptor = descriptor;
    table.well_known = WellKnownOf(*descriptor);
    for (int i = 0; i < descriptor->field_count(); ++i) {
      table.fields.push_back(CompileField(*descriptor->field(i)));
    }
    std::sort(table.fields.begin(), table.fields.end(), [](const auto& a, const auto& b) {
      return a.descriptor->number() < b.descriptor->number();
    });
    for (const JsonField& field : table.fields) {
      table.numbers.push_back(field.descriptor->number());
      table.prints_always = table.prints_always || field.always_printed;
    }
    for (uint32_t i = 0; i < table.fields.size(); ++i) {
      table.by_name.try_emplace(table.fields[i].descriptor->json_name(), i);
    }
    for (uint32_t i = 0; i < table.fields.size(); ++i) {
      table.by_name.try_emplace(table.fields[i].descriptor->name(), i);
    }
    return table;
  }

  JsonField CompileField(const FieldDescriptor& field) {
    JsonField result{};
    result.descriptor = &field;
    result.key = absl::StrCat("\"", field.json_name(), "\":");
    result.type = field.cpp_type();
    result.exact_type = field.type();
    result.oneof = field.real_containing_oneof();
    result.is_map = field.is_map();
    result.is_repeated = field.is_repeated() && !field.is_map();
    result.is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
    result.is_null_value = field.type() == FieldDescriptor::TYPE_ENUM &&
                           field.enum_type()->full_name() == "google.protobuf.NullValue";
    result.has_presence = field.has_presence();
    result.always_printed = IsPageToken(field) || IsPaged(field);
    result.text_map = TextMapGetterOf(field);
    if (field.message_type() != nullptr) result.message = &Compile(field.message_type());
    return result;
  }

  std::mutex mutex_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<JsonTable>> tables_;
};

}  // namespace

const JsonTable& TableOf(const Descriptor* descriptor) {
  static Tables& tables = *new Tables;
  thread_local absl::flat_hash_map<const Descriptor*, const JsonTable*> seen;
  const JsonTable*& table = seen[descriptor];
  if (table == nullptr) table = &tables.Get(descriptor);
  return *table;
}

bool IsTextual(const Descriptor& descriptor) {
  switch (WellKnownOf(descriptor)) {
    case WellKnown::kDuration:
    case WellKnown::kFieldMask:
    case WellKnown::kTimestamp:
    case WellKnown::kWrapper:
      return true;
    default:
      return false;
  }
}

}  // namespace mostove::transcoding
