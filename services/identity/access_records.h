// What identity tells the access log beside what passes its table.
#pragma once

#include "absl/status/status.h"
#include "libs/audit/record.h"
#include "libs/call/call.h"
#include "libs/store/store.h"

namespace mostove::identity {

// Records that `who` did this in the call; `about` is the resource, `owner` whose
// it is. Does not wait: where the log is full the change log still tells.
void RecordAccess(const store::Store& store, const call::Call& call, audit::Kind kind,
                  const std::string& who, const std::string& session, const std::string& about,
                  const std::string& owner);

// Records a sign-in that was refused. Whose account was tried is not said: the name
// that somebody types may be anybody's.
void RecordRefusedSignIn(const store::Store& store, const call::Call& call,
                         const absl::Status& refused);

}  // namespace mostove::identity
