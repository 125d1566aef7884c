// The RPC ListAccessRecords, alike in every service.
#pragma once

#include "libs/call/method.h"
#include "libs/sql/database.h"

namespace mostove::audit {

// For administrators of the network, and of the organization that the request
// names. The database outlives the method.
call::UnaryMethod ListAccessRecords(sql::Database& database);

}  // namespace mostove::audit
