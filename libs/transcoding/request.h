// Makes the request message of an RPC from the parts of an HTTP request.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "libs/transcoding/router.h"

namespace mostove::transcoding {

// Fills `request`, an empty message of match.route->method's input type, with
// the JSON body, then the query, then what the path captured. `query` is what
// stands after the "?", still encoded. An absent body counts as an empty object.
//
// INVALID_ARGUMENT names everything that is wrong at once: the reasons of
// ReadJson with paths from the request down, and
//   UNKNOWN_PARAMETER    no field of the request, or one that a query cannot
//                        carry (messages other than well-known types, maps).
//   REPEATED_PARAMETER   a singular field given twice, in either spelling.
//   BOUND_ELSEWHERE      a query parameter that the path or the body binds.
//   MALFORMED_QUERY      a bad percent escape, NUL or invalid UTF-8.
//   PATH_MISMATCH        the body gives a field another value than the path.
//   UNEXPECTED_BODY      a body on a route that has none.
absl::Status BuildRequest(const RouteMatch& match, absl::string_view query, absl::string_view body,
                          google::protobuf::Message& request);

}  // namespace mostove::transcoding
