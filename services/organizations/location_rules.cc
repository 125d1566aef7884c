#include "services/organizations/location_rules.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "libs/domain/localized_text.h"
#include "libs/domain/path.h"
#include "libs/domain/place.h"
#include "libs/domain/web_address.h"

namespace mostove::organizations {
namespace {

using domain::Join;

std::string Item(absl::string_view path, absl::string_view list, int i) {
  return Join(path, absl::StrCat(list, "[", i, "]"));
}

void CheckLocation(const v1::Location& location, absl::string_view path,
                   status::Violations& violations) {
  domain::CheckWebAddress(location.url(), Join(path, "url"), violations);
  domain::CheckLanguageTags(location.languages(), Join(path, "languages"), violations);
  for (int i = 0; i < location.phones_size(); ++i) {
    domain::CheckLanguageTags(location.phones(i).languages(),
                              Join(Item(path, "phones", i), "languages"), violations);
  }
  for (int i = 0; i < location.addresses_size(); ++i) {
    const std::string& code = location.addresses(i).country_code();
    if (!code.empty() && !domain::IsCountryCode(code)) {
      violations.Add(Join(Item(path, "addresses", i), "country_code"), "COUNTRY_CODE",
                     "has to be a code of ISO 3166-1 such as BG");
    }
  }
  for (int i = 0; i < location.schedules_size(); ++i) {
    domain::CheckWebAddress(location.schedules(i).url(), Join(Item(path, "schedules", i), "url"),
                            violations);
  }
  for (int i = 0; i < location.accessibility_size(); ++i) {
    domain::CheckWebAddress(location.accessibility(i).url(),
                            Join(Item(path, "accessibility", i), "url"), violations);
  }
}

}  // namespace

void CheckLocations(const google::protobuf::RepeatedPtrField<v1::Location>& locations,
                    absl::string_view path, status::Violations& violations) {
  absl::flat_hash_set<std::string> ids;
  for (int i = 0; i < locations.size(); ++i) {
    const std::string at = absl::StrCat(path, "[", i, "]");
    if (!locations[i].id().empty() && !ids.insert(locations[i].id()).second) {
      violations.Add(Join(at, "id"), "DUPLICATE", "has to stand once in the organization");
    }
    CheckLocation(locations[i], at, violations);
  }
}

}  // namespace mostove::organizations
