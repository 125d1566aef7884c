#include "libs/resource/columns.h"

#include <algorithm>
#include <memory>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "libs/resource/fields.h"
#include "unicode/coll.h"
#include "unicode/unistr.h"

namespace mostove::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kRepeatedValuesMax = 100;
// An index entry of PostgreSQL holds some 2,700 bytes.
constexpr int32_t kSortKeyBytesMax = 512;

// Reads the fields by number, so that messages of dynamic pools work as well.
int64_t PartOf(const Message& value, int number) {
  const FieldDescriptor* const field = value.GetDescriptor()->FindFieldByNumber(number);
  const Reflection& reflection = *value.GetReflection();
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? reflection.GetInt64(value, field)
                                                             : reflection.GetInt32(value, field);
}

sql::Value OfMessage(ColumnKind kind, const Message& value) {
  if (kind == ColumnKind::kDate) {
    using google::type::Date;
    return PartOf(value, Date::kYearFieldNumber) * 10000 +
           PartOf(value, Date::kMonthFieldNumber) * 100 + PartOf(value, Date::kDayFieldNumber);
  }
  // Timestamp and Duration number their fields alike. Abseil's arithmetic stops
  // at the ends instead of running over.
  using google::protobuf::Timestamp;
  const absl::Duration duration = absl::Seconds(PartOf(value, Timestamp::kSecondsFieldNumber)) +
                                  absl::Nanoseconds(PartOf(value, Timestamp::kNanosFieldNumber));
  return kind == ColumnKind::kTimestamp ? absl::ToUnixMicros(absl::UnixEpoch() + duration)
                                        : absl::ToInt64Microseconds(duration);
}

sql::Value Singular(ColumnKind kind, const Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{reflection.GetInt32(message, field)};
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return int64_t{reflection.GetUInt32(message, field)};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{reflection.GetFloat(message, field)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return int64_t{reflection.GetBool(message, field)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{reflection.GetEnumValue(message, field)};
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return OfMessage(kind, reflection.GetMessage(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      break;  // no column has it
  }
  return sql::Null{};
}

sql::Value Repeated(ColumnKind kind, const Message& message, const FieldDescriptor* field, int i) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{reflection.GetRepeatedInt32(message, field, i)};
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetRepeatedInt64(message, field, i);
    case FieldDescriptor::CPPTYPE_UINT32:
      return int64_t{reflection.GetRepeatedUInt32(message, field, i)};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{reflection.GetRepeatedFloat(message, field, i)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetRepeatedDouble(message, field, i);
    case FieldDescriptor::CPPTYPE_BOOL:
      return int64_t{reflection.GetRepeatedBool(message, field, i)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{reflection.GetRepeatedEnumValue(message, field, i)};
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetRepeatedString(message, field, i);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return OfMessage(kind, reflection.GetRepeatedMessage(message, field, i));
    case FieldDescriptor::CPPTYPE_UINT64:
      break;  // no column has it
  }
  return sql::Null{};
}

// Calls `each` with every value at the end of the column's path.
template <typename Each>
void Walk(const ColumnInfo& column, size_t depth, const Message& message, const Each& each) {
  const FieldDescriptor* const field = column.fields[depth];
  const Reflection& reflection = *message.GetReflection();
  const bool leaf = depth + 1 == column.fields.size();
  if (field->is_repeated()) {
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (leaf) {
        each(Repeated(column.kind, message, field, i));
      } else {
        Walk(column, depth + 1, reflection.GetRepeatedMessage(message, field, i), each);
      }
    }
    return;
  }
  if (field->has_presence() && !reflection.HasField(message, field)) return;
  if (leaf) {
    each(Singular(column.kind, message, field));
  } else {
    Walk(column, depth + 1, reflection.GetMessage(message, field), each);
  }
}

size_t LimitOf(const ColumnInfo& column) {
  for (const FieldDescriptor* field : column.fields) {
    if (!field->is_repeated()) continue;
    const auto limit = field->options().GetExtension(v1::limits).max_items();
    return limit == 0 ? kRepeatedValuesMax : limit;
  }
  return kRepeatedValuesMax;
}

const icu::Collator& RootCollator() {
  // A collator is for one thread at a time. Only missing ICU data could make
  // this fail.
  thread_local const std::unique_ptr<const icu::Collator> collator = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Collator> made(
        icu::Collator::createInstance(icu::Locale::getRoot(), error));
    if (U_FAILURE(error)) std::abort();
    made->setStrength(icu::Collator::TERTIARY);
    return made;
  }();
  return *collator;
}

}  // namespace

sql::Value ColumnValue(const ColumnInfo& column, const Message& message) {
  sql::Value value = sql::Null{};
  Walk(column, 0, message, [&value](sql::Value found) { value = std::move(found); });
  return value;
}

std::vector<sql::Value> RepeatedColumnValues(const ColumnInfo& column, const Message& message) {
  std::vector<sql::Value> values;
  const size_t limit = LimitOf(column);
  Walk(column, 0, message, [&](sql::Value found) {
    if (values.size() < limit && std::find(values.begin(), values.end(), found) == values.end()) {
      values.push_back(std::move(found));
    }
  });
  return values;
}

sql::Value SortKey(absl::string_view text) {
  const icu::UnicodeString wide = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  uint8_t key[kSortKeyBytesMax];
  // Answers the length of the whole key with its final 0, also where it is cut.
  const int32_t length = RootCollator().getSortKey(wide, key, kSortKeyBytesMax);
  const int32_t kept = std::clamp(length - 1, 0, kSortKeyBytesMax - 1);
  return sql::Blob{std::string(reinterpret_cast<const char*>(key), kept)};
}

}  // namespace mostove::resource
