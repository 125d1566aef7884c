#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/domain/localized_text.h"
#include "libs/exchange/hsds.h"
#include "libs/exchange/hsds_object_reader.h"
#include "libs/exchange/hsds_shapes.h"
#include "libs/exchange/ids.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/transcoding/json_reader.h"

namespace mostove::exchange {
namespace {

namespace pb = google::protobuf;
using hsds::Find;
using hsds::Item;
using hsds::Join;
using hsds::Text;
using organizations::v1::Contact;
using organizations::v1::Organization;
using pb::ListValue;
using pb::Struct;
using pb::Value;
using pb::util::MessageDifferencer;

// What an organization and a location have beyond their shapes.
class Reader {
 public:
  explicit Reader(hsds::ObjectReader& objects) : objects_(objects) {}

  Organization ReadOrganization(const Struct& object, const std::string& path) {
    Organization organization;
    ReadName(object, path, organization);
    Struct rest = object;
    TakeOwnIdentifier(rest);
    for (const char* name : {"id", "email", "phones", "contacts"})
      rest.mutable_fields()->erase(name);
    ReadContacts(object, path, organization);
    // What is missing for good is for the server to tell.
    (void)objects_.ReadObject(hsds::OrganizationShape(), rest, path, organization);
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
    (void)objects_.ReadObject(hsds::LocationShape(), rest, path, result.location);
    hsds::TakeCountry(result.location);
    return result;
  }

 private:
  static bool IsOrganizationName(absl::string_view name) {
    return resource::MatchesName(*resource::TypeOf(Organization::descriptor()), name);
  }

  // The name under which an id of somebody else stands here.
  static std::string NameOfId(const std::string& id) {
    std::string lower = absl::StrCat("organizations/", absl::AsciiStrToLower(id));
    if (IsOrganizationName(lower)) return lower;
    return absl::StrCat("organizations/", NameBasedUuid(absl::StrCat("hsds organization\n", id)));
  }

  void ReadName(const Struct& object, const std::string& path, Organization& organization) {
    const std::string id = Text(object, "id");
    organization.set_name(OwnName(object));
    if (organization.name().empty() && !id.empty()) {
      organization.set_name(NameOfId(id));
      if (organization.name() != absl::StrCat("organizations/", id)) {
        objects_.Changed(Join(path, "id"), absl::StrCat("is written as ", organization.name()));
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
      objects_.ReadText({"email", "email"}, *email, Join(path, "email"), contact);
      if (objects_.Clean(hsds::ContactShape(), object, path, contact)) {
        Add(contact, Join(path, "email"), *organization.mutable_contacts());
      }
    }
    if (const Value* phones = Find(object, "phones")) {
      const std::string list = Join(path, "phones");
      for (int i = 0, size = objects_.List(*phones, list).values_size(); i < size; ++i) {
        Contact contact;
        objects_.ReadTelephone(phones->list_value().values(i), Item(list, i), contact);
        Add(contact, Item(list, i), *organization.mutable_contacts());
      }
    }
    const Value* contacts = Find(object, "contacts");
    if (contacts == nullptr) return;
    const std::string list = Join(path, "contacts");
    for (int i = 0, size = objects_.List(*contacts, list).values_size(); i < size; ++i) {
      Contact contact;
      const Struct& one = objects_.Object(contacts->list_value().values(i), Item(list, i));
      if (objects_.ReadObject(hsds::ContactShape(), one, Item(list, i), contact)) {
        Add(contact, Item(list, i), *organization.mutable_contacts());
      }
    }
  }

  void Add(const Contact& contact, const std::string& path,
           pb::RepeatedPtrField<Contact>& contacts) {
    if (contact.ByteSizeLong() == 0) return;  // told already, value by value
    const auto* field =
        Organization::descriptor()->FindFieldByNumber(Organization::kContactsFieldNumber);
    if (hsds::IsFull(*field, contacts.size()))
      return objects_.LeftOut(path, "there are too many contacts");
    *contacts.Add() = contact;
  }

  hsds::ObjectReader& objects_;
};

bool IsLocation(const Struct& object) { return object.fields().contains("location_type"); }

bool IsService(const Struct& object) {
  return object.fields().contains("status") || object.fields().contains("service_at_locations");
}

// The values of a file that should be objects, with their paths.
std::vector<std::pair<const Value*, std::string>> Entries(const Value& document) {
  std::vector<std::pair<const Value*, std::string>> entries;
  const auto add = [&](const ListValue& list, absl::string_view path) {
    for (int i = 0; i < list.values_size(); ++i) {
      entries.emplace_back(&list.values(i), Item(path, i));
    }
  };
  const auto& top = document.struct_value().fields();
  if (document.has_list_value()) {
    add(document.list_value(), "");
  } else if (const auto contents = top.find("contents"); contents != top.end()) {
    add(contents->second.list_value(), "contents");
  } else {
    entries.emplace_back(&document, "");
  }
  return entries;
}

// What a page says beside its contents counts only where it speaks of others.
void TellPage(const Struct& page, hsds::ObjectReader& reader) {
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
  if (document.struct_value().fields().contains("contents")) return true;
  const auto entries = Entries(document);
  if (entries.empty()) return false;
  const Struct& first = entries[0].first->struct_value();
  return Find(first, "id") != nullptr && (IsLocation(first) || Find(first, "name") != nullptr);
}

absl::StatusOr<HsdsFile> ReadHsds(absl::string_view json, const HsdsOptions& options) {
  if (!domain::IsLanguageTag(options.language)) {
    return absl::InvalidArgumentError("the language has to be a tag of BCP 47 such as bg or uk");
  }
  Value document;
  RETURN_IF_ERROR(transcoding::ReadJson(json, document));
  HsdsFile file;
  hsds::ObjectReader objects(options, file.losses);
  Reader reader(objects);
  TellPage(document.struct_value(), objects);
  for (const auto& [entry, path] : Entries(document)) {
    const Struct& object = entry->struct_value();
    if (IsLocation(object)) {
      file.locations.push_back(reader.ReadOneLocation(object, path));
    } else if (IsService(object) || Find(object, "name") == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(path.empty() ? "the document" : path,
                       " is neither an organization nor a location of HSDS 3.0; services and "
                       "taxonomies have no place here"));
    } else {
      file.organizations.push_back({reader.ReadOrganization(object, path), path});
    }
  }
  return file;
}

}  // namespace mostove::exchange
