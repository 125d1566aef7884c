// Who calls over gRPC, and how often: as Entrance for HTTP.
#pragma once

#include <string>

#include "libs/rpc/grpc_server.h"
#include "services/gateway/budgets.h"
#include "services/gateway/entrance.h"

namespace mostove::gateway {

// Takes from the same budgets as requests over HTTP; RESOURCE_EXHAUSTED, reason RATE_LIMITED, with
// a RetryInfo when one is used up. `budgets` outlive it; `trusted_edges` as EntranceOptions has
// them.
rpc::CallerOf GrpcCallersOf(CallerProvider caller, const std::string& trusted_edges,
                            Budgets& budgets);

}  // namespace mostove::gateway
