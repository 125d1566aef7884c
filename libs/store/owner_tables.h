// Keeps the tables of owners what the annotation `owners` says.
#pragma once

#include "absl/status/status.h"

namespace mostove::store {

class Store;

// At the start, when the collections' tables are there: makes the rows of owners
// anew when they were made by other annotations, or by a version that kept none
// of this. Writers of other processes wait for it; they run for some time yet and
// know nothing of new owners, who then do not find in lists what those write.
absl::Status SettleOwners(const Store& store);

}  // namespace mostove::store
