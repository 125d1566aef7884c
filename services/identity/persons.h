// Export and erasure of one person's data: operations that every service works on
// (libs/privacy).
#pragma once

#include <vector>

#include "libs/call/method.h"
#include "libs/store/store.h"

namespace mostove::identity {

// ExportPerson, ErasePerson, DescribePerson and FinishPart. The store outlives
// them.
std::vector<call::UnaryMethod> PersonMethods(const store::Store& store);

}  // namespace mostove::identity
