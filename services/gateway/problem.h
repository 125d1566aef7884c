// Errors as application/problem+json (RFC 9457).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/http/response.h"

namespace mostove::gateway {

struct ProblemContext {
  absl::string_view request_id;
  absl::string_view language = "en";  // "bg", "uk" or "en": of title, detail and descriptions
  int http_status = 0;                // 0: HttpStatus(code)
};

// As google.rpc.Code is mapped to HTTP; CANCELLED is 499.
int HttpStatus(absl::StatusCode code);

// What may stand in a quoted text of RFC 6750 and 6749: visible ASCII without quotes and
// backslashes.
std::string Quotable(absl::string_view text);

// What a caller who was refused needs (RFC 6750): the values of WWW-Authenticate. None for a
// PERMISSION_DENIED that no other token would change.
std::vector<std::string> ChallengesOf(const absl::Status& status);

// Members: type, title, status, detail, instance, code, reason, domain, and where there are some
// fieldViolations (with JSON names), metadata and retryAfter (seconds); requestId. Headers:
// Content-Type, Cache-Control, Content-Language, and Retry-After or WWW-Authenticate where they
// belong.
http::Response MakeProblem(const absl::Status& status, const ProblemContext& context);

}  // namespace mostove::gateway
