// Resource names and ids (AIP-122).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/resource/type.h"

namespace mostove::resource {

// True for "organizations/x" where the pattern is organizations/{organization}:
// every id is well formed ([a-z][a-z0-9-]{0,62} or a UUID; UUIDs only where the
// type says so).
bool MatchesName(const Type& type, absl::string_view name);
// The same for the name of a parent; "-" is an id too if `wildcard`.
bool MatchesParent(const Type& type, absl::string_view parent, bool wildcard);

// INVALID_ARGUMENT that says which form is asked for, for the request field
// `field`. The wrong value itself is not repeated in the text.
absl::Status CheckName(const Type& type, absl::string_view field, absl::string_view name);
absl::Status CheckParent(const Type& type, absl::string_view field, absl::string_view parent,
                         bool wildcard);
absl::Status CheckId(const Type& type, absl::string_view field, absl::string_view id);

// "organizations/a/activities/b" -> "organizations/a"; "" for a top-level name.
absl::string_view ParentOf(absl::string_view name);
// The top-level resource that a name stands under, or is: "organizations/a" of
// "organizations/a/activities/b"; "" of what is no name.
absl::string_view OwnerOf(absl::string_view name);

bool IsUuid(absl::string_view id);  // lower-case hex, 8-4-4-4-12
std::string MakeUuid();             // version 7: the time in milliseconds, then 74 random bits
// An id for a new resource: a UUID. Where ids are UUID_ONLY, because they are
// about people, one of random bits alone (version 4) that does not tell when.
std::string MakeId(const Type& type);
// "organizations/x" + "activities" + "id"; parent may be empty.
std::string JoinName(absl::string_view parent, absl::string_view collection, absl::string_view id);

}  // namespace mostove::resource
