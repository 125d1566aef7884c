#include "services/organizations/own_methods.h"

#include <algorithm>

#include "libs/status/status.h"

namespace mostove::organizations {

absl::Status TooManyToRead() {
  return status::ResourceExhausted("TOO_MANY_TO_READ",
                                   "there are too many records to read them all; ask for fewer",
                                   absl::ZeroDuration());
}

bool SeesAsOwner(const call::Caller& caller, absl::string_view organization) {
  return caller.administrator || std::find(caller.organizations.begin(), caller.organizations.end(),
                                           organization) != caller.organizations.end();
}

}  // namespace mostove::organizations
