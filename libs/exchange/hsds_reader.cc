#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/domain/checks.h"
#include "libs/domain/localized_text.h"
#include "libs/domain/place.h"
#include "libs/domain/web_address.h"
#include "libs/exchange/hsds.h"
#include "libs/exchange/hsds_shapes.h"
#include "libs/exchange/hsds_values.h"
#include "libs/exchange/ids.h"
#include "libs/resource/name.h"
#include "libs/resource/validate.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/transcoding/json_reader.h"
#include "re2/re2.h"

namespace mostove::exchange {
namespace {

namespace pb = google::protobuf;
using hsds::Form;
using hsds::Member;
using hsds::Shape;
using organizations::v1::Contact;
using organizations::v1::Location;
using organizations::v1::Organization;
using pb::ListValue;
using pb::Struct;
using pb::Value;
using pb::util::MessageDifferencer;

std::string Join(absl::string_view path, absl::string_view member) {
  return absl::StrCat(path, path.empty() ? "" : ".", member);
}

std::string Item(absl::string_view path, int i) { return absl::StrCat(path, "[", i, "]"); }

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

const Value* Find(const Struct& object, const std::string& name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() || SaysNothing(found->second) ? nullptr : &found->second;
}

std::string Text(const Struct& object, const std::string& name) {
  const Value* value = Find(object, name);
  return value == nullptr ? "" : value->string_value();
}

bool IsPrefix(absl::string_view path, absl::string_view of) {
  return path == of || (absl::StartsWith(of, path) && of[path.size()] == '.');
}

class Reader {
 public:
  Reader(const HsdsOptions& options, Losses& losses) : options_(options), losses_(losses) {}

  Organization ReadOrganization(const Struct& object, const std::string& path) {
    Organization organization;
    ReadName(object, path, organization);
    Struct rest = object;
    TakeOwnIdentifier(rest);
    for (const char* name : {"id", "email", "phones", "contacts"})
      rest.mutable_fields()->erase(name);
    ReadContacts(object, path, organization);
    // What is missing for good is for the server to tell.
    (void)ReadObject(hsds::OrganizationShape(), rest, path, organization);
    return organization;
  }

  HsdsLocation ReadOneLocation(const Struct& object, const std::string& path) {
    HsdsLocation result;
    result.path = path;
    Struct rest = object;
    if (const std::string id = Text(object, "organization_id"); !id.empty()) {
      result.organization = NameOfId(id);
      rest.mutable_fields()->erase("organization_id");
    }
    (void)ReadObject(hsds::LocationShape(), rest, path, result.location);
    TakeCountry(result.location);
    return result;
  }

  void LeftOut(std::string path, absl::string_view why) {
    losses_.push_back({std::move(path), absl::StrCat("is not kept: ", why)});
  }

 private:
  void Changed(std::string path, absl::string_view how) {
    losses_.push_back({std::move(path), std::string(how), true});
  }

  // The list or object that a value is; an empty one for anything else.
  const ListValue& List(const Value& value, const std::string& path) {
    if (!value.has_list_value()) LeftOut(path, "must be a list");
    return value.list_value();
  }

  const Struct& Object(const Value& value, const std::string& path) {
    if (!value.has_struct_value() && !SaysNothing(value)) LeftOut(path, "must be an object");
    return value.struct_value();
  }

  static bool IsOrganizationName(absl::string_view name) {
    return resource::MatchesName(*resource::TypeOf(Organization::descriptor()), name);
  }

  // The name under which an id of somebody else stands here.
  static std::string NameOfId(const std::string& id) {
    const std::string lower = absl::StrCat("organizations/", absl::AsciiStrToLower(id));
    if (IsOrganizationName(lower)) return lower;
    return absl::StrCat("organizations/", NameBasedUuid(absl::StrCat("hsds organization\n", id)));
  }

  void ReadName(const Struct& object, const std::string& path, Organization& organization) {
    const std::string id = Text(object, "id");
    organization.set_name(OwnName(object));
    if (organization.name().empty() && !id.empty()) {
      organization.set_name(NameOfId(id));
      if (organization.name() != absl::StrCat("organizations/", id)) {
        Changed(Join(path, "id"), absl::StrCat("is written as ", organization.name()));
      }
    }
  }

  static bool IsOwn(const Value& identifier) {
    const Struct& object = identifier.struct_value();
    return Text(object, "identifier_type") == hsds::kOwnIdentifierType &&
           IsOrganizationName(Text(object, "identifier"));
  }

  static std::string OwnName(const Struct& object) {
    const Value* identifiers = Find(object, "organization_identifiers");
    if (identifiers == nullptr) return "";
    for (const Value& one : identifiers->list_value().values()) {
      if (IsOwn(one)) return Text(one.struct_value(), "identifier");
    }
    return "";
  }

  static void TakeOwnIdentifier(Struct& object) {
    const auto found = object.mutable_fields()->find("organization_identifiers");
    if (found == object.mutable_fields()->end() || !found->second.has_list_value()) return;
    auto* values = found->second.mutable_list_value()->mutable_values();
    values->erase(std::remove_if(values->begin(), values->end(), IsOwn), values->end());
  }

  // E-mail address and telephones of the organization itself become contacts
  // without a name.
  void ReadContacts(const Struct& object, const std::string& path, Organization& organization) {
    if (const Value* email = Find(object, "email")) {
      Contact contact;
      ReadText({"email", "email"}, *email, Join(path, "email"), contact);
      if (Clean(hsds::ContactShape(), object, path, contact)) {
        Add(contact, Join(path, "email"), *organization.mutable_contacts());
      }
    }
    if (const Value* phones = Find(object, "phones")) {
      const std::string list = Join(path, "phones");
      for (int i = 0, size = List(*phones, list).values_size(); i < size; ++i) {
        Contact contact;
        ReadTelephone(phones->list_value().values(i), Item(list, i), contact);
        Add(contact, Item(list, i), *organization.mutable_contacts());
      }
    }
    const Value* contacts = Find(object, "contacts");
    if (contacts == nullptr) return;
    const std::string list = Join(path, "contacts");
    for (int i = 0, size = List(*contacts, list).values_size(); i < size; ++i) {
      Contact contact;
      const Struct& one = Object(contacts->list_value().values(i), Item(list, i));
      if (ReadObject(hsds::ContactShape(), one, Item(list, i), contact)) {
        Add(contact, Item(list, i), *organization.mutable_contacts());
      }
    }
  }

  void Add(const Contact& contact, const std::string& path,
           pb::RepeatedPtrField<Contact>& contacts) {
    if (contact.ByteSizeLong() == 0) return;  // told already, value by value
    const auto* field =
        Organization::descriptor()->FindFieldByNumber(Organization::kContactsFieldNumber);
    if (IsFull(*field, contacts.size())) return LeftOut(path, "there are too many contacts");
    *contacts.Add() = contact;
  }

  static bool IsFull(const pb::FieldDescriptor& field, int size) {
    const auto limit = field.options().GetExtension(resource::v1::limits).max_items();
    return limit > 0 && size >= static_cast<int>(limit);
  }

  // Where an address says the country, the place is in it.
  static void TakeCountry(Location& location) {
    if (!location.place().country_code().empty()) return;
    for (const auto& address : location.addresses()) {
      if (address.country_code().empty() || address.kind() == Location::POSTAL) continue;
      location.mutable_place()->set_country_code(address.country_code());
      return;
    }
  }

  // False when what is left lacks something that it cannot be without.
  bool ReadObject(const Shape& shape, const Struct& object, const std::string& path,
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

  void TellUnknown(const Struct& object, const std::set<std::string>& known,
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

  void ReadMember(const Member& member, const Value& value, const std::string& path,
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
        return ReadLanguages(value, path, hsds::MakeTarget(message, member.field));
      case Form::kTelephone:
        for (int i = 0, size = List(value, path).values_size(); i < size; ++i) {
          ReadTelephone(value.list_value().values(i), Item(path, i),
                        static_cast<Contact&>(message));
        }
        return;
      default:
        return ReadText(member, value, path, message);
    }
  }

  void ReadNumber(const Member& member, const Value& value, const std::string& path,
                  pb::Message& message) {
    if (!value.has_number_value()) {
      // Some write numbers as texts.
      Value number;
      double parsed = 0;
      if (!absl::SimpleAtod(value.string_value(), &parsed))
        return LeftOut(path, "must be a number");
      number.set_number_value(parsed);
      Changed(path, "is read as a number");
      return ReadNumber(member, number, path, message);
    }
    const double number = value.number_value();
    const bool whole = number == static_cast<double>(static_cast<int64_t>(number));
    std::string text;
    switch (member.form) {
      case Form::kYear: {
        if (!whole || number < 1 || number > 9999) return LeftOut(path, "must be a year");
        const auto [at, field] = hsds::MakeTarget(message, member.field);
        auto* date = at->GetReflection()->MutableMessage(at, field);
        static_cast<google::type::Date*>(date)->set_year(static_cast<int>(number));
        return;
      }
      case Form::kOffset: {
        const auto offset = hsds::FormatOffset(number);
        if (!offset) return LeftOut(path, "must be an offset from UTC in hours");
        text = *offset;
        break;
      }
      case Form::kNumberAsText:
        if (!whole || number < 0) return LeftOut(path, "must be a whole number");
        text = absl::StrCat(static_cast<int64_t>(number));
        break;
      default: {
        const auto [at, field] = hsds::MakeTarget(message, member.field);
        at->GetReflection()->SetDouble(at, field, number);
        return;
      }
    }
    const auto [at, field] = hsds::MakeTarget(message, member.field);
    at->GetReflection()->SetString(at, field, text);
  }

  void ReadText(const Member& member, const Value& value, const std::string& path,
                pb::Message& message) {
    if (!value.has_string_value()) return LeftOut(path, "must be a text");
    std::string text = value.string_value();
    const auto [at, field] = hsds::MakeTarget(message, member.field);
    const pb::Reflection& reflection = *at->GetReflection();
    switch (member.form) {
      case Form::kLocalized: {
        auto* words = reflection.MutableMessage(at, field);
        auto& texts = *static_cast<common::v1::LocalizedText*>(words)->mutable_texts();
        texts[options_.language] = text;
        return;
      }
      case Form::kEnum: {
        const auto* found = hsds::FindEnum(*field->enum_type(), text);
        if (found == nullptr) return LeftOut(path, "there is no such word here");
        if (hsds::EnumText(*found) != text) {
          Changed(path, absl::StrCat("is written as ", hsds::EnumText(*found)));
        }
        return reflection.SetEnum(at, field, found);
      }
      case Form::kDate: {
        const auto date = hsds::ParseDate(text);
        if (!date) return LeftOut(path, "must be a date such as 2026-01-31");
        return reflection.MutableMessage(at, field)->CopyFrom(*date);
      }
      case Form::kCountry:
        absl::AsciiStrToUpper(&text);
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
        break;
      case Form::kTime:
        static const RE2& seconds = *new RE2("([0-9]{2}:[0-9]{2}):00(\\.0*)?");
        RE2::Replace(&text, seconds, "\\1");
        break;
      case Form::kPhoneNumber:
        text = std::string(
            absl::StripAsciiWhitespace(absl::StripPrefix(absl::StripSuffix(text, "\""), "\"")));
        break;
      default:
        break;
    }
    if (text != value.string_value()) Changed(path, "is written in its usual form");
    reflection.SetString(at, field, text);
  }

  void ReadObjects(const Member& member, const Value& value, const std::string& path,
                   pb::Message& message) {
    const auto [at, field] = hsds::MakeTarget(message, member.field);
    const pb::Reflection& reflection = *at->GetReflection();
    for (int i = 0, size = List(value, path).values_size(); i < size; ++i) {
      const std::string item_path = Item(path, i);
      if (IsFull(*field, reflection.FieldSize(*at, field))) {
        LeftOut(item_path, "there are too many");
        continue;
      }
      pb::Message* item = reflection.AddMessage(at, field);
      const bool complete = ReadObject(
          *member.shape, Object(value.list_value().values(i), item_path), item_path, *item);
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

  // Whether the last item is of the same register or has the same id as another.
  static bool StandsTwice(const pb::Message& message, const pb::FieldDescriptor& field) {
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

  void ReadLanguages(const Value& value, const std::string& path, const hsds::Target& target) {
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
          !name.empty() && name != hsds::LanguageName(code)) {
        Changed(Join(item_path, "name"), "is written as the language is called in English");
      }
      if (present.insert(code).second) {
        reflection.AddString(target.message, target.field, code);
      } else {
        LeftOut(Join(item_path, "code"), "the language stands there already");
      }
    }
  }

  // Of one of HSDS's telephones a contact takes the number.
  void ReadTelephone(const Value& value, const std::string& path, Contact& contact) {
    if (!contact.phone().empty()) return LeftOut(path, "a contact has one telephone");
    const Struct& object = Object(value, path);
    Contact read;
    for (const Member& member : hsds::PhoneShape().members) {
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

  void ReadRule(const Shape& shape, const std::map<std::string, std::string>& parts,
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
      const std::string written = hsds::ToRulePart(key, part->second);
      if (hsds::FromRulePart(key, written) != part->second) {
        Changed(Join(path, member.name), "is written in its usual form");
      }
      rule.push_back(absl::StrCat(key, "=", written));
    }
    if (rule.empty()) return;
    const auto [at, field] = hsds::MakeTarget(message, "recurrence_rule");
    at->GetReflection()->SetString(at, field, absl::StrJoin(rule, ";"));
  }

  // Takes out what our fields do not allow, and tells by which members it came.
  bool Clean(const Shape& shape, const Struct& object, const std::string& path,
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
        hsds::ClearTarget(message, inner ? absl::string_view(member.field) : field);
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

  const HsdsOptions& options_;
  Losses& losses_;
};

bool IsLocation(const Struct& object) { return object.fields().contains("location_type"); }

bool IsService(const Struct& object) {
  return object.fields().contains("status") || object.fields().contains("service_at_locations");
}

// The objects of a file with their paths.
std::vector<std::pair<const Struct*, std::string>> Objects(const Value& document) {
  std::vector<std::pair<const Struct*, std::string>> objects;
  const auto add = [&](const ListValue& list, absl::string_view path) {
    for (int i = 0; i < list.values_size(); ++i) {
      if (list.values(i).has_struct_value()) {
        objects.emplace_back(&list.values(i).struct_value(), Item(path, i));
      }
    }
  };
  if (document.has_list_value()) {
    add(document.list_value(), "");
  } else if (const auto contents = document.struct_value().fields().find("contents");
             contents != document.struct_value().fields().end()) {
    add(contents->second.list_value(), "contents");
  } else if (document.has_struct_value()) {
    objects.emplace_back(&document.struct_value(), "");
  }
  return objects;
}

// What a page says beside its contents counts only where it speaks of others.
void TellPage(const Struct& page, Reader& reader) {
  const auto contents = page.fields().find("contents");
  if (contents == page.fields().end()) return;
  Struct whole;
  const std::vector<std::string> items(contents->second.list_value().values_size(), "{}");
  if (!transcoding::ReadJson(HsdsPage(items), whole).ok()) return;
  std::set<std::string> names;
  for (const auto& [name, value] : page.fields()) {
    const auto same = whole.fields().find(name);
    if (name != "contents" &&
        (same == whole.fields().end() || !MessageDifferencer::Equals(value, same->second))) {
      names.insert(name);
    }
  }
  for (const std::string& name : names) {
    reader.LeftOut(name, "it describes the page; what is on other pages is not in this file");
  }
}

}  // namespace

bool LooksLikeHsds(absl::string_view json) {
  Value document;
  if (!transcoding::ReadJson(json, document).ok()) return false;
  const auto& top = document.struct_value().fields();
  if (top.contains("contents")) return true;
  const auto objects = Objects(document);
  if (objects.empty()) return false;
  const Struct& first = *objects[0].first;
  return !Text(first, "id").empty() && (IsLocation(first) || !Text(first, "name").empty());
}

absl::StatusOr<HsdsFile> ReadHsds(absl::string_view json, const HsdsOptions& options) {
  if (!domain::IsLanguageTag(options.language)) {
    return absl::InvalidArgumentError("the language has to be a tag of BCP 47 such as bg or uk");
  }
  Value document;
  RETURN_IF_ERROR(transcoding::ReadJson(json, document));
  HsdsFile file;
  Reader reader(options, file.losses);
  TellPage(document.struct_value(), reader);
  const auto objects = Objects(document);
  for (const auto& [object, path] : objects) {
    if (IsLocation(*object)) {
      file.locations.push_back(reader.ReadOneLocation(*object, path));
    } else if (IsService(*object) || Find(*object, "name") == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(path.empty() ? "the document" : path,
                       " is neither an organization nor a location of HSDS 3.0; services and "
                       "taxonomies have no place here"));
    } else {
      file.organizations.push_back({reader.ReadOrganization(*object, path), path});
    }
  }
  return file;
}

}  // namespace mostove::exchange
