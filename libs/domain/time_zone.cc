#include "libs/domain/time_zone.h"

#include <unicode/timezone.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mostove::domain {
namespace {

bool IsTimeZone(absl::string_view zone) {
  if (zone == "UTC") return true;
  if (zone.find('/') == absl::string_view::npos) return false;
  const bool plain = std::all_of(zone.begin(), zone.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
  if (!plain) return false;
  // ICU brings the database along, so that no file of the system is asked for.
  const icu::UnicodeString id(zone.data(), static_cast<int32_t>(zone.size()), US_INV);
  icu::UnicodeString canonical;
  UBool is_system = false;
  UErrorCode error = U_ZERO_ERROR;
  icu::TimeZone::getCanonicalID(id, canonical, is_system, error);
  return U_SUCCESS(error) && is_system;
}

}  // namespace

void CheckTimeZone(absl::string_view zone, absl::string_view path, status::Violations& violations) {
  if (IsTimeZone(zone)) return;
  // Shown only where it is short and harmless in a log.
  const bool shown =
      zone.size() <= 64 && std::all_of(zone.begin(), zone.end(), absl::ascii_isprint);
  violations.Add(path, "TIME_ZONE",
                 absl::StrCat("has to be a zone of the IANA database such as Europe/Sofia",
                              shown ? absl::StrCat(", is \"", zone, "\"") : ""));
}

}  // namespace mostove::domain
