#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/struct.pb.h"
#include "libs/exchange/hsds.h"
#include "libs/exchange/hsds_shapes.h"
#include "libs/exchange/hsds_values.h"
#include "libs/exchange/ids.h"
#include "libs/resource/fields.h"
#include "libs/resource/name.h"
#include "libs/transcoding/json_writer.h"

namespace mostove::exchange {
namespace {

namespace pb = google::protobuf;
using hsds::Form;
using hsds::Member;
using hsds::Shape;
using organizations::v1::Contact;
using organizations::v1::Location;
using organizations::v1::Organization;
using pb::Struct;
using pb::Value;

Value OfText(const std::string& text) {
  Value value;
  value.set_string_value(text);
  return value;
}

Value OfNumber(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}

void Set(const std::string& name, Value value, Struct& object) {
  (*object.mutable_fields())[name] = std::move(value);
}

std::string Join(absl::string_view path, absl::string_view field) {
  return absl::StrCat(path, path.empty() || absl::EndsWith(path, " ") ? "" : ".", field);
}

std::string Item(absl::string_view path, int i) { return absl::StrCat(path, "[", i, "]"); }

bool IsOrUnder(absl::string_view path, absl::string_view of) {
  return absl::StartsWith(path, of) && (path.size() == of.size() || path[of.size()] == '.');
}

// "place.country_code" of a location as its users know it: "place.countryCode".
std::string JsonPath(const pb::Descriptor& descriptor, absl::string_view path) {
  std::string json;
  const pb::Descriptor* at = &descriptor;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const auto* field = at->FindFieldByName(std::string(name));
    json = Join(json, field->json_name());
    at = field->message_type();
  }
  return json;
}

class Writer {
 public:
  Writer(const HsdsOptions& options, const std::string& name, Losses& losses)
      : options_(options), organization_(name), losses_(losses) {}

  Struct WriteOrganization(const Organization& organization) {
    Struct object =
        WriteObject(hsds::OrganizationShape(), organization, Root(), OrganizationUuid());
    WriteContacts(organization, object);
    if (OrganizationUuid() != IdOfOrganization()) {
      Struct own;
      Set("id", OfText(Id(OrganizationUuid(), "own identifier")), own);
      Set("identifier_type", OfText(std::string(hsds::kOwnIdentifierType)), own);
      Set("identifier", OfText(organization_), own);
      Append("organization_identifiers", std::move(own), object);
    }
    return object;
  }

  std::vector<Struct> WriteLocations(const Organization& organization) {
    std::vector<Struct> objects;
    for (int i = 0; i < organization.locations_size(); ++i) {
      const Location& location = organization.locations(i);
      objects.push_back(WriteObject(hsds::LocationShape(), location,
                                    Item(absl::StrCat(Root(), "locations"), i),
                                    LocationUuid(location, OrganizationUuid(), i)));
      Set("organization_id", OfText(OrganizationUuid()), objects.back());
    }
    return objects;
  }

 private:
  std::string Root() const { return absl::StrCat(organization_, ": "); }

  std::string IdOfOrganization() const {
    return organization_.substr(organization_.rfind('/') + 1);
  }

  std::string OrganizationUuid() const {
    const std::string id = IdOfOrganization();
    return resource::IsUuid(id) ? id : NameBasedUuid(absl::StrCat("hsds\n", organization_));
  }

  // HSDS wants an id of every object: always the same for the same place.
  static std::string Id(absl::string_view parent, absl::string_view place) {
    return NameBasedUuid(absl::StrCat("hsds\n", parent, "\n", place));
  }

  static std::string LocationUuid(const Location& location, const std::string& parent, int i) {
    return location.id().empty() ? Id(parent, Item("locations", i)) : location.id();
  }

  void LeftOut(std::string path, absl::string_view why) {
    losses_.push_back({std::move(path), absl::StrCat("is not written: ", why)});
  }

  static void Append(const std::string& name, Struct item, Struct& object) {
    auto* list = (*object.mutable_fields())[name].mutable_list_value();
    *list->add_values()->mutable_struct_value() = std::move(item);
  }

  Struct WriteObject(const Shape& shape, const pb::Message& message, const std::string& path,
                     const std::string& id) {
    Struct object;
    for (const Member& member : shape.members) {
      std::optional<Value> value = WriteMember(member, message, path, id);
      if (!value && member.required) value = Default(member, message);
      if (value) Set(member.name, *std::move(value), object);
    }
    Set("id", OfText(id), object);
    if (absl::string_view(shape.name) == "organization_identifier") {
      Set("identifier_type", object.fields().at("identifier_scheme"), object);
    }
    TellRest(shape, message, path, "", message);
    return object;
  }

  static Value Default(const Member& member, const pb::Message& message) {
    const auto* field = message.GetDescriptor()->FindFieldByName(member.field);
    return OfText(member.form == Form::kEnum ? hsds::EnumText(*field->enum_type()->value(1)) : "");
  }

  std::optional<Value> WriteMember(const Member& member, const pb::Message& message,
                                   const std::string& path, const std::string& id) {
    const auto [at, field] = hsds::FindTarget(message, member.field);
    if (at == nullptr) return std::nullopt;
    const std::string own_path = Join(path, JsonPath(*message.GetDescriptor(), member.field));
    switch (member.form) {
      case Form::kObjects:
        return WriteObjects(member, *at, *field, own_path, id);
      case Form::kLanguages:
        return WriteLanguages(*at, *field, own_path, absl::StrCat(id, "\n", member.name));
      case Form::kTelephone: {
        Struct phone;
        Set("id", OfText(Id(id, "phones[0]")), phone);
        Set("number", OfText(at->GetReflection()->GetString(*at, field)), phone);
        Value list;
        *list.mutable_list_value()->add_values()->mutable_struct_value() = std::move(phone);
        return list;
      }
      case Form::kRecurrence:
        return WriteRulePart(member, at->GetReflection()->GetString(*at, field), own_path);
      case Form::kEnum: {
        const auto* value = at->GetReflection()->GetEnum(*at, field);
        return OfText(hsds::EnumText(*value));
      }
      case Form::kNumber:
        return OfNumber(at->GetReflection()->GetDouble(*at, field));
      default:
        return field->message_type() == nullptr
                   ? WriteText(member, at->GetReflection()->GetString(*at, field), own_path)
                   : WriteMessage(member, at->GetReflection()->GetMessage(*at, field), own_path);
    }
  }

  std::optional<Value> WriteText(const Member& member, const std::string& text,
                                 const std::string& path) {
    double number = 0;
    switch (member.form) {
      case Form::kNumberAsText:
        if (absl::StartsWith(text, "0") || !absl::SimpleAtod(text, &number)) {
          LeftOut(path, "HSDS has a number there, without leading zeros");
          return std::nullopt;
        }
        return OfNumber(number);
      case Form::kOffset:
        if (const auto offset = hsds::ParseOffset(text)) return OfNumber(*offset);
        return std::nullopt;
      default:
        return OfText(text);
    }
  }

  std::optional<Value> WriteMessage(const Member& member, const pb::Message& message,
                                    const std::string& path) {
    if (member.form == Form::kLocalized) {
      return WriteWords(static_cast<const common::v1::LocalizedText&>(message), path);
    }
    const auto& date = static_cast<const google::type::Date&>(message);
    if (member.form == Form::kYear) {
      if (date.month() != 0) {
        losses_.push_back({path, "is written as its year, which is all that HSDS has", true});
      }
      return OfNumber(date.year());
    }
    const std::string text = hsds::FormatDate(date);
    if (!text.empty()) return OfText(text);
    LeftOut(path, "HSDS has whole dates only");
    return std::nullopt;
  }

  std::optional<Value> WriteWords(const common::v1::LocalizedText& words, const std::string& path) {
    if (words.texts().empty()) return std::nullopt;
    std::map<std::string, std::string> texts(words.texts().begin(), words.texts().end());
    auto chosen = texts.find(options_.language);
    if (chosen == texts.end()) chosen = texts.find(words.source_language());
    if (chosen == texts.end()) chosen = texts.begin();
    for (const auto& [tag, text] : texts) {
      if (tag != chosen->first) {
        LeftOut(absl::StrCat(path, ".texts.", tag), "HSDS has one language");
      }
    }
    return OfText(chosen->second);
  }

  std::optional<Value> WriteObjects(const Member& member, const pb::Message& message,
                                    const pb::FieldDescriptor& field, const std::string& path,
                                    const std::string& id) {
    Value list;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
      const auto& item = message.GetReflection()->GetRepeatedMessage(message, &field, i);
      const auto* location = dynamic_cast<const Location*>(&item);
      const std::string item_id =
          location != nullptr ? LocationUuid(*location, id, i) : Id(id, Item(member.name, i));
      *list.mutable_list_value()->add_values()->mutable_struct_value() =
          WriteObject(*member.shape, item, Item(path, i), item_id);
    }
    return list;
  }

  Value WriteLanguages(const pb::Message& message, const pb::FieldDescriptor& field,
                       const std::string& path, const std::string& id) {
    Value list;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
      const std::string tag = message.GetReflection()->GetRepeatedString(message, &field, i);
      const std::string code = tag.substr(0, tag.find('-'));
      if (code != tag) {
        losses_.push_back({Item(path, i),
                           absl::StrCat("is written as ", code, ": HSDS has languages alone"),
                           true});
      }
      Struct language;
      Set("id", OfText(Id(id, Item("languages", i))), language);
      Set("code", OfText(code), language);
      if (const std::string name = hsds::LanguageName(code); !name.empty()) {
        Set("name", OfText(name), language);
      }
      *list.mutable_list_value()->add_values()->mutable_struct_value() = std::move(language);
    }
    return list;
  }

  // The part of the rule that is this member's. What no member takes is told
  // with freq, which every rule has.
  std::optional<Value> WriteRulePart(const Member& member, const std::string& rule,
                                     const std::string& path) {
    static const auto& keys =
        *new std::vector<std::string>{"FREQ",     "UNTIL",      "COUNT",     "INTERVAL", "BYDAY",
                                      "BYWEEKNO", "BYMONTHDAY", "BYYEARDAY", "WKST"};
    const std::string wanted = absl::AsciiStrToUpper(member.name);
    std::optional<Value> value;
    for (const absl::string_view part : absl::StrSplit(rule, ';')) {
      const std::pair<std::string, std::string> pair =
          absl::StrSplit(part, absl::MaxSplits('=', 1));
      const bool known = std::find(keys.begin(), keys.end(), pair.first) != keys.end();
      if (!known && wanted == "FREQ") LeftOut(path, absl::StrCat("HSDS has no ", pair.first));
      if (pair.first != wanted) continue;
      const std::string text = hsds::FromRulePart(wanted, pair.second);
      double number = 0;
      const bool is_number = wanted == "COUNT" || wanted == "INTERVAL";
      if (text.empty() || (is_number && !absl::SimpleAtod(text, &number))) {
        LeftOut(path, absl::StrCat("HSDS cannot write its ", wanted));
      } else {
        value = is_number ? OfNumber(number) : OfText(text);
      }
    }
    return value;
  }

  void WriteContacts(const Organization& organization, Struct& object) {
    const std::string uuid = OrganizationUuid();
    for (int i = 0; i < organization.contacts_size(); ++i) {
      const Contact& contact = organization.contacts(i);
      const bool nameless = contact.title().empty() && contact.role().empty();
      if (nameless && contact.phone().empty() && !object.fields().contains("email")) {
        Set("email", OfText(contact.email()), object);
      } else if (nameless && contact.email().empty()) {
        Struct phone;
        Set("id", OfText(Id(uuid, Item("phones", i))), phone);
        Set("number", OfText(contact.phone()), phone);
        Append("phones", std::move(phone), object);
      } else {
        Append("contacts",
               WriteObject(hsds::ContactShape(), contact, Item(absl::StrCat(Root(), "contacts"), i),
                           Id(uuid, Item("contacts", i))),
               object);
      }
    }
  }

  // Tells the fields that no member took. `path` of the message of the shape,
  // `below` the way from there to `message`.
  void TellRest(const Shape& shape, const pb::Message& root, const std::string& path,
                const std::string& below, const pb::Message& message) {
    std::vector<const pb::FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const pb::FieldDescriptor* field : fields) {
      const std::string at = Join(below, field->name());
      bool taken = Passed(root, at);
      bool partly = false;
      for (const Member& member : shape.members) {
        taken |= at == member.field;
        partly |= IsOrUnder(member.field, at) && at != member.field;
      }
      if (taken) continue;
      const std::string json = Join(path, JsonPath(*root.GetDescriptor(), at));
      if (!partly) {
        LeftOut(json, "HSDS has no place for it");
      } else if (!field->is_repeated()) {
        TellRest(shape, root, path, at, message.GetReflection()->GetMessage(message, field));
      } else {
        for (int i = 1; i < message.GetReflection()->FieldSize(message, field); ++i) {
          LeftOut(Item(json, i), "HSDS has one");
        }
      }
    }
  }

  // Fields that are written elsewhere, or say nothing to others.
  static bool Passed(const pb::Message& root, const std::string& at) {
    if (const auto* location = dynamic_cast<const Location*>(&root)) {
      if (at == "place.country_code") {
        return std::any_of(location->addresses().begin(), location->addresses().end(),
                           [&](const auto& address) {
                             return address.country_code() == location->place().country_code();
                           });
      }
      return false;
    }
    if (dynamic_cast<const Organization*>(&root) == nullptr) return false;
    const auto* field = root.GetDescriptor()->FindFieldByName(at);
    return at == "contacts" || at == "etag" || (field != nullptr && resource::IsSystemField(field));
  }

  const HsdsOptions& options_;
  const std::string organization_;  // its name
  Losses& losses_;
};

std::string ToJson(const Struct& object) {
  std::string json;
  transcoding::WriteJson(object, json);
  return json;
}

}  // namespace

std::string WriteHsdsOrganization(const Organization& organization, const HsdsOptions& options,
                                  Losses& losses) {
  return ToJson(Writer(options, organization.name(), losses).WriteOrganization(organization));
}

std::vector<std::string> WriteHsdsLocations(const Organization& organization,
                                            const HsdsOptions& options, Losses& losses) {
  std::vector<std::string> locations;
  for (const Struct& location :
       Writer(options, organization.name(), losses).WriteLocations(organization)) {
    locations.push_back(ToJson(location));
  }
  return locations;
}

std::string HsdsPage(const std::vector<std::string>& contents) {
  std::string page = absl::StrCat("{\"total_items\":", contents.size(),
                                  ",\"total_pages\":1,\"page_number\":1,\"size\":", contents.size(),
                                  ",\"first_page\":true,\"last_page\":true,\"empty\":",
                                  contents.empty() ? "true" : "false", ",\"contents\":[");
  for (size_t i = 0; i < contents.size(); ++i)
    absl::StrAppend(&page, i > 0 ? "," : "", contents[i]);
  return page + "]}";
}

}  // namespace mostove::exchange
