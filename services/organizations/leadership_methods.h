// The RPCs of refugee leadership.
#pragma once

#include <vector>

#include "libs/call/method.h"
#include "libs/store/store.h"

namespace mostove::organizations {

// The store outlives them.
std::vector<call::UnaryMethod> LeadershipMethods(const store::Store& store);

}  // namespace mostove::organizations
