#include "services/gateway/guard.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

bool IsLocalHost(absl::string_view host) {
  const size_t colon = host.rfind(':');
  const bool has_port =
      colon != absl::string_view::npos &&
      host.substr(colon + 1).find_first_not_of("0123456789") == absl::string_view::npos;
  const absl::string_view name = has_port ? host.substr(0, colon) : host;
  return name == "127.0.0.1" || name == "[::1]" || absl::EqualsIgnoreCase(name, "localhost");
}

bool IsSameOrigin(absl::string_view origin, absl::string_view host) {
  return (absl::ConsumePrefix(&origin, "http://") || absl::ConsumePrefix(&origin, "https://")) &&
         absl::EqualsIgnoreCase(origin, host);
}

GuardRefusal ForeignPage() {
  return {403, status::PermissionDenied(
                   "FOREIGN_ORIGIN",
                   "web pages of other origins may not use this server: without an identity "
                   "service every request acts as the administrator")};
}

}  // namespace

absl::Status CheckListenAddress(const http::Endpoint& endpoint) {
  if (endpoint.loopback) return absl::OkStatus();
  return status::Precondition(
      "NOT_LOOPBACK",
      absl::StrCat("refusing to listen on ", endpoint.ToString(),
                   ": there is no identity service yet, so everyone who reaches the port is an "
                   "administrator; listen on 127.0.0.1 or [::1]"));
}

GuardRefusal CheckLocal(const http::Request& request, const Cors& cors) {
  const absl::string_view host = request.headers.Get("Host");
  if (!IsLocalHost(host)) {
    return {421,
            status::Make(absl::StatusCode::kInvalidArgument, "FOREIGN_HOST",
                         "this server answers to the hosts localhost, 127.0.0.1 and [::1] only")};
  }
  if (cors.Allows(request)) return {};
  const absl::string_view* origin = request.headers.Find("Origin");
  if (origin != nullptr && !IsSameOrigin(*origin, host)) return ForeignPage();
  const absl::string_view site = request.headers.Get("Sec-Fetch-Site");
  const bool foreign = site == "cross-site" || site == "same-site";
  const bool follows_link = request.method == http::Method::kGet &&
                            request.headers.Get("Sec-Fetch-Mode") == "navigate" &&
                            request.headers.Get("Sec-Fetch-Dest") == "document";
  if (foreign && !follows_link) return ForeignPage();
  return {};
}

}  // namespace mostove::gateway
