#include "services/gateway/guard.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

// "localhost:8080" -> "localhost"
absl::string_view WithoutPort(absl::string_view host) {
  const size_t colon = host.rfind(':');
  const bool has_port =
      colon != absl::string_view::npos &&
      host.substr(colon + 1).find_first_not_of("0123456789") == absl::string_view::npos;
  return has_port ? host.substr(0, colon) : host;
}

bool IsThisMachine(absl::string_view name) {
  return name == "127.0.0.1" || name == "[::1]" || absl::EqualsIgnoreCase(name, "localhost");
}

bool IsSameOrigin(absl::string_view origin, absl::string_view host) {
  return (absl::ConsumePrefix(&origin, "http://") || absl::ConsumePrefix(&origin, "https://")) &&
         absl::EqualsIgnoreCase(origin, host);
}

std::vector<std::string> SplitHosts(absl::string_view hosts) {
  std::vector<std::string> all;
  for (const absl::string_view host : absl::StrSplit(hosts, ',')) {
    const absl::string_view bare = absl::StripAsciiWhitespace(host);
    if (!bare.empty()) all.push_back(absl::AsciiStrToLower(bare));
  }
  return all;
}

// "registry.example.org" of "https://registry.example.org:8443".
std::string HostOf(absl::string_view origin) {
  const size_t scheme = origin.find("://");
  if (scheme != absl::string_view::npos) origin.remove_prefix(scheme + 3);
  return absl::AsciiStrToLower(WithoutPort(origin.substr(0, origin.find('/'))));
}

GuardRefusal ForeignPage() {
  return {403, status::PermissionDenied(
                   "FOREIGN_ORIGIN",
                   "web pages of other origins may not use this server: without an identity "
                   "service every request acts as the administrator")};
}

}  // namespace

absl::Status CheckListenAddress(const http::Endpoint& endpoint, const EntranceOptions& options) {
  if (endpoint.loopback) return absl::OkStatus();
  const auto refuse = [&](absl::string_view why) {
    return status::Precondition(
        "NOT_LOOPBACK", absl::StrCat("refusing to listen on ", endpoint.ToString(), ": ", why,
                                     "; or listen on 127.0.0.1 or [::1]"));
  };
  if (!options.tokens) {
    return refuse(
        "callers do not prove who they are, so everyone who reaches the port is an administrator; "
        "set callers = tokens");
  }
  if (!options.edge_terminates_tls) {
    return refuse(
        "tokens and passwords would travel in the clear; put a proxy that terminates TLS before "
        "it, as deploy/caddy does, and set edge_terminates_tls = true");
  }
  return absl::OkStatus();
}

Guard::Guard(const EntranceOptions& options, const Cors& cors)
    : tokens_(options.tokens), cors_(cors), hosts_(SplitHosts(options.hosts)) {
  if (tokens_) hosts_.push_back(HostOf(options.issuer));
}

bool Guard::IsOurs(absl::string_view host) const {
  const absl::string_view name = WithoutPort(host);
  return IsThisMachine(name) || std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& ours) {
           return absl::EqualsIgnoreCase(name, ours);
         });
}

GuardRefusal Guard::Check(const http::Request& request) const {
  const absl::string_view host = request.headers.Get("Host");
  if (!IsOurs(host)) {
    return {421, status::Make(absl::StatusCode::kInvalidArgument, "FOREIGN_HOST",
                              tokens_ ? "this server does not answer to that host"
                                      : "this server answers to the hosts localhost, 127.0.0.1 and "
                                        "[::1] only")};
  }
  if (tokens_ || cors_.Allows(request)) return {};
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

bool ComesFromOwnPage(const http::Request& request) {
  const absl::string_view* site = request.headers.Find("Sec-Fetch-Site");
  if (site != nullptr && *site != "same-origin") return false;
  const absl::string_view* origin = request.headers.Find("Origin");
  if (origin == nullptr) return site != nullptr;
  return request.headers.Count("Origin") == 1 && IsSameOrigin(*origin, request.headers.Get("Host"));
}

std::string CheckHosts(const std::string& hosts) {
  for (const std::string& host : SplitHosts(hosts)) {
    const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
    });
    if (!plain) {
      return "names of hosts with commas between them, without scheme and port, such as "
             "registry.example.org";
    }
  }
  return "";
}

}  // namespace mostove::gateway
