#include "services/dashboard/words.h"

#include <unicode/datefmt.h>
#include <unicode/gregocal.h>
#include <unicode/localpointer.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>

#include <initializer_list>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/domain/oblasts.h"
#include "libs/html/html.h"
#include "services/dashboard/labels.h"

namespace mostove::dashboard {
namespace {

icu::Locale LocaleOf(absl::string_view language) {
  return icu::Locale(std::string(language).c_str(), language == "uk"   ? "UA"
                                                    : language == "bg" ? "BG"
                                                                       : "GB");
}

std::string Utf8(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

// "bg" of "bg-BG".
absl::string_view Primary(absl::string_view tag) { return tag.substr(0, tag.find('-')); }

std::string FormattedNumber(const icu::number::UnlocalizedNumberFormatter& format, double number,
                            absl::string_view language) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString text =
      format.locale(LocaleOf(language)).formatDouble(number, error).toString(error);
  return U_SUCCESS(error) ? Utf8(text) : absl::StrCat(number);
}

}  // namespace

Chosen Choose(const common::v1::LocalizedText& text, absl::string_view language) {
  const auto& texts = text.texts();
  const auto find = [&](absl::string_view tag) -> Chosen {
    for (const auto& [key, value] : texts) {
      if (!value.empty() && key == tag) return {value, key};
    }
    for (const auto& [key, value] : texts) {
      if (!value.empty() && Primary(key) == tag) return {value, key};
    }
    return {};
  };
  for (const absl::string_view tag :
       {language, absl::string_view(text.source_language()), absl::string_view("bg"),
        absl::string_view("en"), absl::string_view("uk")}) {
    if (Chosen chosen = find(tag); !chosen.text.empty()) return chosen;
  }
  Chosen first;  // the map has no order: the least tag
  for (const auto& [key, value] : texts) {
    if (!value.empty() && (first.tag.empty() || key < first.tag)) first = {value, key};
  }
  return first;
}

std::string HtmlOf(const Chosen& chosen, absl::string_view language) {
  if (chosen.tag.empty() || Primary(chosen.tag) == language) return html::Escape(chosen.text);
  return absl::StrCat("<span lang=\"", html::Escape(chosen.tag), "\" dir=\"auto\">",
                      html::Escape(chosen.text), "</span>");
}

Chosen NameOf(const organizations::v1::Organization& of, absl::string_view language) {
  Chosen name = Choose(of.display_name(), language);
  return name.text.empty() ? Chosen{of.legal_name(), ""} : name;
}

std::string DateText(const google::type::Date& date, absl::string_view language) {
  if (date.year() == 0) return "";
  UErrorCode error = U_ZERO_ERROR;
  const char* skeleton = date.month() == 0 ? "y" : date.day() == 0 ? "yMMMM" : "yMMMMd";
  const std::unique_ptr<icu::DateFormat> format(
      icu::DateFormat::createInstanceForSkeleton(skeleton, LocaleOf(language), error));
  icu::GregorianCalendar calendar(*icu::TimeZone::getGMT(), error);
  if (U_FAILURE(error)) return absl::StrCat(date.year());
  calendar.clear();
  calendar.set(date.year(), date.month() == 0 ? 0 : date.month() - 1,
               date.day() == 0 ? 1 : date.day(), 12, 0);
  format->adoptTimeZone(icu::TimeZone::getGMT()->clone());
  icu::UnicodeString text;
  format->format(calendar.getTime(error), text);
  return U_SUCCESS(error) ? Utf8(text) : absl::StrCat(date.year());
}

std::string NumberText(int64_t number, absl::string_view language) {
  return FormattedNumber(icu::number::NumberFormatter::with(), static_cast<double>(number),
                         language);
}

std::string DecimalText(double number, absl::string_view language) {
  return FormattedNumber(
      icu::number::NumberFormatter::with().precision(icu::number::Precision::fixedFraction(1)),
      number, language);
}

std::string PercentText(double share, absl::string_view language) {
  return FormattedNumber(icu::number::NumberFormatter::with()
                             .unit(icu::NoUnit::percent())
                             .scale(icu::number::Scale::powerOfTen(2))
                             .precision(icu::number::Precision::integer()),
                         share, language);
}

std::string LanguageText(absl::string_view tag, absl::string_view language) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Locale locale = icu::Locale::forLanguageTag(std::string(tag), error);
  icu::UnicodeString text;
  if (U_FAILURE(error)) return std::string(tag);
  return Utf8(locale.getDisplayName(LocaleOf(language), text));
}

std::string PlaceText(const common::v1::Place& place, absl::string_view language) {
  std::string area = place.area().name();
  if (const domain::Oblast* oblast = domain::FindOblastByIso(place.area().code())) {
    area = std::string(LabelOf(*oblast).In(language));
  }
  std::string country = place.country_name();
  // The country of the network goes without saying where more is known.
  if (!place.country_code().empty() && (area.empty() || place.country_code() != "BG")) {
    icu::UnicodeString text;
    country = Utf8(icu::Locale("und", place.country_code().c_str())
                       .getDisplayCountry(LocaleOf(language), text));
  }
  return absl::StrCat(area, area.empty() || country.empty() ? "" : ", ", country);
}

std::string Shortened(absl::string_view text, size_t length_max) {
  size_t length = 0, space = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;  // within a character
    if (text[i] == ' ') space = i;
    if (++length > length_max) {
      return absl::StrCat(text.substr(0, space == 0 ? i : space), "…");
    }
  }
  return std::string(text);
}

}  // namespace mostove::dashboard
