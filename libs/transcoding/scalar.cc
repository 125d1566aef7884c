#include "libs/transcoding/scalar.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/transcoding/well_known.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A whole number in the form of a real (1e3) is taken while every whole number
// up to it has a double of its own.
constexpr double kWholeMax = 9'007'199'254'740'992.0;  // 2^53
constexpr int kEnumNamesMax = 30;

template <class Integer>
bool Fits(int64_t value) {
  return value >= int64_t{std::numeric_limits<Integer>::min()} &&
         value <= int64_t{std::numeric_limits<Integer>::max()};
}

template <class Number>
bool ParseWhole(absl::string_view text, Number& value, std::errc& error) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  error = result.ec;
  return result.ptr == text.data() + text.size();
}

ScalarFault FromNumberText(const JsonField& field, absl::string_view text, Scalar& scalar) {
  const bool is_real =
      field.type == FieldDescriptor::CPPTYPE_DOUBLE || field.type == FieldDescriptor::CPPTYPE_FLOAT;
  if (is_real && (text == "NaN" || text == "Infinity" || text == "-Infinity")) {
    const double infinity = std::numeric_limits<double>::infinity();
    scalar.real = text == "NaN"        ? std::numeric_limits<double>::quiet_NaN()
                  : text == "Infinity" ? infinity
                                       : -infinity;
    return ScalarFault::kNone;
  }
  if (!IsJsonNumber(text)) return ScalarFault::kWrongType;
  std::errc error{};
  if (!is_real) {
    int64_t integer = 0;
    if (ParseWhole(text, integer, error) && error == std::errc()) {
      return FromInt64(field, integer, scalar);
    }
    uint64_t natural = 0;
    if (text.front() != '-' && ParseWhole(text, natural, error)) {
      return error == std::errc() ? FromUint64(field, natural, scalar) : ScalarFault::kOutOfRange;
    }
  }
  double real = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), real);
  if (result.ec != std::errc()) return ScalarFault::kOutOfRange;
  return FromReal(field, real, scalar);
}

// Both alphabets, padded or not, but not both alphabets in one text.
bool ParseBase64(absl::string_view text, std::string& bytes) {
  bool is_web_safe = false;
  for (const char c : text) {
    if (c == '-' || c == '_') is_web_safe = true;
    if (!absl::ascii_isalnum(c) && std::strchr("+/-_=", c) == nullptr) return false;
  }
  return is_web_safe ? absl::WebSafeBase64Unescape(text, &bytes)
                     : absl::Base64Unescape(text, &bytes);
}

ScalarFault FromBoolText(absl::string_view text, Scalar& scalar) {
  scalar.boolean = text == "true";
  return text == "true" || text == "false" ? ScalarFault::kNone : ScalarFault::kWrongType;
}

ScalarFault FromTextFault(TextFault fault) {
  switch (fault) {
    case TextFault::kNone:
      return ScalarFault::kNone;
    case TextFault::kForm:
      return ScalarFault::kInvalidValue;
    case TextFault::kRange:
      return ScalarFault::kOutOfRange;
  }
  return ScalarFault::kInvalidValue;
}

std::string NamesOf(const EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count() && i < kEnumNamesMax; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", type.value(i)->name());
  }
  if (type.value_count() > kEnumNamesMax) absl::StrAppend(&names, ", ...");
  return names;
}

std::string Expected(const JsonField& field) {
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_INT32:
      return "a whole number from -2147483648 to 2147483647";
    case FieldDescriptor::CPPTYPE_UINT32:
      return "a whole number from 0 to 4294967295";
    case FieldDescriptor::CPPTYPE_INT64:
      return "a whole number of 64 bits, as a number or in quotes";
    case FieldDescriptor::CPPTYPE_UINT64:
      return "a whole number of 64 bits that is not negative, as a number or in quotes";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "a number";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("one of ", NamesOf(*field.descriptor->enum_type()));
    case FieldDescriptor::CPPTYPE_STRING:
      return field.is_bytes ? "bytes in base64" : "a text";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "an object";
  }
  return "";
}

std::string Expected(const JsonTable& table) {
  switch (table.well_known) {
    case WellKnown::kTimestamp:
      return "a time such as 2026-01-31T08:00:00Z, from the year 1 to 9999";
    case WellKnown::kDuration:
      return "a duration in seconds such as 1.5s, of at most 315576000000s";
    case WellKnown::kFieldMask:
      return "names of fields with commas between them";
    case WellKnown::kWrapper:
      return Expected(table.fields[0]);
    default:
      return "an object";
  }
}

}  // namespace

ScalarFault FromInt64(const JsonField& field, int64_t value, Scalar& scalar) {
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_ENUM:
      scalar.integer = value;
      return Fits<int32_t>(value) && field.descriptor->enum_type()->FindValueByNumber(
                                         static_cast<int>(value)) != nullptr
                 ? ScalarFault::kNone
                 : ScalarFault::kUnknownEnum;
    case FieldDescriptor::CPPTYPE_INT32:
      scalar.integer = value;
      return Fits<int32_t>(value) ? ScalarFault::kNone : ScalarFault::kOutOfRange;
    case FieldDescriptor::CPPTYPE_INT64:
      scalar.integer = value;
      return ScalarFault::kNone;
    case FieldDescriptor::CPPTYPE_UINT32:
      scalar.natural = static_cast<uint64_t>(value);
      return Fits<uint32_t>(value) ? ScalarFault::kNone : ScalarFault::kOutOfRange;
    case FieldDescriptor::CPPTYPE_UINT64:
      scalar.natural = static_cast<uint64_t>(value);
      return value >= 0 ? ScalarFault::kNone : ScalarFault::kOutOfRange;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return FromReal(field, static_cast<double>(value), scalar);
    default:
      return ScalarFault::kWrongType;
  }
}

ScalarFault FromUint64(const JsonField& field, uint64_t value, Scalar& scalar) {
  if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return FromInt64(field, static_cast<int64_t>(value), scalar);
  }
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_UINT64:
      scalar.natural = value;
      return ScalarFault::kNone;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return FromReal(field, static_cast<double>(value), scalar);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ScalarFault::kUnknownEnum;
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ScalarFault::kWrongType;
    default:
      return ScalarFault::kOutOfRange;
  }
}

ScalarFault FromReal(const JsonField& field, double value, Scalar& scalar) {
  scalar.real = value;
  if (field.type == FieldDescriptor::CPPTYPE_DOUBLE) return ScalarFault::kNone;
  if (field.type == FieldDescriptor::CPPTYPE_FLOAT) {
    // Beyond the largest float, but nearer to it than to the next power of two, still rounds to it.
    constexpr double kFloatLimit = 0x1.ffffffp+127;
    return std::abs(value) < kFloatLimit ? ScalarFault::kNone : ScalarFault::kOutOfRange;
  }
  if (field.type == FieldDescriptor::CPPTYPE_BOOL ||
      field.type == FieldDescriptor::CPPTYPE_STRING) {
    return ScalarFault::kWrongType;
  }
  if (value != std::trunc(value)) return ScalarFault::kWrongType;
  if (std::abs(value) > kWholeMax) return ScalarFault::kOutOfRange;
  return FromInt64(field, static_cast<int64_t>(value), scalar);
}

ScalarFault FromText(const JsonField& field, absl::string_view text, Scalar& scalar) {
  if (text.find('\0') != absl::string_view::npos) return ScalarFault::kNul;
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.is_bytes) {
        return ParseBase64(text, scalar.text) ? ScalarFault::kNone : ScalarFault::kInvalidValue;
      }
      scalar.text.assign(text.data(), text.size());
      return ScalarFault::kNone;
    case FieldDescriptor::CPPTYPE_BOOL:
      return FromBoolText(text, scalar);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = field.descriptor->enum_type()->FindValueByName(std::string(text));
      if (value == nullptr) {
        return IsJsonNumber(text) ? FromNumberText(field, text, scalar) : ScalarFault::kUnknownEnum;
      }
      scalar.integer = value->number();
      return ScalarFault::kNone;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ScalarFault::kWrongType;
    default:
      return FromNumberText(field, text, scalar);
  }
}

ScalarFault FromKey(const JsonField& key, absl::string_view text, Scalar& scalar) {
  if (const ScalarFault fault = FromText(key, text, scalar); fault != ScalarFault::kNone) {
    return fault;
  }
  switch (key.type) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(scalar.integer) == text ? ScalarFault::kNone : ScalarFault::kWrongType;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(scalar.natural) == text ? ScalarFault::kNone : ScalarFault::kWrongType;
    default:
      return ScalarFault::kNone;
  }
}

void Store(const JsonField& field, Scalar scalar, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* descriptor = field.descriptor;
  const auto put = [&](auto set, auto add, auto value) {
    (reflection.*(field.is_repeated ? add : set))(&message, descriptor, std::move(value));
  };
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&Reflection::SetInt32, &Reflection::AddInt32,
                 static_cast<int32_t>(scalar.integer));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&Reflection::SetInt64, &Reflection::AddInt64, scalar.integer);
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&Reflection::SetUInt32, &Reflection::AddUInt32,
                 static_cast<uint32_t>(scalar.natural));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&Reflection::SetUInt64, &Reflection::AddUInt64, scalar.natural);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(&Reflection::SetDouble, &Reflection::AddDouble, scalar.real);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put(&Reflection::SetFloat, &Reflection::AddFloat, static_cast<float>(scalar.real));
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&Reflection::SetBool, &Reflection::AddBool, scalar.boolean);
    case FieldDescriptor::CPPTYPE_ENUM:
      return put(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                 static_cast<int>(scalar.integer));
    case FieldDescriptor::CPPTYPE_STRING:
      return put(&Reflection::SetString, &Reflection::AddString, std::move(scalar.text));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

ScalarFault SetFromText(const JsonTable& table, absl::string_view text, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  switch (table.well_known) {
    case WellKnown::kTimestamp:
    case WellKnown::kDuration: {
      SecondsAndNanos value;
      const TextFault fault = table.well_known == WellKnown::kTimestamp
                                  ? ParseTimestamp(text, value)
                                  : ParseDuration(text, value);
      reflection.SetInt64(&message, table.fields[0].descriptor, value.seconds);
      reflection.SetInt32(&message, table.fields[1].descriptor, value.nanos);
      return FromTextFault(fault);
    }
    case WellKnown::kFieldMask: {
      if (text.find('\0') != absl::string_view::npos) return ScalarFault::kNul;
      std::vector<std::string> paths;
      if (!ParseMask(text, paths)) return ScalarFault::kInvalidValue;
      for (std::string& path : paths) {
        reflection.AddString(&message, table.fields[0].descriptor, std::move(path));
      }
      return ScalarFault::kNone;
    }
    case WellKnown::kWrapper: {
      Scalar scalar;
      const ScalarFault fault = FromText(table.fields[0], text, scalar);
      if (fault == ScalarFault::kNone) Store(table.fields[0], std::move(scalar), message);
      return fault;
    }
    default:
      return ScalarFault::kWrongType;
  }
}

absl::string_view ReasonOf(ScalarFault fault) {
  switch (fault) {
    case ScalarFault::kNone:
      return "";
    case ScalarFault::kWrongType:
      return "WRONG_TYPE";
    case ScalarFault::kOutOfRange:
      return "OUT_OF_RANGE";
    case ScalarFault::kUnknownEnum:
      return "UNKNOWN_ENUM";
    case ScalarFault::kInvalidValue:
      return "INVALID_VALUE";
    case ScalarFault::kNul:
      return "NUL";
  }
  return "";
}

std::string DescriptionOf(ScalarFault fault, const JsonField& field) {
  if (fault == ScalarFault::kNul) return "must not contain the character U+0000";
  if (field.message != nullptr) return DescriptionOf(fault, *field.message);
  return absl::StrCat("must be ", Expected(field));
}

std::string DescriptionOf(ScalarFault fault, const JsonTable& table) {
  if (fault == ScalarFault::kNul) return "must not contain the character U+0000";
  return absl::StrCat("must be ", Expected(table));
}

}  // namespace mostove::transcoding
