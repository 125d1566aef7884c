// W3C trace context: the ids that join the lines of one request over all programs.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::telemetry {

// Parts of a traceparent; both "" when it is malformed.
struct TraceIds {
  absl::string_view trace_id;  // 32 hex digits
  absl::string_view span_id;   // 16 hex digits
};
TraceIds ParseTraceparent(absl::string_view traceparent);

// The traceparent of work within the given one: the same trace and flags, a new
// span. Of a malformed or empty one a new trace, or "" if none are started.
std::string ContinueTrace(absl::string_view traceparent);

// Whether requests without a trace get one; they do unless this is set to false.
void SetStartTraces(bool start);

}  // namespace mostove::telemetry
