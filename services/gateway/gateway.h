// REST over HTTP for the RPCs of all services.
//
// Every method with a google.api.http option is served; errors leave as
// application/problem+json. GET has entity tags and 304, writes take If-Match
// and Idempotency-Key; lists have Link: rel="next".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/call/call.h"
#include "libs/http/server.h"
#include "libs/rpc/invoker.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/entrance.h"

namespace mostove::gateway {

struct GatewayOptions {
  std::string address = "127.0.0.1:8080";  // port 0: any free one; see CheckListenAddress
  int listener = -1;                       // as http::ServerOptions
  int loop_threads = 1;
  http::Limits limits;
  absl::Duration request_time = absl::Seconds(30);  // deadline of a call
  int calls_max = 512;                              // under way; see Admission
  int gzip_level = 1;                               // 0: none
  std::string cors_origins;                         // see Cors
  EntranceOptions entrance;
  Budgets* budgets = nullptr;  // null: no limits; outlives the gateway
};

// OK when requests can be served. On the loop thread: must not block.
using ReadinessCheck = std::function<absl::Status()>;

class Gateway {
 public:
  // Listens when it returns. Invokers and metrics (may be null) outlive the
  // gateway and the calls that it began. Errors: FAILED_PRECONDITION for an
  // address that others can reach, or routes that clash; INVALID_ARGUMENT and
  // UNAVAILABLE as http::Server.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(GatewayOptions options,
                                                        const std::vector<rpc::Invoker*>& invokers,
                                                        CallerProvider caller,
                                                        telemetry::Metrics* metrics,
                                                        ReadinessCheck ready);

  // As http::Server.
  void Stop(absl::Duration grace) { server_->Stop(grace); }
  const http::Endpoint& endpoint() const { return server_->endpoint(); }
  size_t connections() const { return server_->connections(); }

 private:
  explicit Gateway(std::unique_ptr<http::Server> server) : server_(std::move(server)) {}

  std::unique_ptr<http::Server> server_;
};

}  // namespace mostove::gateway
