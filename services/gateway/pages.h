// What the gateway serves by itself: health, figures, what robots may.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/http/request.h"
#include "services/gateway/exchange.h"

namespace mostove::gateway {

struct PageSources {
  telemetry::Metrics* metrics = nullptr;  // may be null: no /metrics
  std::function<absl::Status()> ready;    // may be empty: always ready
};

// Answers "/healthz", "/readyz", "/metrics" and "/robots.txt". False, and nothing done, for
// other paths.
bool AnswerPage(const http::Request& request, const PageSources& sources, Exchange& exchange);

// 405, for a path that is served for some methods: "GET, HEAD".
void FailMethod(Exchange& exchange, absl::string_view methods);

}  // namespace mostove::gateway
