// Two records of one organization count as one, and what takes that back.
#pragma once

#include <vector>

#include "libs/call/method.h"
#include "libs/store/store.h"

namespace mostove::organizations {

// The store outlives them.
std::vector<call::UnaryMethod> MergeMethods(const store::Store& store);

}  // namespace mostove::organizations
