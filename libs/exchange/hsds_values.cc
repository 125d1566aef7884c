#include "libs/exchange/hsds_values.h"

#include <unicode/locid.h>

#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "re2/re2.h"

namespace mostove::exchange::hsds {

namespace pb = google::protobuf;

std::optional<google::type::Date> ParseDate(absl::string_view text) {
  static const RE2& form = *new RE2("([0-9]{4})-([0-9]{2})-([0-9]{2})");
  int year = 0, month = 0, day = 0;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), form, &year, &month, &day)) {
    return std::nullopt;
  }
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

std::string FormatDate(const google::type::Date& date) {
  if (date.year() == 0 || date.month() == 0 || date.day() == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::optional<std::string> FormatOffset(double hours) {
  const double minutes = hours * 60;
  if (!(std::abs(hours) <= 14) || minutes != std::round(minutes)) return std::nullopt;
  const int whole = static_cast<int>(std::abs(minutes));
  return absl::StrFormat("%c%02d:%02d", hours < 0 ? '-' : '+', whole / 60, whole % 60);
}

std::optional<double> ParseOffset(absl::string_view text) {
  static const RE2& form = *new RE2("([+-])([0-9]{2}):([0-9]{2})");
  std::string sign;
  int hours = 0, minutes = 0;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), form, &sign, &hours, &minutes)) {
    return std::nullopt;
  }
  return (sign == "-" ? -1 : 1) * (hours + minutes / 60.0);
}

std::string EnumText(const pb::EnumValueDescriptor& value) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(value.name()), {{"_", " "}});
}

const pb::EnumValueDescriptor* FindEnum(const pb::EnumDescriptor& descriptor,
                                        absl::string_view text) {
  const std::string name =
      absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{" ", "_"}, {"-", "_"}});
  const pb::EnumValueDescriptor* value = descriptor.FindValueByName(name);
  return value == nullptr || value->number() == 0 ? nullptr : value;
}

std::string LanguageName(absl::string_view tag) {
  const std::string name(tag);
  icu::UnicodeString displayed;
  icu::Locale(name.c_str()).getDisplayLanguage(icu::Locale::getEnglish(), displayed);
  std::string text;
  displayed.toUTF8String(text);
  return text == name ? "" : text;  // ICU answers what it does not know as it is
}

std::string ToRulePart(absl::string_view key, absl::string_view value) {
  std::string part = absl::StrReplaceAll(absl::AsciiStrToUpper(value), {{" ", ""}});
  return key == "UNTIL" ? absl::StrReplaceAll(part, {{"-", ""}}) : part;
}

std::string FromRulePart(absl::string_view key, absl::string_view value) {
  if (key != "UNTIL") return std::string(value);
  if (value.size() != 8) return "";  // with a time of day, which HSDS does not have
  return absl::StrCat(value.substr(0, 4), "-", value.substr(4, 2), "-", value.substr(6));
}

Target MakeTarget(pb::Message& message, absl::string_view path) {
  Target target{&message, nullptr};
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (target.field != nullptr) {
      const pb::Reflection& reflection = *target.message->GetReflection();
      if (!target.field->is_repeated()) {
        target.message = reflection.MutableMessage(target.message, target.field);
      } else if (reflection.FieldSize(*target.message, target.field) > 0) {
        target.message = reflection.MutableRepeatedMessage(target.message, target.field, 0);
      } else {
        target.message = reflection.AddMessage(target.message, target.field);
      }
    }
    target.field = target.message->GetDescriptor()->FindFieldByName(std::string(name));
  }
  return target;
}

namespace {

bool IsSet(const pb::Message& message, const pb::FieldDescriptor* field) {
  return field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                              : message.GetReflection()->HasField(message, field);
}

}  // namespace

ConstTarget FindTarget(const pb::Message& message, absl::string_view path) {
  ConstTarget target{&message, nullptr};
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (target.field != nullptr) {
      if (!IsSet(*target.message, target.field)) return {};
      const pb::Reflection& reflection = *target.message->GetReflection();
      target.message = target.field->is_repeated()
                           ? &reflection.GetRepeatedMessage(*target.message, target.field, 0)
                           : &reflection.GetMessage(*target.message, target.field);
    }
    target.field = target.message->GetDescriptor()->FindFieldByName(std::string(name));
  }
  // A coordinate of 0 cannot be told from none; its point is there.
  const bool is_set = IsSet(*target.message, target.field) ||
                      target.field->cpp_type() == pb::FieldDescriptor::CPPTYPE_DOUBLE;
  return is_set ? target : ConstTarget{};
}

void ClearTarget(pb::Message& message, absl::string_view path) {
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  std::vector<Target> way = {{&message, message.GetDescriptor()->FindFieldByName(names[0])}};
  for (size_t i = 1; i < names.size(); ++i) {
    const auto& [at, field] = way.back();
    if (!IsSet(*at, field)) return;
    pb::Message* inner = field->is_repeated()
                             ? at->GetReflection()->MutableRepeatedMessage(at, field, 0)
                             : at->GetReflection()->MutableMessage(at, field);
    way.push_back({inner, inner->GetDescriptor()->FindFieldByName(names[i])});
  }
  for (auto target = way.rbegin(); target != way.rend(); ++target) {
    if (target != way.rbegin()) {
      const auto inner = FindTarget(*target->message, target->field->name());
      if (inner.message == nullptr) continue;
      const pb::Reflection& reflection = *inner.message->GetReflection();
      const pb::Message& value = inner.field->is_repeated()
                                     ? reflection.GetRepeatedMessage(*inner.message, inner.field, 0)
                                     : reflection.GetMessage(*inner.message, inner.field);
      if (value.ByteSizeLong() > 0) return;
    }
    target->message->GetReflection()->ClearField(target->message, target->field);
  }
}

}  // namespace mostove::exchange::hsds
