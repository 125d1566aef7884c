// What the gateway reads in a request's header fields.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/http/request.h"

namespace mostove::gateway {

// X-Request-Id if it may stand in logs (8 to 128 of A-Z a-z 0-9 . _ -), else a new one.
std::string RequestId(const http::Headers& headers);

// Idempotency-Key: "" if absent; INVALID_ARGUMENT for other than 1 to 128 visible ASCII characters.
absl::StatusOr<std::string> IdempotencyKey(const http::Headers& headers);

// Change-Position, as a write answered it: "" if absent; INVALID_ARGUMENT for what is none.
absl::StatusOr<std::string> ChangePosition(const http::Headers& headers);

// The language of Accept-Language that we write: "bg", "uk" or "en".
absl::string_view Language(const http::Headers& headers);

// False when Accept excludes application/json, or text/event-stream.
bool AcceptsJson(const http::Headers& headers);
bool AcceptsEvents(const http::Headers& headers);
// True if the body is JSON in UTF-8: application/json, and application/merge-patch+json for PATCH.
bool SendsJson(const http::Request& request);

}  // namespace mostove::gateway
