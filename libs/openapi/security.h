// How callers prove who they are, and of which operation that is asked.
#pragma once

#include "libs/openapi/json.h"
#include "libs/transcoding/router.h"

namespace mostove::openapi {

// For components/securitySchemes.
Json SecuritySchemes();
// The `security` of an operation: a token with the scope to read or to write; for what is public,
// nothing will do as well.
Json SecurityOf(const transcoding::Route& route);

}  // namespace mostove::openapi
