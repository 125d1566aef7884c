// Answers that are problem documents (RFC 9457).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/openapi/json.h"
#include "libs/transcoding/router.h"

namespace mostove::openapi {

// The body of the answer to this error, as the server writes it.
using ProblemWriter = std::function<std::string(const absl::Status& status, int http_status)>;

// Adds a reference for every status with which a call of the route can fail.
void AddProblems(const transcoding::Route& route, Json& responses);

// For components/responses and components/schemas.
Json ProblemResponses(const ProblemWriter& write);
void AddProblemSchemas(Json& schemas);

}  // namespace mostove::openapi
