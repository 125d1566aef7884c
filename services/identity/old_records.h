// Sessions and signing keys whose time is over, taken away for good.
#pragma once

#include "absl/status/status.h"
#include "libs/call/call.h"
#include "libs/store/store.h"

namespace mostove::identity {

// Removes the rows of sessions and of signing keys that ended `retention` ago, a
// day at least: by then no token of theirs is taken. Some hundreds at a time; the
// change log keeps that they were there. Beside other copies.
absl::Status RemoveOld(const store::Store& store, const call::Call& call, absl::Duration retention);

}  // namespace mostove::identity
