// The id that names a call in logs, errors and the change log.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::rpc {

// `given` if it is an id that may stand in a log (1 to 128 of A-Z, a-z, 0-9 and
// . _ : -), else a new random one.
std::string RequestIdOrNew(absl::string_view given);

}  // namespace mostove::rpc
