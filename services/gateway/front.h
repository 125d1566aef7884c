// The two doors of an installation, REST and gRPC, over the same services.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/auth/authenticator.h"
#include "libs/rpc/invoker.h"
#include "libs/service/program.h"
#include "libs/service/readiness.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/gateway.h"
#include "services/gateway/http_settings.h"

namespace mostove::gateway {

struct FrontOptions {
  std::string http = "127.0.0.1:8080";
  std::string grpc = "127.0.0.1:9090";
  HttpSettings http_server;
  EntranceOptions entrance;
  LimitSettings limits;
  std::string redis;  // shares the limits with other gateways; empty: this one alone
  // Knows callers by their tokens; null: every one is the local administrator. Outlives the doors.
  const auth::Authenticator* authenticator = nullptr;
};

void AddFrontSettings(config::Settings& settings, FrontOptions* options);

// Opens both doors, logs "ready", and returns when the program was asked to end
// and has answered what it had begun. FAILED_PRECONDITION for an address that
// CheckListenAddress refuses.
absl::Status ServeFront(service::Program& program, const FrontOptions& options,
                        const std::vector<rpc::Invoker*>& invokers, service::Readiness& readiness,
                        telemetry::Metrics* metrics);

}  // namespace mostove::gateway
