#include "services/cli/three_w_export.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "libs/exchange/countries.h"
#include "libs/exchange/csv.h"
#include "libs/status/macros.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/cli/json.h"

namespace mostove::cli {
namespace {

using organizations::v1::Activity;
using organizations::v1::Organization;

std::string Value(const google::protobuf::Message& message, absl::string_view path) {
  const auto field = FieldPath::Parse(*message.GetDescriptor(), path);
  if (!field.ok()) return "";
  const std::vector<std::string> texts = field->Get(message);
  return texts.empty() ? "" : texts[0];
}

// Country, country code, area, area code, latitude, longitude.
void AppendPlace(const common::v1::Place& place, std::vector<std::string>& cells) {
  cells.push_back(place.country_name().empty() ? exchange::CountryName(place.country_code())
                                               : place.country_name());
  cells.push_back(place.country_code());
  cells.push_back(place.area().name());
  cells.push_back(place.area().code());
  cells.push_back(Value(place, "point.latitude"));
  cells.push_back(Value(place, "point.longitude"));
}

std::string OrganizationTable(const Messages& messages) {
  std::string out;
  exchange::AppendCsvRow({"Organization", "Id", "Kind", "Country", "Country code", "Area",
                          "Area code", "Latitude", "Longitude"},
                         out);
  exchange::AppendCsvRow({"#org+name", "#org+id", "#org+type", "#country+name", "#country+code",
                          "#adm1+name", "#adm1+code", "#geo+lat", "#geo+lon"},
                         out);
  for (const auto& message : messages) {
    const auto& organization = static_cast<const Organization&>(*message);
    std::vector<std::string> cells = {organization.legal_name(), IdOf(organization.name()),
                                      Value(organization, "kind")};
    AppendPlace(organization.seat(), cells);
    exchange::AppendCsvRow(cells, out);
  }
  return out;
}

// By name of the resource; what cannot be seen keeps its id as its name.
absl::StatusOr<std::map<std::string, std::string>> OrganizationNames(const Messages& messages,
                                                                     const Catalog& catalog,
                                                                     Api& api) {
  std::map<std::string, std::string> names;
  for (const auto& message : messages) {
    const std::string parent = ParentOf(static_cast<const Activity&>(*message).name());
    const auto [entry, is_new] = names.try_emplace(parent, IdOf(parent));
    if (!is_new) continue;
    ASSIGN_OR_RETURN(const ResourceType* type, catalog.FindByName(parent));
    const auto answer = api.Get(*type, parent);
    if (answer.ok()) {
      entry->second = StringMember(*answer, "legalName");
    } else if (!absl::IsNotFound(answer.status())) {
      return answer.status();
    }
  }
  return names;
}

}  // namespace

absl::StatusOr<std::string> ThreeWTable(const ResourceType& type, const Messages& messages,
                                        const Catalog& catalog, Api& api) {
  if (type.descriptor == Organization::descriptor()) return OrganizationTable(messages);
  if (type.descriptor != Activity::descriptor()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "hxl is for organizations and activities; export ", type.plural, " as jsonl or csv"));
  }
  ASSIGN_OR_RETURN(const auto names, OrganizationNames(messages, catalog, api));
  std::string out;
  exchange::AppendCsvRow(
      {"Organization", "Country", "Country code", "Area", "Area code", "Latitude", "Longitude",
       "Sector", "Sector code", "From", "Until", "Source"},
      out);
  exchange::AppendCsvRow(
      {"#org+name", "#country+name", "#country+code", "#adm1+name", "#adm1+code", "#geo+lat",
       "#geo+lon", "#sector+name", "#sector+code", "#date+start", "#date+end", "#meta+source"},
      out);
  for (const auto& message : messages) {
    const auto& activity = static_cast<const Activity&>(*message);
    std::vector<std::string> cells = {names.at(ParentOf(activity.name()))};
    AppendPlace(activity.place(), cells);
    cells.insert(cells.end(),
                 {activity.sector().label(), activity.sector().code(), Value(activity, "startDate"),
                  Value(activity, "endDate"), activity.source()});
    exchange::AppendCsvRow(cells, out);
  }
  return out;
}

}  // namespace mostove::cli
