// Serves what invokers reach over gRPC.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/call/call.h"
#include "libs/rpc/invoker.h"

namespace mostove::telemetry {
class Metrics;
}
namespace mostove::tls {
class Credentials;
}

namespace mostove::rpc {

// The first value of a metadata key in lower case; "" if there is none. Valid
// during the call of CallerOf only. kPeerKey gives the program that a client's
// certificate names, "services/funding"; no client can send it.
inline constexpr char kPeerKey[] = ":peer";
using MetadataReader = std::function<absl::string_view(absl::string_view key)>;
// Keys by which a public server tells CallerOf what is no metadata: the address of the peer
// ("192.0.2.7"), and the method's full name ("mostove.a.v1.AService/GetA").
inline constexpr char kPeerAddressKey[] = ":peer-address";
inline constexpr char kMethodNameKey[] = ":method-name";
// Who sends this metadata. An error is the answer of the call. Runs on the
// server's one thread: must not block.
using CallerOf = std::function<absl::StatusOr<call::Caller>(const MetadataReader& metadata)>;

struct GrpcLimits {
  int64_t request_bytes_max = 8 << 20;  // as http_server.batch_body_bytes_max, and answers
  int metadata_bytes_max = 16 << 10;
  int streams_per_connection_max = 100;
  int64_t memory_bytes_max = 256 << 20;  // of gRPC's own buffers
  // Connections end after so long, so that load spreads over new copies.
  absl::Duration connection_age_max = absl::Minutes(30);
  absl::Duration connection_age_grace = absl::Minutes(5);
  // Clients may ping so often; the server pings silent ones at `keepalive`.
  absl::Duration ping_interval_min = absl::Seconds(10);
  absl::Duration keepalive = absl::Minutes(2);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // Unary calls that bring no deadline, or a later one, have this.
  absl::Duration deadline_max = absl::Minutes(1);
};

// For ports that only programs of the same installation reach: a few clients,
// each of which sends everything over one connection that should stay.
GrpcLimits LimitsBetweenServices();

struct GrpcServerOptions {
  std::vector<Invoker*> invokers;  // outlive the server
  // "127.0.0.1:9090" (port 0: any) or "unix:/run/x.sock": a socket for this user
  // only, in place of one that a dead program left behind.
  std::string address;
  int listener = -1;  // a socket that listens there already; the server closes it
  CallerOf caller_of;
  // Of private ports (h2_server.h): TCP connections use TLS and show a certificate
  // of the installation. Null: plain. Outlives the server.
  tls::Credentials* tls = nullptr;
  telemetry::Metrics* metrics = nullptr;  // counts refused calls; may be null
  GrpcLimits limits;
  // Errors bring google.rpc.LocalizedMessage where the call's language is not English. For callers
  // of the installation; between services the text would travel for nothing.
  bool localizes_errors = false;
};

// Unary calls and server streams of the invokers' services, and server
// reflection.
//
// Reads from the metadata x-request-id, traceparent, idempotency-key and
// accept-language (the first tag); answers with x-request-id. Methods marked
// inline that run in this process run on the server's one thread.
class GrpcServer {
 public:
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options);
  virtual ~GrpcServer() = default;  // drains without grace if nobody did

  virtual int port() const = 0;  // 0 for a Unix socket
  // Takes no new calls, ends streams with UNAVAILABLE (reason DRAINING), and
  // lets running calls finish for `grace`; then they are cancelled. A call that
  // arrived and was not begun ends with UNAVAILABLE or, by gRPC's own choice,
  // CANCELLED. Returns when the last function has returned: a program that
  // cannot wait for one that hangs ends by itself.
  virtual void Drain(absl::Duration grace) = 0;
};

}  // namespace mostove::rpc
