#include "services/cli/hsds_import.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "libs/exchange/hsds.h"
#include "libs/status/macros.h"

namespace mostove::cli {
namespace {

using organizations::v1::Organization;

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
    Keep(row, name, std::move(message), false);
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
    if (is_new) Keep(row, name, std::make_unique<Organization>(), true);
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

  void Keep(int64_t row, const std::string& name, std::unique_ptr<Organization> message,
            bool joins_lists) {
    KeepWhatClientsSet(*message);
    set_.records.push_back({row, &type_, name, std::move(message), joins_lists});
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
