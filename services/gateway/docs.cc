#include "services/gateway/docs.h"

#include <utility>

#include "libs/gzip/gzip.h"
#include "libs/openapi/comments.h"
#include "libs/openapi/document.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "services/gateway/compress.h"
#include "services/gateway/conditional.h"
#include "services/gateway/pages.h"
#include "services/gateway/problem.h"

namespace mostove::gateway {

// Swagger UI as its makers publish it, compressed by the build.
absl::string_view SwaggerScript();
absl::string_view SwaggerStyle();
absl::string_view SwaggerRedirectScript();

namespace {

constexpr absl::string_view kHtml = "text/html; charset=utf-8";

constexpr char kPage[] = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mostove API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/page.css">
</head>
<body>
<div id="page"><p>The documentation needs JavaScript; <a href="openapi.json">openapi.json</a> is what it shows.</p></div>
<script src="docs/swagger-ui.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
)";

// Paths are long for a phone: they may break anywhere.
constexpr char kPageStyle[] = R"(body { margin: 0; overflow-wrap: anywhere; }
.swagger-ui .opblock .opblock-summary-path { word-break: break-word; }
@media (max-width: 640px) {
  .swagger-ui .wrapper, .swagger-ui .info { padding: 0 8px; }
  .swagger-ui .opblock-tag, .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock-tag small { flex-basis: 100%; padding: 0; }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; }
  .swagger-ui table.parameters, .swagger-ui table.responses-table { display: block; overflow-x: auto; }
}
)";

constexpr char kPageScript[] = R"(const ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#page',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  persistAuthorization: false,
  oauth2RedirectUrl: location.origin + '/docs/oauth2-redirect.html',
});
ui.initOAuth({ usePkceWithAuthorizationCodeGrant: true, scopes: 'read' });
)";

// Where people come back to after they signed in, in a window of its own.
constexpr char kRedirectPage[] = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Mostove API</title>
</head>
<body>
<script src="oauth2-redirect.js"></script>
</body>
</html>
)";

constexpr char kPagePolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr char kFilePolicy[] = "default-src 'none'; frame-ancestors 'none'";

}  // namespace

absl::StatusOr<Docs> Docs::Make(const RouteTable& routes) {
  ASSIGN_OR_RETURN(const openapi::Comments comments, openapi::Comments::OfThisProject());
  const auto problem = [](const absl::Status& status, int http_status) {
    constexpr char kRequestId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
    return MakeProblem(status, {.request_id = kRequestId, .http_status = http_status}).body;
  };
  const std::string document = openapi::Document({.routes = routes.routes(),
                                                  .comments = comments,
                                                  .version = MOSTOVE_VERSION,
                                                  .problem = problem});
  Docs docs;
  docs.Add("/openapi.json", "application/json", gzip::Pack(document));
  docs.Add("/docs", kHtml, gzip::Pack(kPage));
  docs.Add("/docs/page.css", "text/css; charset=utf-8", gzip::Pack(kPageStyle));
  docs.Add("/docs/page.js", "text/javascript; charset=utf-8", gzip::Pack(kPageScript));
  docs.Add("/docs/swagger-ui.css", "text/css; charset=utf-8", std::string(SwaggerStyle()));
  docs.Add("/docs/swagger-ui.js", "text/javascript; charset=utf-8", std::string(SwaggerScript()));
  docs.Add("/docs/oauth2-redirect.html", kHtml, gzip::Pack(kRedirectPage));
  docs.Add("/docs/oauth2-redirect.js", "text/javascript; charset=utf-8",
           std::string(SwaggerRedirectScript()));
  return docs;
}

void Docs::Add(absl::string_view path, absl::string_view content_type, std::string packed) {
  std::string tag = TagOfBytes(packed);
  files_.emplace(
      path, File{.content_type = content_type,
                 .policy = content_type == kHtml ? kPagePolicy : kFilePolicy,
                 .plain = std::make_shared<const std::string>(gzip::Unpack(packed).value_or("")),
                 .packed = std::make_shared<const std::string>(std::move(packed)),
                 .tag = std::move(tag)});
}

bool Docs::Answer(const http::Request& request, Exchange& exchange) const {
  if (request.path == "/docs/") {
    http::Response response{.status = 308};
    response.AddHeader("Location", "/docs");
    response.AddHeader("Content-Security-Policy", kFilePolicy);
    exchange.set_route_label("/docs");
    exchange.Respond(std::move(response));
    return true;
  }
  const auto found = files_.find(std::string(request.path));
  if (found == files_.end()) return false;
  const auto& [path, file] = *found;
  exchange.set_route_label(path);
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    FailMethod(exchange, "GET, HEAD");
    return true;
  }
  http::Response response;
  response.AddHeader("Cache-Control", "no-cache");
  // Weak: packed and plain are the same document in other bytes.
  response.AddHeader("ETag", "W/" + file.tag);
  if (NamesTag(JoinedField(request.headers, "If-None-Match"), file.tag)) {
    response.status = 304;
    exchange.Respond(std::move(response));
    return true;
  }
  response.AddHeader("Content-Type", file.content_type);
  response.AddHeader("Content-Security-Policy", file.policy);
  // Its sign-in is a window that it opens and that talks back.
  if (path == "/docs") {
    response.AddHeader("Cross-Origin-Opener-Policy", "same-origin-allow-popups");
  }
  if (AcceptsGzip(request.headers)) {
    response.AddHeader("Content-Encoding", "gzip");
    response.shared_body = file.packed;
  } else {
    response.shared_body = file.plain;
  }
  exchange.Respond(std::move(response));
  return true;
}

}  // namespace mostove::gateway
