// The call that a server's metadata describe. Private to the servers.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/call/call.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/service_table.h"

namespace mostove::rpc {

// What a server knows beside the metadata.
struct CallOrigin {
  std::string request_id;  // see request_id.h
  absl::Time deadline = absl::InfiniteFuture();
  absl::Duration deadline_max;                         // of unary calls
  std::shared_ptr<const std::atomic<bool>> cancelled;  // may be null
};

// Caller, deadline, trace, idempotency key and language. The error of
// `caller_of`.
absl::StatusOr<call::Call> MakeCall(const Method& method, const CallerOf& caller_of,
                                    const MetadataReader& metadata, CallOrigin origin);

// The first tag of an Accept-Language: "bg-BG,bg;q=0.9" -> "bg-BG"; "en" when there
// is nothing usable.
std::string FirstLanguage(absl::string_view accept);

// Counts and logs a call that was refused before it came to the invoker.
void CountRefusal(const Method& method, const absl::Status& status, telemetry::Metrics* metrics);

}  // namespace mostove::rpc
