// Who calls a program: the one object that its doors ask. It follows the log of
// the identity service, wherever that runs.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/auth/authenticator.h"
#include "libs/config/settings.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/invoker.h"

namespace mostove::telemetry {
class Metrics;
}

namespace mostove::auth {

// Full name of the service that is followed.
inline constexpr char kIdentityService[] = "mostove.identity.v1.IdentityService";
// A program that starts waits so long for the log before it serves: the copy that
// takes another's place knows its callers from the first. After that it serves
// what the public may see.
inline constexpr absl::Duration kStartWait = absl::Seconds(5);

struct IdentityOptions {
  // "tokens", or "local": every request is one of administrators/local. For
  // loopback and Unix sockets only.
  std::string callers = "tokens";
  std::string issuer = "http://127.0.0.1:8080";  // of our own tokens, exact
};

// The settings `callers` and `auth.issuer`.
void AddIdentitySettings(config::Settings& settings, IdentityOptions* options);

class Identity {
 public:
  // `program`: as which it asks, "services/gateway". `metrics` may be null.
  Identity(IdentityOptions options, std::string program, telemetry::Metrics* metrics);
  ~Identity();  // Stop

  // For all threads, from the beginning; UNAVAILABLE, reason IDENTITY_AWAY, until
  // the log was read.
  const Authenticator& authenticator() const;
  bool local() const { return options_.callers == "local"; }

  // Follows the log from now on, if callers have tokens. `services` reach the
  // identity service, among others, and outlive Stop. Before calls are served.
  void Start(rpc::Invoker* services);
  void Stop();
  // The service has written. From any thread; does not block.
  void Wake(absl::string_view service);
  // UNAVAILABLE, reason IDENTITY_AWAY, while tokens cannot be judged; OK for local
  // callers.
  absl::Status Check() const;

  // The CallerOf of public doors: who the metadata `authorization` prove.
  rpc::CallerOf Callers() const;
  // The CallerOf of private ports. A program that calls in its own name says so in
  // the metadata kServiceMetadata: it is believed where its certificate names it
  // (rpc::kPeerKey), and, if `trusted`, without one: on a Unix socket, which only
  // programs of this user can open.
  rpc::CallerOf CallersBetweenServices(bool trusted) const;

 private:
  const IdentityOptions options_;
  const std::string program_;
  telemetry::Metrics* const metrics_;
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace mostove::auth
