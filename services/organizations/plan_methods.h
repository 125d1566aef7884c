// The RPCs of development plans that are no standard methods.
#pragma once

#include <vector>

#include "libs/call/method.h"
#include "libs/store/store.h"

namespace mostove::organizations {

// The store outlives them.
std::vector<call::UnaryMethod> PlanMethods(const store::Store& store);

}  // namespace mostove::organizations
