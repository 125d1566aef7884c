// Streams of RPCs as server-sent events (text/event-stream).
//
// Each message is an event: its JSON as data, its position as id. A heartbeat
// moves the id only. Who comes back with Last-Event-ID goes on behind it. An
// error that ends the stream is an event of the type "problem", but for a server
// that stops: then the stream ends, and the client comes back by itself. The
// stream of all services goes on while one of them is away: a comment tells, and
// what it says after it is back comes from where it stopped.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"
#include "libs/http/request.h"
#include "services/gateway/exchange.h"

namespace mostove::gateway {

inline constexpr absl::string_view kEventHeaders =
    "Content-Type: text/event-stream\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Cache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\n";

// Whether the route is the WatchChanges of a service.
bool IsWatch(const transcoding::Route& route);

// One service's stream: `info` is the route of a WatchChanges.
void StreamEvents(const http::Request& request, const transcoding::RouteMatch& match,
                  const RouteInfo& info, call::Call call, std::shared_ptr<Exchange> exchange);

// GET /v1/changes:watch, the changes of all services in one stream; its ids name
// the place in each.
inline constexpr absl::string_view kAllChangesPath = "/v1/changes:watch";
void StreamAllEvents(const http::Request& request, const RouteTable& routes, const call::Call& call,
                     std::shared_ptr<Exchange> exchange);

}  // namespace mostove::gateway
