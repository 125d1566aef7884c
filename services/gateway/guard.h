// Which requests may come in at all, before anybody asks who sends them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/http/endpoint.h"
#include "libs/http/request.h"
#include "services/gateway/cors.h"

namespace mostove::gateway {

struct EntranceOptions {
  // Callers prove themselves by tokens; else every caller is an administrator.
  bool tokens = false;
  // A proxy before this server speaks TLS, and nobody else reaches the port.
  bool edge_terminates_tls = false;
  std::string trusted_edges;  // see TrustedEdges
  // Names that it answers to beside this machine's and the issuer's: "registry.example.org, …".
  std::string hosts;
  // Where tokens come from, and the address of this server for others; without a slash at its end.
  std::string issuer = "http://127.0.0.1:8080";
};

// FAILED_PRECONDITION, reason NOT_LOOPBACK, for an address that others can reach, unless callers
// prove themselves and an edge terminates TLS.
absl::Status CheckListenAddress(const http::Endpoint& endpoint, const EntranceOptions& options);

struct GuardRefusal {
  int http_status = 0;  // 0: may pass
  absl::Status status;
};

// Immutable, thread-safe.
class Guard {
 public:
  // `cors` outlives it.
  Guard(const EntranceOptions& options, const Cors& cors);

  // 421 for a Host that is not ours: localhost, 127.0.0.1 and [::1] (any port), the issuer's and
  // those of the options.
  //
  // Without tokens, where a page in the user's browser would act as the administrator, also 403 for
  // an Origin other than that host, unless `cors` allows it, and for Sec-Fetch-Site "cross-site"
  // and "same-site" unless a person follows a link. With tokens such a page has none to send, and
  // may not read the answer.
  GuardRefusal Check(const http::Request& request) const;

 private:
  bool IsOurs(absl::string_view host) const;

  const bool tokens_;
  const Cors& cors_;
  std::vector<std::string> hosts_;
};

// Whether a form was sent by a page of this server: the browser says so itself, by Origin or
// Sec-Fetch-Site. False for callers that are no browser.
bool ComesFromOwnPage(const http::Request& request);

// What is wrong with the setting of hosts; "" if nothing is.
std::string CheckHosts(const std::string& hosts);

}  // namespace mostove::gateway
