#include "libs/domain/place.h"

#include <unicode/uloc.h>

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/domain/oblasts.h"
#include "libs/domain/path.h"

namespace mostove::domain {
namespace {

using common::v1::Area;

absl::flat_hash_set<std::string> LoadCountryCodes() {
  absl::flat_hash_set<std::string> codes;
  for (const char* const* code = uloc_getISOCountries(); *code != nullptr; ++code) {
    codes.insert(*code);
  }
  // ICU lists these too; ISO 3166-1 only keeps them from other use.
  for (const char* reserved : {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}) codes.erase(reserved);
  return codes;
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool AllAlphanumeric(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isupper(c) || absl::ascii_isdigit(c); });
}

// NUTS has letters of its own for Greece and the United Kingdom.
absl::string_view CountryOfNuts(absl::string_view prefix) {
  if (prefix == "EL") return "GR";
  if (prefix == "UK") return "GB";
  return prefix;
}

// The country that a code says it is in; empty where the list does not tell.
absl::string_view CountryOf(const Area& area) {
  const absl::string_view code = area.code();
  switch (area.scheme()) {
    case Area::ISO3166_2:
      return code.substr(0, 2);
    case Area::NUTS:
      return CountryOfNuts(code.substr(0, 2));
    case Area::BG_NSI:
    case Area::EKATTE:
      return "BG";
    default:
      return {};
  }
}

bool IsIso3166_2(absl::string_view code) {
  if (absl::StartsWith(code, "BG-")) return FindOblastByIso(code) != nullptr;
  return code.size() >= 4 && code.size() <= 6 && code[2] == '-' &&
         IsCountryCode(code.substr(0, 2)) && AllAlphanumeric(code.substr(3));
}

bool IsNuts(absl::string_view code) {
  if (code.size() < 2 || code.size() > 5 || !AllAlphanumeric(code)) return false;
  if (!IsCountryCode(CountryOfNuts(code.substr(0, 2)))) return false;
  // Every Bulgarian region is the beginning of an oblast's code.
  return !absl::StartsWith(code, "BG") ||
         std::any_of(Oblasts().begin(), Oblasts().end(),
                     [&](const Oblast& oblast) { return absl::StartsWith(oblast.nuts, code); });
}

// What the code has to be; empty where it is that.
absl::string_view WrongCode(const Area& area) {
  const absl::string_view code = area.code();
  switch (area.scheme()) {
    case Area::ISO3166_2:
      if (IsIso3166_2(code)) return {};
      return "has to be an ISO 3166-2 code such as BG-22; the oblasts of Bulgaria are BG-01 to "
             "BG-28";
    case Area::BG_NSI:
      if (code.size() == 5 && FindOblastByNsi(code.substr(0, 3)) && AllDigits(code.substr(3))) {
        return {};
      }
      return "has to be a municipality's code: the oblast's three letters and two digits, such as "
             "SOF46";
    case Area::EKATTE:
      if (code.size() == 5 && AllDigits(code)) return {};
      return "has to be an EKATTE code of five digits such as 68134";
    case Area::NUTS:
      if (IsNuts(code)) return {};
      return "has to be a NUTS code such as BG411";
    default:
      return {};
  }
}

}  // namespace

bool IsCountryCode(absl::string_view code) {
  static const auto* const codes = new absl::flat_hash_set<std::string>(LoadCountryCodes());
  return codes->contains(code);
}

void CheckPlace(const common::v1::Place& place, absl::string_view path,
                status::Violations& violations) {
  const std::string& country = place.country_code();
  if (!country.empty() && !IsCountryCode(country)) {
    violations.Add(Join(path, "country_code"), "COUNTRY_CODE",
                   "is no country's code in ISO 3166-1; Bulgaria is BG, Ukraine UA");
    return;
  }
  if (!country.empty() && !place.country_name().empty()) {
    violations.Add(Join(path, "country_name"), "COUNTRY_TWICE",
                   "is for what has no code; give it or country_code, not both");
  }
  const absl::string_view area_country = CountryOf(place.area());
  if (!country.empty() && !place.area().code().empty() && !area_country.empty() &&
      area_country != country) {
    violations.Add(Join(path, "area.code"), "AREA_COUNTRY",
                   "is of another country than country_code");
  }
}

void CheckArea(const Area& area, absl::string_view path, status::Violations& violations) {
  const bool has_scheme = area.scheme() != Area::SCHEME_UNSPECIFIED;
  if (area.code().empty()) {
    if (has_scheme) {
      violations.Add(Join(path, "code"), "REQUIRED",
                     "has to be given with a scheme; a stated name alone needs none");
    } else if (absl::StripAsciiWhitespace(area.name()).empty()) {
      violations.Add(path, "REQUIRED", "needs a code with its scheme, or a name");
    }
    return;
  }
  if (!has_scheme) {
    violations.Add(Join(path, "scheme"), "REQUIRED",
                   "has to name the list that the code is from, such as ISO3166_2");
    return;
  }
  if (const absl::string_view wrong = WrongCode(area); !wrong.empty()) {
    violations.Add(Join(path, "code"), "AREA_CODE", wrong);
  }
}

}  // namespace mostove::domain
