#include "services/cli/hsds_import.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/exchange/hsds.h"
#include "libs/status/macros.h"

namespace mostove::cli {
namespace {

using google::protobuf::Message;
using organizations::v1::Contact;
using organizations::v1::Location;
using organizations::v1::Organization;

// Locations of the file take the place of those with the same id; the others
// stay.
void JoinLocations(const Message& present, Message& message) {
  auto& wanted = *static_cast<Organization&>(message).mutable_locations();
  google::protobuf::RepeatedPtrField<Location> joined =
      static_cast<const Organization&>(present).locations();
  for (const Location& location : wanted) {
    const auto same = std::find_if(joined.begin(), joined.end(), [&](const Location& other) {
      return other.id() == location.id();
    });
    *(same == joined.end() ? joined.Add() : &*same) = location;
  }
  wanted.Swap(&joined);
}

// HSDS has three members for what are contacts here, and a list of organizations
// gives but one of them.
enum class ContactKind { kEmail, kTelephone, kPerson };

ContactKind KindOf(const Contact& contact) {
  if (!contact.title().empty() || !contact.role().empty()) return ContactKind::kPerson;
  if (contact.phone().empty()) return ContactKind::kEmail;
  return contact.email().empty() ? ContactKind::kTelephone : ContactKind::kPerson;
}

// Contacts of a kind that the file does not give stay as they are.
void JoinContacts(const Message& present, Message& message) {
  auto& wanted = *static_cast<Organization&>(message).mutable_contacts();
  const auto& there = static_cast<const Organization&>(present).contacts();
  std::set<ContactKind> given;
  for (const Contact& contact : wanted) given.insert(KindOf(contact));
  for (const Contact& contact : there) {
    if (!given.empty() && !given.count(KindOf(contact))) *wanted.Add() = contact;
  }
  const auto in_order = [](const auto& contacts) {
    std::multiset<std::string> texts;
    for (const Contact& contact : contacts) texts.insert(contact.SerializeAsString());
    return texts;
  };
  // Another order is no difference.
  if (in_order(wanted) == in_order(there)) wanted = there;
}

class RecordMaker {
 public:
  RecordMaker(const ResourceType& type, const Organization& given, RecordSet& set)
      : type_(type), given_(given), set_(set) {}

  void Add(exchange::HsdsOrganization& read) {
    const int64_t row = ++row_;
    const std::string name = read.organization.name();
    if (name.empty()) {
      set_.refusals.push_back(
          {row, "", "id", "is needed: by it a second import finds the organization again"});
      return;
    }
    if (!IsNew(row, name)) return;
    auto message = std::make_unique<Organization>(given_);
    message->MergeFrom(read.organization);
    message->clear_name();
    Keep(row, name, std::move(message)).complete = JoinContacts;
  }

  void Add(exchange::HsdsLocation& read, const std::string& into) {
    const int64_t row = ++row_;
    const std::string& name = into.empty() ? read.organization : into;
    if (name.empty()) {
      set_.refusals.push_back(
          {row, "", "organization_id",
           "is not there; --into organizations/NAME says whose location it is"});
      return;
    }
    if (read.location.id().empty()) {
      set_.refusals.push_back(
          {row, name, "id", "must be a UUID: by it a second import finds the location again"});
      return;
    }
    auto [record, is_new] = locations_.try_emplace(name, set_.records.size());
    if (is_new) {
      Record& part = Keep(row, name, std::make_unique<Organization>());
      part.complete = JoinLocations;
      part.is_part = true;
    }
    auto& holder = static_cast<Organization&>(*set_.records[record->second].message);
    *holder.add_locations() = read.location;
  }

 private:
  bool IsNew(int64_t row, const std::string& name) {
    const auto [earlier, is_new] = rows_by_name_.try_emplace(name, row);
    if (!is_new) {
      set_.refusals.push_back(
          {row, name, "id", absl::StrCat("row ", earlier->second, " has the same id")});
    }
    return is_new;
  }

  Record& Keep(int64_t row, const std::string& name, std::unique_ptr<Organization> message) {
    KeepWhatClientsSet(*message);
    set_.records.push_back({row, &type_, name, std::move(message)});
    return set_.records.back();
  }

  const ResourceType& type_;
  const Organization& given_;
  RecordSet& set_;
  int64_t row_ = 0;
  std::map<std::string, int64_t> rows_by_name_;
  std::map<std::string, size_t> locations_;  // record by organization
};

}  // namespace

absl::StatusOr<RecordSet> ReadHsdsRecords(absl::string_view text, const Catalog& catalog,
                                          const HsdsImportOptions& options) {
  ASSIGN_OR_RETURN(const ResourceType* type,
                   catalog.FindType("organizations.mostove.bg/Organization"));
  if (!options.into.empty() && !type->MatchesName(options.into)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--into '", options.into, "': write organizations/NAME"));
  }
  Organization given;
  RETURN_IF_ERROR(SetConstants(options.constants, {{"organization", &given}}));
  exchange::HsdsOptions read;
  if (!options.language.empty()) read.language = options.language;
  ASSIGN_OR_RETURN(exchange::HsdsFile file, exchange::ReadHsds(text, read));

  RecordSet set;
  RecordMaker maker(*type, given, set);
  for (exchange::HsdsOrganization& organization : file.organizations) maker.Add(organization);
  for (exchange::HsdsLocation& location : file.locations) maker.Add(location, options.into);
  set.losses = std::move(file.losses);
  if (options.language.empty()) {
    set.notes.push_back(
        "texts are taken as of no particular language (und); --language says which they are in");
  }
  return set;
}

}  // namespace mostove::cli
