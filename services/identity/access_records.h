// What identity tells the access log beside what passes its table.
#pragma once

#include "absl/status/status.h"
#include "libs/audit/record.h"
#include "libs/call/call.h"
#include "libs/store/store.h"

namespace mostove::identity {

// Adds to the access log what the call did; time, method and request are the call's.
// Does not wait: where the log is full the change log still tells.
void RecordAccess(const store::Store& store, const call::Call& call, audit::Record record);

// Adds a sign-in that was refused. Whose account was tried is not said: the name
// that somebody types may be anybody's.
void RecordRefusedSignIn(const store::Store& store, const call::Call& call,
                         const absl::Status& refused);

}  // namespace mostove::identity
