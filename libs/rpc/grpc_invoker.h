// Calls services of other programs over gRPC.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/loop/loop.h"
#include "libs/rpc/invoker.h"

namespace mostove::telemetry {
class Metrics;
}
namespace mostove::tls {
class Credentials;
}

namespace mostove::rpc {

struct GrpcInvokerOptions {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  // One per copy of the program that serves them, in any mixture:
  // "unix:/run/x.sock", "127.0.0.1:9090", "dns:///funding:9090" (all addresses
  // of the name).
  std::vector<std::string> addresses;
  // Connections over TCP use TLS, and talk to `peer` only ("services/funding").
  // Null: plain, as Unix sockets always are. Outlives the invoker.
  tls::Credentials* tls = nullptr;
  std::string peer;
  // Carries the calls of threads that are no loop's; runs, and outlives the
  // invoker. The invoker's own if null.
  loop::Loop* loop = nullptr;
  // For mostove_hop_...{service}: calls under way, connections, calls sent again,
  // calls that found no copy. May be null; outlives the invoker, which outlives
  // every reading.
  telemetry::Metrics* metrics = nullptr;

  // Calls under way, streams too; more are refused.
  int calls_max = 1024;
  // How long a call waits for a copy that is connected.
  absl::Duration wait_max = absl::Seconds(1);
  // Unary calls that bring no deadline, or a later one, have this.
  absl::Duration deadline_max = absl::Minutes(1);
  // See retry_budget.h; holds the calls that a copy takes with it when it dies.
  int retry_tokens_max = 1000;
  int64_t request_bytes_max = 8 << 20;
  int64_t response_bytes_max = 8 << 20;
};

// Sends deadline, x-request-id, traceparent, idempotency-key, accept-language, and
// who asks: call::Call::authorization, or the program's name if the caller is a
// program of the installation (metadata_keys.h).
//
// A call that begins on the thread of a loop::Loop goes over connections of that
// thread, and its `done` runs there; others go over `loop`. Every copy has one
// connection for each such loop, which comes back by itself. A call goes to the
// copy with the fewest calls under way, in turns if they have the same. One that
// ended with UNAVAILABLE is tried up to three times, on another copy if there is
// one, when it is repeatable: a method marked so (Method::is_repeatable) or a
// request with an idempotency key; or when the server did nothing with it.
// Others are sent once. Streams are opened once.
//
// Errors come with the details that the service gave. Of the invoker itself:
// UNAVAILABLE with the reasons SERVICE_AWAY (no copy was connected, nothing was
// sent), CONNECTION_LOST (whether the call was run is unknown), QUEUE_FULL and
// STOPPING; DEADLINE_EXCEEDED; CANCELLED within 10 ms after `cancelled` was set.
// A copy that hangs with calls is left after 8 s, an idle one after 25.
class GrpcInvoker : public Invoker {
 public:
  // OK when at least one copy is connected; else UNAVAILABLE, reason
  // SERVICE_AWAY. Does not wait.
  virtual absl::Status Check() const = 0;
};

// Connects at once, without waiting; on loops with their first call. The
// destructor cancels the calls under way and returns when all are answered; it
// must not run on a loop's thread.
std::unique_ptr<GrpcInvoker> MakeGrpcInvoker(GrpcInvokerOptions options);

}  // namespace mostove::rpc
