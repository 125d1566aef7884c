#include "services/gateway/pages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

http::Response Plain(absl::string_view content_type, std::string body) {
  http::Response response;
  response.AddHeader("Content-Type", content_type);
  response.AddHeader("Cache-Control", "no-store");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.body = std::move(body);
  return response;
}

void Ready(const PageSources& sources, Exchange& exchange) {
  const absl::Status ready = sources.ready ? sources.ready() : absl::OkStatus();
  if (ready.ok()) return exchange.Respond(Plain("text/plain; charset=utf-8", "ready\n"));
  exchange.Fail(ready, 503);
}

}  // namespace

bool AnswerPage(const http::Request& request, const PageSources& sources, Exchange& exchange) {
  enum class Page { kHealth, kReady, kMetrics, kRobots };
  constexpr std::pair<absl::string_view, Page> kPages[] = {{"/healthz", Page::kHealth},
                                                           {"/readyz", Page::kReady},
                                                           {"/metrics", Page::kMetrics},
                                                           {"/robots.txt", Page::kRobots}};
  for (const auto& [path, page] : kPages) {
    if (request.path != path) continue;
    exchange.set_route_label(path);
    if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
      FailMethod(exchange, "GET, HEAD");
      return true;
    }
    switch (page) {
      case Page::kHealth:
        exchange.Respond(Plain("text/plain; charset=utf-8", "healthy\n"));
        break;
      case Page::kReady:
        Ready(sources, exchange);
        break;
      case Page::kMetrics:
        exchange.Respond(Plain("text/plain; version=0.0.4; charset=utf-8",
                               sources.metrics == nullptr ? "" : sources.metrics->Text()));
        break;
      case Page::kRobots:
        exchange.Respond(Plain("text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n"));
        break;
    }
    return true;
  }
  return false;
}

void FailMethod(Exchange& exchange, absl::string_view methods) {
  exchange.Fail(status::Make(absl::StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED",
                             absl::StrCat("this path is served for ", methods, " only")),
                405, "Allow", absl::StrCat(methods, ", OPTIONS"));
}

}  // namespace mostove::gateway
