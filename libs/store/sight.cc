#include "libs/store/sight.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/resource/visibility.h"

namespace mostove::store {
namespace {

using resource::Audience;

// Lines: the two numbers, the owners after, and those before where they differ.
constexpr char kBetween = '\n';
constexpr char kBetweenOwners = ' ';

Audience Shown(const StoredRow& row) { return row.deleted ? resource::v1::OWNER : row.audience; }

bool Owns(const call::Caller& caller, const Layout& layout, absl::string_view name,
          const std::vector<std::string>& owners) {
  const std::vector<std::string>& own = caller.organizations;
  return OwnsByName(layout, own, name) ||
         std::find_first_of(own.begin(), own.end(), owners.begin(), owners.end()) != own.end();
}

Audience ParseAudience(char digit) {
  return absl::ascii_isdigit(static_cast<unsigned char>(digit)) &&
                 resource::v1::Audience_IsValid(digit - '0')
             ? static_cast<Audience>(digit - '0')
             : resource::v1::AUDIENCE_UNSPECIFIED;
}

std::vector<std::string> ParseOwners(absl::string_view text) {
  return absl::StrSplit(text, kBetweenOwners, absl::SkipEmpty());
}

}  // namespace

std::string Sight::ToString() const {
  std::string text = absl::StrCat(static_cast<int>(before), static_cast<int>(after));
  const auto add = [&](const std::vector<std::string>& owners) {
    text += kBetween;
    for (const std::string& owner : owners) absl::StrAppend(&text, owner, " ");
  };
  if (owners_after.empty() && owners_before.empty()) return text;
  add(owners_after);
  if (owners_before != owners_after) add(owners_before);
  return text;
}

Sight Sight::Parse(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, kBetween);
  Sight sight;
  if (lines[0].size() != 2) return sight;
  sight.before = ParseAudience(lines[0][0]);
  sight.after = ParseAudience(lines[0][1]);
  if (lines.size() > 1) sight.owners_after = ParseOwners(lines[1]);
  sight.owners_before = lines.size() > 2 ? ParseOwners(lines[2]) : sight.owners_after;
  return sight;
}

Sight SightOf(const Layout& layout, const StoredRow* before, const StoredRow& after) {
  Sight sight;
  sight.after = Shown(after);
  if (before != nullptr) sight.before = Shown(*before);
  if (layout.owner_path() != OwnerPath::kTable) return sight;
  sight.owners_after = resource::OwnersOf(layout.type(), *after.message);
  sight.owners_before = before == nullptr ? sight.owners_after  // nobody saw it whose ever it was
                                          : resource::OwnersOf(layout.type(), *before->message);
  return sight;
}

Seen WhatIsSeen(const call::Caller& caller, const Layout& layout, absl::string_view name,
                const Sight& sight) {
  const Audience level = resource::LevelOf(caller);
  const auto seen = [&](Audience audience, const std::vector<std::string>& owners) {
    if (audience == resource::v1::AUDIENCE_UNSPECIFIED) return false;
    return audience >= level || Owns(caller, layout, name, owners);
  };
  if (sight.after == resource::v1::AUDIENCE_UNSPECIFIED) {
    return {.before = caller.administrator, .after = caller.administrator};
  }
  return {.before = seen(sight.before, sight.owners_before),
          .after = seen(sight.after, sight.owners_after),
          .below = (sight.before >= level) != (sight.after >= level) &&
                   sight.before != resource::v1::AUDIENCE_UNSPECIFIED};
}

}  // namespace mostove::store
