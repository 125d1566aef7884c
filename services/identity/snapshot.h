// What holds now of keys, accounts, roles and ended sessions: what a program that
// starts has to know, in place of the whole change log.
#pragma once

#include "libs/call/method.h"
#include "libs/store/store.h"

namespace mostove::identity {

// ReadSnapshot. The store outlives it.
call::UnaryMethod SnapshotMethod(const store::Store& store);

}  // namespace mostove::identity
