// Who saw a resource before a change and who sees it after, as the change log
// keeps it: whoever tells of changes asks this, and not the row, which may have
// changed again.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/call/call.h"
#include "libs/store/row.h"

namespace mostove::store {

struct Sight {
  // Of all but owners and administrators. AUDIENCE_UNSPECIFIED: the resource did
  // not exist, and nobody saw it; or that is not known (an entry of an earlier
  // version), and only administrators are told.
  resource::Audience before = resource::v1::AUDIENCE_UNSPECIFIED;
  resource::Audience after = resource::v1::AUDIENCE_UNSPECIFIED;
  // Resources whose owners see it whatever the audience. Empty where the name tells
  // whose it is.
  std::vector<std::string> owners_before, owners_after;

  std::string ToString() const;
  // Of a text that ToString did not write: the default.
  static Sight Parse(absl::string_view text);
};

// `before`: null for a new row.
Sight SightOf(const Layout& layout, const StoredRow* before, const StoredRow& after);

// What a change means to one caller.
struct Seen {
  bool before = false;
  bool after = false;
  // What stands below the resource may have come into the caller's sight or
  // left it, though nothing was written there.
  bool below = false;
};
Seen WhatIsSeen(const call::Caller& caller, const Layout& layout, absl::string_view name,
                const Sight& sight);

}  // namespace mostove::store
