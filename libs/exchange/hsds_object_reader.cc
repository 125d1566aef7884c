#include "libs/exchange/hsds_object_reader.h"

#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "libs/domain/checks.h"
#include "libs/domain/localized_text.h"
#include "libs/domain/place.h"
#include "libs/domain/web_address.h"
#include "libs/resource/validate.h"
#include "re2/re2.h"

namespace mostove::exchange::hsds {
namespace {

namespace pb = google::protobuf;
using organizations::v1::Contact;
using organizations::v1::Location;
using pb::ListValue;
using pb::Struct;
using pb::Value;

// null, "", [] and {} say nothing that could be lost.
bool SaysNothing(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value().empty();
    case Value::kListValue:
      return value.list_value().values().empty();
    case Value::kStructValue:
      return value.struct_value().fields().empty();
    case Value::kNumberValue:
    case Value::kBoolValue:
      return false;
    default:
      return true;
  }
}

bool IsPrefix(absl::string_view path, absl::string_view of) {
  return path == of || (absl::StartsWith(of, path) && of[path.size()] == '.');
}

// Whether the last item is of the same register or has the same id as another.
bool StandsTwice(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::FieldDescriptor* key = field.message_type()->FindFieldByName(
      field.message_type() == Location::descriptor() ? "id" : "scheme");
  if (key == nullptr) return false;
  const pb::Reflection& reflection = *message.GetReflection();
  const int last = reflection.FieldSize(message, &field) - 1;
  const auto key_of = [&](int i) {
    const pb::Message& item = reflection.GetRepeatedMessage(message, &field, i);
    return item.GetReflection()->GetString(item, key);
  };
  for (int i = 0; i < last; ++i) {
    if (!key_of(i).empty() && key_of(i) == key_of(last)) return true;
  }
  return false;
}

// The words of an enum as HSDS would write them.
std::string Words(const pb::EnumDescriptor& descriptor) {
  std::vector<std::string> words;
  for (int i = 1; i < descriptor.value_count(); ++i)
    words.push_back(EnumText(*descriptor.value(i)));
  return absl::StrJoin(words, ", ");
}

}  // namespace

const Value* Find(const Struct& object, const std::string& name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() || SaysNothing(found->second) ? nullptr : &found->second;
}

std::string Text(const Struct& object, const std::string& name) {
  const Value* value = Find(object, name);
  return value == nullptr ? "" : value->string_value();
}

std::string Join(absl::string_view path, absl::string_view member) {
  return absl::StrCat(path, path.empty() ? "" : ".", member);
}

std::string Item(absl::string_view path, int i) { return absl::StrCat(path, "[", i, "]"); }

bool IsFull(const pb::FieldDescriptor& field, int size) {
  const auto limit = field.options().GetExtension(resource::v1::limits).max_items();
  return limit > 0 && size >= static_cast<int>(limit);
}

void TakeCountry(Location& location) {
  if (!location.place().country_code().empty()) return;
  for (const auto& address : location.addresses()) {
    if (address.country_code().empty() || address.kind() == Location::POSTAL) continue;
    location.mutable_place()->set_country_code(address.country_code());
    return;
  }
}

void ObjectReader::LeftOut(std::string path, absl::string_view why) {
  losses_.push_back({std::move(path), absl::StrCat("is not kept: ", why)});
}

void ObjectReader::Changed(std::string path, absl::string_view how) {
  losses_.push_back({std::move(path), std::string(how), true});
}

const ListValue& ObjectReader::List(const Value& value, const std::string& path) {
  if (!value.has_list_value()) LeftOut(path, "must be a list");
  return value.list_value();
}

const Struct& ObjectReader::Object(const Value& value, const std::string& path) {
  if (!value.has_struct_value() && !SaysNothing(value)) LeftOut(path, "must be an object");
  return value.struct_value();
}

bool ObjectReader::ReadObject(const Shape& shape, const Struct& object, const std::string& path,
                              pb::Message& message) {
  std::map<std::string, std::string> rule;
  std::set<std::string> known;
  for (const Member& member : shape.members) {
    known.insert(member.name);
    const Value* value = Find(object, member.name);
    if (value == nullptr) continue;
    if (member.form == Form::kRecurrence) {
      rule[absl::AsciiStrToUpper(member.name)] =
          value->has_number_value() ? absl::StrCat(value->number_value()) : value->string_value();
    } else {
      ReadMember(member, *value, Join(path, member.name), message);
    }
  }
  if (!rule.empty()) ReadRule(shape, rule, path, message);
  TellUnknown(object, known, path);
  return Clean(shape, object, path, message);
}

void ObjectReader::TellUnknown(const Struct& object, const std::set<std::string>& known,
                               const std::string& path) {
  std::set<std::string> names;  // in one order
  for (const auto& [name, value] : object.fields()) {
    if (!known.count(name) && !SaysNothing(value)) names.insert(name);
  }
  for (const std::string& name : names) {
    // Written again as the scheme.
    if (name == "identifier_type" && Text(object, name) == Text(object, "identifier_scheme")) {
      continue;
    }
    LeftOut(Join(path, name), name == "id" ? "an export makes one that is always the same"
                                           : "there is no field for it");
  }
}

void ObjectReader::ReadMember(const Member& member, const Value& value, const std::string& path,
                              pb::Message& message) {
  switch (member.form) {
    case Form::kNumber:
    case Form::kNumberAsText:
    case Form::kYear:
    case Form::kOffset:
      return ReadNumber(member, value, path, message);
    case Form::kObjects:
      return ReadObjects(member, value, path, message);
    case Form::kLanguages:
      return ReadLanguages(value, path, MakeTarget(message, member.field));
    case Form::kTelephone:
      for (int i = 0, size = List(value, path).values_size(); i < size; ++i) {
        ReadTelephone(value.list_value().values(i), Item(path, i), static_cast<Contact&>(message));
      }
      return;
    default:
      return ReadText(member, value, path, message);
  }
}

void ObjectReader::ReadNumber(const Member& member, const Value& value, const std::string& path,
                              pb::Message& message) {
  if (!value.has_number_value()) {
    // Some write numbers as texts.
    Value number;
    double parsed = 0;
    if (!absl::SimpleAtod(value.string_value(), &parsed)) return LeftOut(path, "must be a number");
    number.set_number_value(parsed);
    Changed(path, "is read as a number");
    return ReadNumber(member, number, path, message);
  }
  const double number = value.number_value();
  const bool whole = std::abs(number) < 1e15 && number == std::round(number);
  std::string text;
  switch (member.form) {
    case Form::kYear: {
      if (!whole || number < 1 || number > 9999) return LeftOut(path, "must be a year");
      const auto [at, field] = MakeTarget(message, member.field);
      auto* date = at->GetReflection()->MutableMessage(at, field);
      static_cast<google::type::Date*>(date)->set_year(static_cast<int>(number));
      return;
    }
    case Form::kOffset: {
      const auto offset = FormatOffset(number);
      if (!offset) return LeftOut(path, "must be an offset from UTC in hours");
      text = *offset;
      break;
    }
    case Form::kNumberAsText:
      if (!whole || number < 0) return LeftOut(path, "must be a whole number");
      text = absl::StrCat(static_cast<int64_t>(number));
      break;
    default: {
      const auto [at, field] = MakeTarget(message, member.field);
      at->GetReflection()->SetDouble(at, field, number);
      return;
    }
  }
  const auto [at, field] = MakeTarget(message, member.field);
  at->GetReflection()->SetString(at, field, text);
}

void ObjectReader::ReadText(const Member& member, const Value& value, const std::string& path,
                            pb::Message& message) {
  if (!value.has_string_value()) return LeftOut(path, "must be a text");
  std::string text = value.string_value();
  const char* how = "";  // it is written in another way
  const auto [at, field] = MakeTarget(message, member.field);
  const pb::Reflection& reflection = *at->GetReflection();
  switch (member.form) {
    case Form::kLocalized: {
      auto* words = reflection.MutableMessage(at, field);
      auto& texts = *static_cast<common::v1::LocalizedText*>(words)->mutable_texts();
      texts[options_.language] = text;
      return;
    }
    case Form::kEnum: {
      const auto* found = FindEnum(*field->enum_type(), text);
      if (found == nullptr)
        return LeftOut(path, absl::StrCat("must be one of ", Words(*field->enum_type())));
      if (EnumText(*found) != text) {
        Changed(path, absl::StrCat("is written as ", EnumText(*found)));
      }
      return reflection.SetEnum(at, field, found);
    }
    case Form::kDate: {
      const auto date = ParseDate(text);
      if (!date) return LeftOut(path, "must be a date such as 2026-01-31");
      return reflection.MutableMessage(at, field)->CopyFrom(*date);
    }
    case Form::kCountry:
      absl::AsciiStrToUpper(&text);
      how = "is written in capital letters";
      if (!domain::IsCountryCode(text)) return LeftOut(path, "must be a code of ISO 3166-1");
      break;
    case Form::kWebAddress: {
      status::Violations wrong;
      domain::CheckWebAddress(text, "", wrong);
      if (!wrong.empty()) return LeftOut(path, wrong.all()[0].description);
      break;
    }
    case Form::kUuid:
      absl::AsciiStrToLower(&text);
      how = "is written in small letters";
      break;
    case Form::kTime:
      static const RE2& seconds = *new RE2("([0-9]{2}:[0-9]{2}):00(\\.0*)?");
      RE2::Replace(&text, seconds, "\\1");
      how = "is written without seconds";
      break;
    case Form::kPhoneNumber:
      text = std::string(
          absl::StripAsciiWhitespace(absl::StripPrefix(absl::StripSuffix(text, "\""), "\"")));
      how = "is written without what stands around it";
      break;
    default:
      break;
  }
  if (text != value.string_value()) Changed(path, how);
  reflection.SetString(at, field, text);
}

void ObjectReader::ReadObjects(const Member& member, const Value& value, const std::string& path,
                               pb::Message& message) {
  const auto [at, field] = MakeTarget(message, member.field);
  const pb::Reflection& reflection = *at->GetReflection();
  for (int i = 0, size = List(value, path).values_size(); i < size; ++i) {
    const std::string item_path = Item(path, i);
    if (IsFull(*field, reflection.FieldSize(*at, field))) {
      LeftOut(item_path, "there are too many");
      continue;
    }
    pb::Message* item = reflection.AddMessage(at, field);
    const bool complete = ReadObject(*member.shape, Object(value.list_value().values(i), item_path),
                                     item_path, *item);
    if (!complete || item->ByteSizeLong() == 0) {
      reflection.RemoveLast(at, field);
    } else if (StandsTwice(*at, *field)) {
      LeftOut(item_path, "one like it stands there already");
      reflection.RemoveLast(at, field);
    } else if (auto* location = dynamic_cast<Location*>(item)) {
      TakeCountry(*location);
    }
  }
}

void ObjectReader::ReadLanguages(const Value& value, const std::string& path,
                                 const Target& target) {
  const pb::Reflection& reflection = *target.message->GetReflection();
  std::set<std::string> present;
  for (int i = 0, size = List(value, path).values_size(); i < size; ++i) {
    const std::string item_path = Item(path, i);
    const Struct& object = Object(value.list_value().values(i), item_path);
    const std::string code = Text(object, "code");
    if (!domain::IsLanguageTag(code) || IsFull(*target.field, static_cast<int>(present.size()))) {
      LeftOut(item_path, "a language is known by its code, such as uk; at most 40 stand here");
      continue;
    }
    TellUnknown(object, {"code", "name"}, item_path);
    if (const std::string name = Text(object, "name");
        !name.empty() && name != LanguageName(code)) {
      Changed(Join(item_path, "name"), "is written as the language is called in English");
    }
    if (present.insert(code).second) {
      reflection.AddString(target.message, target.field, code);
    } else {
      LeftOut(Join(item_path, "code"), "the language stands there already");
    }
  }
}

void ObjectReader::ReadTelephone(const Value& value, const std::string& path, Contact& contact) {
  if (!contact.phone().empty()) return LeftOut(path, "a contact has one telephone");
  const Struct& object = Object(value, path);
  Contact read;
  for (const Member& member : PhoneShape().members) {
    if (member.form != Form::kPhoneNumber) continue;
    const Value* number = Find(object, member.name);
    if (number == nullptr) continue;
    ReadText({member.name, "phone", member.form}, *number, Join(path, member.name), read);
  }
  static const Shape& number = *new Shape{"phone", {{"number", "phone"}}};
  Clean(number, object, path, read);
  TellUnknown(object, {"number"}, path);
  contact.set_phone(read.phone());
}

void ObjectReader::ReadRule(const Shape& shape, const std::map<std::string, std::string>& parts,
                            const std::string& path, pb::Message& message) {
  std::vector<std::string> rule;
  for (const Member& member : shape.members) {  // freq stands first
    if (member.form != Form::kRecurrence) continue;
    const std::string key = absl::AsciiStrToUpper(member.name);
    const auto part = parts.find(key);
    if (part == parts.end()) continue;
    if (!parts.count("FREQ")) {
      LeftOut(Join(path, member.name), "without freq it says nothing");
      continue;
    }
    const std::string written = ToRulePart(key, part->second);
    if (FromRulePart(key, written) != part->second) {
      Changed(Join(path, member.name), "is written in its usual form");
    }
    rule.push_back(absl::StrCat(key, "=", written));
  }
  if (rule.empty()) return;
  const auto [at, field] = MakeTarget(message, "recurrence_rule");
  at->GetReflection()->SetString(at, field, absl::StrJoin(rule, ";"));
}

bool ObjectReader::Clean(const Shape& shape, const Struct& object, const std::string& path,
                         pb::Message& message) {
  status::Violations violations;
  resource::Validate(message, {.checks = &domain::Checks()}, "", violations);
  for (const status::Violation& violation : violations.all()) {
    std::string field = violation.field;
    static const RE2& index = *new RE2("\\[[0-9]+\\]");
    RE2::GlobalReplace(&field, index, "");
    for (const Member& member : shape.members) {
      const bool inner = IsPrefix(member.field, field);
      if ((!inner && !IsPrefix(field, member.field)) || !Find(object, member.name)) continue;
      ClearTarget(message, inner ? absl::string_view(member.field) : field);
      LeftOut(Join(path, member.name), violation.description);
    }
  }
  if (violations.empty()) return true;
  status::Violations left;
  resource::Validate(message, {.checks = &domain::Checks()}, "", left);
  if (left.empty()) return true;
  LeftOut(path, absl::StrCat(left.all()[0].field, " ", left.all()[0].description));
  return false;
}

}  // namespace mostove::exchange::hsds
