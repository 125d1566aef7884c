#include "libs/service/operations.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/status/status.h"

namespace mostove::service {
namespace {

http::Response Plain(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.AddHeader("Content-Type", "text/plain; charset=utf-8");
  response.AddHeader("Cache-Control", "no-store");
  response.AddHeader("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

http::Response Ready(const absl::Status& ready) {
  if (ready.ok()) return Plain(200, "ready\n");
  http::Response response = Plain(503, absl::StrCat(std::string(ready.message()), "\n"));
  response.AddHeader("Retry-After", "1");
  return response;
}

http::Response Figures(telemetry::Metrics& metrics) {
  http::Response response;
  response.AddHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.AddHeader("Cache-Control", "no-store");
  response.body = metrics.Text();
  return response;
}

}  // namespace

absl::StatusOr<std::unique_ptr<http::Server>> ServeOperations(listen::Socket socket,
                                                              telemetry::Metrics& metrics,
                                                              std::function<absl::Status()> ready) {
  http::ServerOptions options{.address = socket.Address()};
  options.listener = socket.Release();
  options.limits.body_bytes_max = 0;
  return http::Server::Start(
      std::move(options), [&metrics, ready = std::move(ready)](const http::Request& request,
                                                               http::Responder responder) {
        const bool reads =
            request.method == http::Method::kGet || request.method == http::Method::kHead;
        if (!reads) {
          http::Response response = Plain(405, "this is served for GET, HEAD only\n");
          response.AddHeader("Allow", "GET, HEAD");
          return responder.Respond(std::move(response));
        }
        if (request.path == "/metrics") return responder.Respond(Figures(metrics));
        if (request.path == "/healthz") return responder.Respond(Plain(200, "healthy\n"));
        if (request.path == "/readyz") return responder.Respond(Ready(ready()));
        responder.Respond(Plain(404, "there are /metrics, /healthz and /readyz\n"));
      });
}

}  // namespace mostove::service
