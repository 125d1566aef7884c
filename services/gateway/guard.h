// Who may speak to an installation without an identity service, where every caller is an
// administrator.
#pragma once

#include "absl/status/status.h"
#include "libs/http/endpoint.h"
#include "libs/http/request.h"
#include "services/gateway/cors.h"

namespace mostove::gateway {

// FAILED_PRECONDITION, reason NOT_LOOPBACK, for an address that others can reach.
absl::Status CheckListenAddress(const http::Endpoint& endpoint);

struct GuardRefusal {
  int http_status = 0;  // 0: may pass
  absl::Status status;
};

// 421 for a Host other than localhost, 127.0.0.1 or [::1] (any port): a web site's name that points
// here. 403 for an Origin other than that host: a web page in the user's browser. 403 for
// Sec-Fetch-Site "cross-site" and "same-site" unless a person follows a link.
// A page of an origin that `cors` allows may pass.
GuardRefusal CheckLocal(const http::Request& request, const Cors& cors);

}  // namespace mostove::gateway
