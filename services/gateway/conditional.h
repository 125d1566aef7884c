// Entity tags in headers (RFC 9110, 8.8.3 and 13.1).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/http/request.h"

namespace mostove::gateway {

// "7" of a resource that is printed with quotes or without: always with. Empty stays empty.
std::string QuotedTag(absl::string_view etag);
// A strong tag of any bytes.
std::string TagOfBytes(absl::string_view bytes);

// True if the list of If-None-Match names `tag`, by weak comparison; "*" names every one. A
// malformed list names none.
bool NamesTag(absl::string_view if_none_match, absl::string_view tag);

// All values of a header field, joined by commas as HTTP defines lists.
std::string JoinedField(const http::Headers& headers, absl::string_view name);

struct IfMatch {
  enum class Kind { kAbsent, kAny, kTag };
  Kind kind = Kind::kAbsent;
  std::string tag;  // quoted, without W/
};

// INVALID_ARGUMENT, reason BAD_IF_MATCH, for what is neither "*" nor one entity tag. Weak ones are
// accepted, since proxies weaken them.
absl::StatusOr<IfMatch> ReadIfMatch(const http::Headers& headers);

}  // namespace mostove::gateway
