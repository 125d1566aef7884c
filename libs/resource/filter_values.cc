#include "libs/resource/filter_values.h"

#include <re2/re2.h>
#include <unicode/utf8.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/time_util.h"
#include "libs/resource/text.h"

namespace mostove::resource::filter {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::TimeUtil;

constexpr size_t kListMax = 40;

absl::Status Takes(const ColumnInfo& column, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(column.path, " takes ", what));
}

ValueRange Exactly(sql::Value value) { return {value, value}; }

absl::StatusOr<ValueRange> Integer(const ColumnInfo& column, const std::string& text) {
  static constexpr LazyRE2 kShape = {"-?[0-9]+"};
  int64_t low = std::numeric_limits<int64_t>::min();
  int64_t high = std::numeric_limits<int64_t>::max();
  switch (column.leaf()->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      low = std::numeric_limits<int32_t>::min();
      high = std::numeric_limits<int32_t>::max();
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      low = 0;
      high = std::numeric_limits<uint32_t>::max();
      break;
    default:
      break;
  }
  int64_t number = 0;
  if (!RE2::FullMatch(text, *kShape) || !absl::SimpleAtoi(text, &number) || number < low ||
      number > high) {
    return Takes(column, absl::StrCat("a whole number from ", low, " to ", high));
  }
  return Exactly(number);
}

absl::StatusOr<ValueRange> Double(const ColumnInfo& column, const std::string& text) {
  static constexpr LazyRE2 kShape = {"-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?"};
  double number = 0;
  bool valid = RE2::FullMatch(text, *kShape) && absl::SimpleAtod(text, &number);
  if (column.leaf()->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    // The column holds what a float holds: 0.1 has to mean the float next to it.
    valid = valid && std::abs(number) <= std::numeric_limits<float>::max();
    if (valid) number = static_cast<float>(number);
  }
  if (!valid || !std::isfinite(number)) return Takes(column, "a number such as 0.5");
  return Exactly(number);
}

absl::StatusOr<ValueRange> Bool(const ColumnInfo& column, absl::string_view text) {
  if (text == "true") return Exactly(int64_t{1});
  if (text == "false") return Exactly(int64_t{0});
  return Takes(column, "true or false");
}

absl::StatusOr<ValueRange> Enum(const ColumnInfo& column, const std::string& text) {
  const google::protobuf::EnumDescriptor* type = column.leaf()->enum_type();
  if (const auto* value = type->FindValueByName(text)) return Exactly(int64_t{value->number()});
  std::vector<std::string> names;
  for (int i = 0; i < type->value_count(); ++i) names.push_back(type->value(i)->name());
  return Takes(column, absl::StrCat("one of ", NameList(names)));
}

absl::StatusOr<ValueRange> Timestamp(const ColumnInfo& column, const std::string& text) {
  static constexpr LazyRE2 kShape = {
      "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"
      "([Zz]|[+-][0-9]{2}:[0-9]{2})"};
  google::protobuf::Timestamp time;
  if (!RE2::FullMatch(text, *kShape) || !TimeUtil::FromString(absl::AsciiStrToUpper(text), &time)) {
    return Takes(column, "a time such as 2026-01-31T10:00:00Z or 2026-01-31T12:00:00+02:00");
  }
  return Exactly(TimeUtil::TimestampToMicroseconds(time));
}

absl::StatusOr<ValueRange> Duration(const ColumnInfo& column, const std::string& text) {
  static constexpr LazyRE2 kShape = {"-?[0-9]{1,12}(\\.[0-9]{1,9})?s"};
  google::protobuf::Duration duration;
  if (!RE2::FullMatch(text, *kShape) || !TimeUtil::FromString(text, &duration) ||
      std::abs(duration.seconds()) > TimeUtil::kDurationMaxSeconds) {
    return Takes(column, "seconds such as 20s or 1.5s");
  }
  return Exactly(TimeUtil::DurationToMicroseconds(duration));
}

absl::StatusOr<ValueRange> Date(const ColumnInfo& column, const std::string& text) {
  static constexpr LazyRE2 kShape = {"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"};
  std::string year_text, month_text, day_text;
  bool valid = RE2::FullMatch(text, *kShape, &year_text, &month_text, &day_text);
  int year = 0, month = 0, day = 0;
  if (valid) {
    valid = absl::SimpleAtoi(year_text, &year) && year > 0;
    if (!month_text.empty()) valid = valid && absl::SimpleAtoi(month_text, &month) && month > 0;
    if (!day_text.empty()) valid = valid && absl::SimpleAtoi(day_text, &day) && day > 0;
  }
  // CivilDay carries what is too much over into the next month or year.
  const absl::CivilDay civil(year, month == 0 ? 1 : month, day == 0 ? 1 : day);
  if (!valid || civil.year() != year || (month != 0 && civil.month() != month)) {
    return Takes(column, "a date such as 2026-01-31, or 2026-01 or 2026");
  }
  const int64_t low = year * int64_t{10000} + month * 100 + day;
  if (month == 0) return ValueRange{low, low + 1231};
  if (day == 0) return ValueRange{low, low + 31};
  return Exactly(low);
}

}  // namespace

absl::StatusOr<ValueRange> ParseValue(const ColumnInfo& column, absl::string_view view) {
  const std::string text(view);
  switch (column.kind) {
    case ColumnKind::kText:
      return Exactly(ToNfc(text));
    case ColumnKind::kInteger:
      return Integer(column, text);
    case ColumnKind::kBool:
      return Bool(column, text);
    case ColumnKind::kEnum:
      return Enum(column, text);
    case ColumnKind::kDouble:
      return Double(column, text);
    case ColumnKind::kTimestamp:
      return Timestamp(column, text);
    case ColumnKind::kDuration:
      return Duration(column, text);
    case ColumnKind::kDate:
      return Date(column, text);
  }
  return absl::InternalError("a column of no kind");
}

sql::Value DefaultValue(ColumnKind kind) {
  if (kind == ColumnKind::kText) return std::string();
  if (kind == ColumnKind::kDouble) return 0.0;
  return int64_t{0};
}

std::string PrefixSuccessor(absl::string_view prefix) {
  constexpr UChar32 kLast = 0x10FFFF;
  int32_t end = static_cast<int32_t>(prefix.size());
  while (end > 0) {
    int32_t begin = end;
    UChar32 character;
    U8_PREV(prefix.data(), 0, begin, character);
    end = begin;
    if (character < 0 || character == kLast) continue;
    const UChar32 next = U_IS_SURROGATE(character + 1) ? 0xE000 : character + 1;
    char bytes[U8_MAX_LENGTH];
    int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, next);
    return absl::StrCat(prefix.substr(0, begin), absl::string_view(bytes, size));
  }
  return "";
}

std::string NameList(const std::vector<std::string>& names) {
  if (names.size() <= kListMax) return absl::StrJoin(names, ", ");
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + kListMax, ", "), " and ",
                      names.size() - kListMax, " more");
}

}  // namespace mostove::resource::filter
