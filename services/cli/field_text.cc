// Values of single fields as text.
#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "services/cli/field_path.h"

namespace mostove::cli {
namespace {

namespace pb = google::protobuf;
using pb::util::TimeUtil;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("must be ", what));
}

absl::Status ParseDate(absl::string_view text, google::type::Date& date) {
  constexpr absl::string_view kForm = "a date such as 2026-01-31, 2026-01 or 2026";
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() > 3 || parts[0].size() != 4) return Wrong(kForm);
  int numbers[3] = {0, 0, 0};
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool digits = parts[i].find_first_not_of("0123456789") == absl::string_view::npos;
    if ((i > 0 && parts[i].size() != 2) || !digits || !absl::SimpleAtoi(parts[i], &numbers[i])) {
      return Wrong(kForm);
    }
  }
  const bool in_range = numbers[0] >= 1 && numbers[1] <= 12 && numbers[2] <= 31 &&
                        (parts.size() < 2 || numbers[1] >= 1) &&
                        (parts.size() < 3 || numbers[2] >= 1);
  if (!in_range) return Wrong(kForm);
  date.set_year(numbers[0]);
  date.set_month(numbers[1]);
  date.set_day(numbers[2]);
  return absl::OkStatus();
}

std::string FormatDate(const google::type::Date& date) {
  std::string text = absl::StrFormat("%04d", date.year());
  if (date.month() != 0) absl::StrAppendFormat(&text, "-%02d", date.month());
  if (date.day() != 0) absl::StrAppendFormat(&text, "-%02d", date.day());
  return text;
}

absl::Status SetMessageText(const pb::FieldDescriptor& field, absl::string_view text,
                            pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  const std::unique_ptr<pb::Message> value(
      pb::MessageFactory::generated_factory()->GetPrototype(field.message_type())->New());
  if (auto* date = dynamic_cast<google::type::Date*>(value.get())) {
    if (absl::Status status = ParseDate(text, *date); !status.ok()) return status;
  } else if (auto* time = dynamic_cast<pb::Timestamp*>(value.get())) {
    if (!TimeUtil::FromString(std::string(text), time)) {
      return Wrong("a time such as 2026-01-31T10:00:00Z");
    }
  } else if (auto* duration = dynamic_cast<pb::Duration*>(value.get())) {
    if (!TimeUtil::FromString(std::string(text), duration)) return Wrong("a duration such as 90s");
  }
  pb::Message* target = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                            : reflection.MutableMessage(&message, &field);
  target->CopyFrom(*value);
  return absl::OkStatus();
}

std::string MessageText(const pb::Message& value) {
  if (const auto* date = dynamic_cast<const google::type::Date*>(&value)) return FormatDate(*date);
  if (const auto* time = dynamic_cast<const pb::Timestamp*>(&value)) {
    return TimeUtil::ToString(*time);
  }
  if (const auto* duration = dynamic_cast<const pb::Duration*>(&value)) {
    return TimeUtil::ToString(*duration);
  }
  return "";
}

// "LISTED", "listed", or "legal form" for LEGAL_FORM.
const pb::EnumValueDescriptor* FindEnumValue(const pb::EnumDescriptor& descriptor,
                                             absl::string_view text) {
  std::string name = absl::AsciiStrToUpper(text);
  for (char& c : name) {
    if (c == ' ' || c == '-') c = '_';
  }
  return descriptor.FindValueByName(name);
}

absl::Status UnknownEnum(const pb::EnumDescriptor& descriptor) {
  std::vector<std::string> names;
  for (int i = 0; i < descriptor.value_count(); ++i) {
    if (descriptor.value(i)->number() != 0) names.push_back(descriptor.value(i)->name());
  }
  return Wrong(absl::StrCat("one of ", absl::StrJoin(names, ", ")));
}

// The shortest decimal text that reads back as the same number.
template <class Number>
std::string ShortestNumber(Number value) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
}

template <class Number>
absl::Status SetNumber(absl::string_view text, Number& value) {
  if (absl::SimpleAtoi(text, &value)) return absl::OkStatus();
  return Wrong("a whole number");
}

// Sets or adds, whichever the field takes.
#define MOSTOVE_STORE(Kind, value)                                                   \
  (field.is_repeated() ? message.GetReflection()->Add##Kind(&message, &field, value) \
                       : message.GetReflection()->Set##Kind(&message, &field, value))

}  // namespace

bool IsTextual(const pb::FieldDescriptor& field) {
  if (field.cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) return true;
  const std::string& name = field.message_type()->full_name();
  return name == "google.type.Date" || name == "google.protobuf.Timestamp" ||
         name == "google.protobuf.Duration";
}

absl::Status SetText(const pb::FieldDescriptor& field, absl::string_view text,
                     pb::Message& message) {
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      std::string value(text);
      if (field.type() == pb::FieldDescriptor::TYPE_BYTES && !absl::Base64Unescape(text, &value)) {
        return Wrong("base64");
      }
      MOSTOVE_STORE(String, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (!absl::SimpleAtob(text, &value)) return Wrong("true or false");
      MOSTOVE_STORE(Bool, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_INT32: {
      int32_t value = 0;
      if (auto status = SetNumber(text, value); !status.ok()) return status;
      MOSTOVE_STORE(Int32, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_INT64: {
      int64_t value = 0;
      if (auto status = SetNumber(text, value); !status.ok()) return status;
      MOSTOVE_STORE(Int64, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (auto status = SetNumber(text, value); !status.ok()) return status;
      MOSTOVE_STORE(UInt32, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t value = 0;
      if (auto status = SetNumber(text, value); !status.ok()) return status;
      MOSTOVE_STORE(UInt64, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_FLOAT: {
      float value = 0;
      if (!absl::SimpleAtof(text, &value)) return Wrong("a number with a decimal point");
      MOSTOVE_STORE(Float, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_DOUBLE: {
      double value = 0;
      if (!absl::SimpleAtod(text, &value)) return Wrong("a number with a decimal point");
      MOSTOVE_STORE(Double, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = FindEnumValue(*field.enum_type(), text);
      if (value == nullptr) return UnknownEnum(*field.enum_type());
      MOSTOVE_STORE(Enum, value);
      return absl::OkStatus();
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsTextual(field)) return SetMessageText(field, text, message);
  }
  return absl::InvalidArgumentError("is a group of fields; name one of them");
}

#undef MOSTOVE_STORE

std::string GetText(const pb::FieldDescriptor& field, const pb::Message& message, int index) {
  const pb::Reflection& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  const auto get = [&](auto single, auto element) {
    return repeated ? (reflection.*element)(message, &field, index)
                    : (reflection.*single)(message, &field);
  };
  using R = pb::Reflection;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      std::string value = get(&R::GetString, &R::GetRepeatedString);
      return field.type() == pb::FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(value) : value;
    }
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return get(&R::GetBool, &R::GetRepeatedBool) ? "true" : "false";
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(get(&R::GetInt32, &R::GetRepeatedInt32));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(get(&R::GetInt64, &R::GetRepeatedInt64));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(get(&R::GetUInt32, &R::GetRepeatedUInt32));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(get(&R::GetUInt64, &R::GetRepeatedUInt64));
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return ShortestNumber(get(&R::GetFloat, &R::GetRepeatedFloat));
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return ShortestNumber(get(&R::GetDouble, &R::GetRepeatedDouble));
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const int number = get(&R::GetEnumValue, &R::GetRepeatedEnumValue);
      const auto* value = field.enum_type()->FindValueByNumber(number);
      return value == nullptr ? absl::StrCat(number) : value->name();
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(repeated ? reflection.GetRepeatedMessage(message, &field, index)
                                  : reflection.GetMessage(message, &field));
  }
  return "";
}

std::string JoinValues(const std::vector<std::string>& values) {
  std::string joined;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) joined += '|';
    for (const char c : values[i]) {
      if (c == '|' || c == '\\') joined += '\\';
      joined += c;
    }
  }
  return joined;
}

std::vector<std::string> SplitValues(absl::string_view text, char separator) {
  std::vector<std::string> values;
  if (text.empty()) return values;
  values.emplace_back();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() &&
        (text[i + 1] == separator || text[i + 1] == '\\')) {
      values.back() += text[++i];
    } else if (text[i] == separator) {
      values.emplace_back();
    } else {
      values.back() += text[i];
    }
  }
  return values;
}

}  // namespace mostove::cli
