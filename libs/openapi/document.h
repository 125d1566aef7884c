// The OpenAPI 3.1 document of all routes, from the descriptors, their annotations and comments.
#pragma once

#include <string>

#include "libs/openapi/comments.h"
#include "libs/openapi/problems.h"
#include "libs/openapi/resources.h"

namespace mostove::openapi {

struct Source {
  const Routes& routes;
  const Comments& comments;
  std::string version;    // of the API: "0.1.0"
  ProblemWriter problem;  // for the examples of errors
};

// Compact JSON; the same bytes for the same source.
std::string Document(const Source& source);

}  // namespace mostove::openapi
