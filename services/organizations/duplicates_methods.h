// RPCs that look for organizations that may be one.
#pragma once

#include <memory>
#include <vector>

#include "libs/call/method.h"
#include "libs/search/index.h"
#include "libs/store/store.h"

namespace mostove::organizations {

// ListDuplicates, and a CreateOrganization that first looks whether there is one like
// it. The store outlives them; the index is open.
std::vector<call::UnaryMethod> DuplicatesMethods(std::shared_ptr<const search::Index> search,
                                                 const store::Store& store);

}  // namespace mostove::organizations
