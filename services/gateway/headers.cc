#include "services/gateway/headers.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/status/status.h"
#include "services/gateway/conditional.h"

namespace mostove::gateway {
namespace {

constexpr size_t kRequestIdMin = 8;
constexpr size_t kRequestIdMax = 128;
constexpr size_t kIdempotencyKeyMax = 128;
constexpr size_t kChangePositionMax = 200;

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

std::string NewRequestId() {
  thread_local absl::BitGen random;
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16));
}

// "text/html;q=0.8" cut into "text/html" and 0.8; a malformed q counts as 0.
struct Preference {
  absl::string_view value;
  double quality = 1;
};

Preference ReadPreference(absl::string_view item) {
  const size_t semicolon = item.find(';');
  Preference preference{absl::StripAsciiWhitespace(item.substr(0, semicolon))};
  if (semicolon == absl::string_view::npos) return preference;
  for (absl::string_view parameter : absl::StrSplit(item.substr(semicolon + 1), ';')) {
    parameter = absl::StripAsciiWhitespace(parameter);
    if (!absl::ConsumePrefix(&parameter, "q=") && !absl::ConsumePrefix(&parameter, "Q=")) continue;
    if (!absl::SimpleAtod(parameter, &preference.quality)) preference.quality = 0;
  }
  return preference;
}

// "bg" of "bg-BG"; "en" of "*"; "" of what we do not write.
absl::string_view Written(absl::string_view tag) {
  if (tag == "*") return "en";
  const absl::string_view primary = tag.substr(0, tag.find('-'));
  for (const absl::string_view language : {"en", "bg", "uk"}) {
    if (absl::EqualsIgnoreCase(primary, language)) return language;
  }
  return "";
}

// Whether Accept lets through this type, of this range.
bool Accepts(const http::Headers& headers, absl::string_view type, absl::string_view types) {
  const absl::string_view* accept = headers.Find("Accept");
  if (accept == nullptr || *accept == "*/*" || *accept == type) return true;
  // The most specific range that fits decides (RFC 9110, 12.5.1).
  int best_precision = 0;
  double quality = 0;
  const std::string list = JoinedField(headers, "Accept");
  for (const absl::string_view item : absl::StrSplit(list, ',')) {
    const Preference preference = ReadPreference(item);
    const absl::string_view range = preference.value;
    const int precision = absl::EqualsIgnoreCase(range, type)    ? 3
                          : absl::EqualsIgnoreCase(range, types) ? 2
                          : range == "*/*"                       ? 1
                                                                 : 0;
    if (precision <= best_precision) continue;
    best_precision = precision;
    quality = preference.quality;
  }
  return quality > 0;
}

}  // namespace

std::string RequestId(const http::Headers& headers) {
  const absl::string_view given = headers.Get("X-Request-Id");
  const bool usable = given.size() >= kRequestIdMin && given.size() <= kRequestIdMax &&
                      std::all_of(given.begin(), given.end(), [](char c) {
                        return IsAlnum(c) || c == '.' || c == '_' || c == '-';
                      });
  return usable ? std::string(given) : NewRequestId();
}

absl::StatusOr<std::string> IdempotencyKey(const http::Headers& headers) {
  const absl::string_view* key = headers.Find("Idempotency-Key");
  if (key == nullptr) return std::string();
  const bool visible =
      std::all_of(key->begin(), key->end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key->empty() || key->size() > kIdempotencyKeyMax || !visible ||
      headers.Count("Idempotency-Key") > 1) {
    return status::Make(
        absl::StatusCode::kInvalidArgument, "BAD_IDEMPOTENCY_KEY",
        "Idempotency-Key is one text of 1 to 128 visible ASCII characters, a UUID for example");
  }
  return std::string(*key);
}

absl::StatusOr<std::string> ChangePosition(const http::Headers& headers) {
  const absl::string_view given = headers.Get("Change-Position");
  const bool plausible = std::all_of(given.begin(), given.end(),
                                     [](char c) { return IsAlnum(c) || c == '-' || c == '_'; });
  if (given.size() > kChangePositionMax || !plausible) {
    return status::Make(absl::StatusCode::kInvalidArgument, "BAD_CHANGE_POSITION",
                        "Change-Position is the text of that header in the answer of a write");
  }
  return std::string(given);
}

absl::string_view Language(const http::Headers& headers) {
  absl::string_view best = "en";
  double best_quality = 0;
  for (const absl::string_view item : absl::StrSplit(headers.Get("Accept-Language"), ',')) {
    const Preference preference = ReadPreference(item);
    const absl::string_view language = Written(preference.value);
    if (language.empty() || preference.quality <= best_quality) continue;
    best = language;
    best_quality = preference.quality;
  }
  return best;
}

bool AcceptsJson(const http::Headers& headers) {
  return Accepts(headers, "application/json", "application/*");
}

bool AcceptsEvents(const http::Headers& headers) {
  return Accepts(headers, "text/event-stream", "text/*");
}

bool SendsJson(const http::Request& request) {
  const absl::string_view content_type = request.headers.Get("Content-Type");
  if (content_type == "application/json") return true;
  const size_t semicolon = content_type.find(';');
  const absl::string_view media_type =
      absl::StripAsciiWhitespace(content_type.substr(0, semicolon));
  const bool json = absl::EqualsIgnoreCase(media_type, "application/json") ||
                    (request.method == http::Method::kPatch &&
                     absl::EqualsIgnoreCase(media_type, "application/merge-patch+json"));
  if (!json || semicolon == absl::string_view::npos) return json;
  const std::string parameter =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(content_type.substr(semicolon + 1)));
  return parameter == "charset=utf-8" || parameter == "charset=\"utf-8\"" || parameter.empty();
}

}  // namespace mostove::gateway
