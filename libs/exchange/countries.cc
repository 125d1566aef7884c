#include "libs/exchange/countries.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mostove::exchange {
namespace {

// Letters and digits of all scripts in lower case without marks, words parted
// by one space; in names (not in codes of two or three letters) doubled letters
// once.
std::string Fold(const icu::UnicodeString& name) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::UnicodeString decomposed =
      icu::Normalizer2::getNFKDInstance(code)->normalize(name, code);
  icu::UnicodeString folded;
  const bool is_code = name.length() <= 3;
  UChar32 previous = 0;
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    UChar32 c = u_foldCase(decomposed.char32At(i), U_FOLD_CASE_DEFAULT);
    if (u_charType(c) == U_NON_SPACING_MARK || c == '\'' || c == 0x2019 || c == 0x02BC ||
        c == 0x2018 || c == '`' || c == '.') {
      continue;
    }
    if (!u_isalnum(c)) c = ' ';
    if ((c == previous && !is_code) || (c == ' ' && folded.isEmpty())) continue;
    folded.append(c);
    previous = c;
  }
  folded.trim();
  std::string text;
  return folded.toUTF8String(text);
}

std::string Fold(absl::string_view name) {
  return Fold(icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<int32_t>(name.size()))));
}

struct Variant {
  absl::string_view name;
  absl::string_view code;
};

// What ICU does not call them.
constexpr Variant kVariants[] = {
    {"Ivory Coast", "CI"},
    {"Congo (Brazzaville)", "CG"},
    {"Republic of the Congo", "CG"},
    {"Congo, Republic of the", "CG"},
    {"Congo (Kinshasa)", "CD"},
    {"Democratic Republic of the Congo", "CD"},
    {"Congo, Democratic Republic of the", "CD"},
    {"DR Congo", "CD"},
    {"DRC", "CD"},
    {"Syrian Arab Republic", "SY"},
    {"Iran (Islamic Republic of)", "IR"},
    {"Islamic Republic of Iran", "IR"},
    {"Turkey", "TR"},
    {"Türkiye", "TR"},
    {"Republic of Moldova", "MD"},
    {"Moldova, Republic of", "MD"},
    {"Russian Federation", "RU"},
    {"Czech Republic", "CZ"},
    {"Slovak Republic", "SK"},
    {"Macedonia", "MK"},
    {"The former Yugoslav Republic of Macedonia", "MK"},
    {"United Kingdom of Great Britain and Northern Ireland", "GB"},
    {"Great Britain", "GB"},
    {"UK", "GB"},
    {"United States of America", "US"},
    {"USA", "US"},
    {"Viet Nam", "VN"},
    {"Lao People's Democratic Republic", "LA"},
    {"Lao PDR", "LA"},
    {"Republic of Korea", "KR"},
    {"Democratic People's Republic of Korea", "KP"},
    {"Venezuela (Bolivarian Republic of)", "VE"},
    {"Bolivia (Plurinational State of)", "BO"},
    {"United Republic of Tanzania", "TZ"},
    {"Tanzania, United Republic of", "TZ"},
    {"Burma", "MM"},
    {"Swaziland", "SZ"},
    {"Cape Verde", "CV"},
    {"Cabo Verde", "CV"},
    {"East Timor", "TL"},
    {"Palestine", "PS"},
    {"State of Palestine", "PS"},
    {"Occupied Palestinian Territory", "PS"},
    {"oPt", "PS"},
    {"Holland", "NL"},
    {"The Netherlands", "NL"},
    {"The Gambia", "GM"},
    {"Bahamas, The", "BS"},
    {"CAR", "CF"},
    {"UAE", "AE"},
    {"Brunei Darussalam", "BN"},
    {"Micronesia (Federated States of)", "FM"},
    {"Великобритания", "GB"},
    {"САЩ", "US"},
    {"США", "US"},
    {"Чешка република", "CZ"},
};

absl::flat_hash_map<std::string, std::string> MakeIndex() {
  absl::flat_hash_map<std::string, std::string> index;
  const icu::Locale languages[] = {icu::Locale("en"), icu::Locale("fr"), icu::Locale("bg"),
                                   icu::Locale("uk")};
  for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
    const icu::Locale country("", *code);
    index.emplace(Fold(absl::string_view(*code)), *code);
    index.emplace(Fold(absl::string_view(country.getISO3Country())), *code);
    for (const icu::Locale& language : languages) {
      icu::UnicodeString name;
      country.getDisplayCountry(language, name);
      index.emplace(Fold(name), *code);
      // "Saint Lucia" is "St. Lucia" in ICU, "X and Y" is "X & Y".
      icu::UnicodeString spelt = name;
      spelt.findAndReplace("St. ", "Saint ").findAndReplace("&", "and");
      index.emplace(Fold(spelt), *code);
    }
  }
  for (const Variant& variant : kVariants) {
    index[Fold(variant.name)] = std::string(variant.code);
  }
  return index;
}

}  // namespace

std::string CountryCode(absl::string_view name) {
  static const auto& index = *new absl::flat_hash_map<std::string, std::string>(MakeIndex());
  const auto found = index.find(Fold(name));
  return found == index.end() ? "" : found->second;
}

std::string CountryName(absl::string_view code) {
  if (CountryCode(code) != code) return "";
  icu::UnicodeString name;
  icu::Locale("", std::string(code).c_str()).getDisplayCountry(icu::Locale("en"), name);
  std::string text;
  return name.toUTF8String(text);
}

}  // namespace mostove::exchange
