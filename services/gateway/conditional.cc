#include "services/gateway/conditional.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

// Takes one entity tag off the front of `list`, without its W/. False if there is none.
bool ConsumeTag(absl::string_view& list, absl::string_view& tag) {
  if (absl::StartsWith(list, "W/")) list.remove_prefix(2);
  if (!absl::StartsWith(list, "\"")) return false;
  const size_t end = list.find('"', 1);
  if (end == absl::string_view::npos) return false;
  tag = list.substr(0, end + 1);
  list.remove_prefix(end + 1);
  return true;
}

// Passes over commas and spaces. True if something follows.
bool ConsumeSeparators(absl::string_view& list) {
  const size_t next = list.find_first_not_of(", \t");
  list.remove_prefix(next == absl::string_view::npos ? list.size() : next);
  return !list.empty();
}

}  // namespace

std::string QuotedTag(absl::string_view etag) {
  if (etag.empty() || etag.front() == '"') return std::string(etag);
  return absl::StrCat("\"", etag, "\"");
}

std::string TagOfBytes(absl::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return absl::StrFormat("\"%016x%016x\"", hash.high64, hash.low64);
}

bool NamesTag(absl::string_view if_none_match, absl::string_view tag) {
  if (absl::StripAsciiWhitespace(if_none_match) == "*") return true;
  absl::string_view candidate;
  while (ConsumeSeparators(if_none_match)) {
    if (!ConsumeTag(if_none_match, candidate)) return false;
    if (candidate == tag) return true;
  }
  return false;
}

std::string JoinedField(const http::Headers& headers, absl::string_view name) {
  std::string joined;
  for (const http::Field& field : headers.fields()) {
    if (!absl::EqualsIgnoreCase(field.name, name)) continue;
    absl::StrAppend(&joined, joined.empty() ? "" : ",", field.value);
  }
  return joined;
}

absl::StatusOr<IfMatch> ReadIfMatch(const http::Headers& headers) {
  if (headers.Find("If-Match") == nullptr) return IfMatch{};
  const std::string field = JoinedField(headers, "If-Match");
  absl::string_view list = absl::StripAsciiWhitespace(field);
  if (list == "*") return IfMatch{.kind = IfMatch::Kind::kAny};
  absl::string_view tag;
  if (!ConsumeTag(list, tag) || !list.empty()) {
    return status::Make(absl::StatusCode::kInvalidArgument, "BAD_IF_MATCH",
                        "If-Match is one quoted entity tag, as the header ETag gave it, or *");
  }
  return IfMatch{.kind = IfMatch::Kind::kTag, .tag = std::string(tag)};
}

}  // namespace mostove::gateway
