// What operators ask a program over HTTP: /metrics, /healthz, /readyz.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/http/server.h"
#include "libs/listen/socket.h"
#include "libs/telemetry/metrics.h"

namespace mostove::service {

// Serves on the socket until it is destroyed: Prometheus text; 200 while the
// process lives; 200 or 503 as `ready` says, which must not block. Metrics
// outlive the server.
absl::StatusOr<std::unique_ptr<http::Server>> ServeOperations(listen::Socket socket,
                                                              telemetry::Metrics& metrics,
                                                              std::function<absl::Status()> ready);

}  // namespace mostove::service
