#include "services/gateway/cors.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace mostove::gateway {
namespace {

// No cookies and no credentials of the browser: who asks is said by a token that the page adds.
constexpr absl::string_view kPreflightHeaders =
    "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"
    "Access-Control-Allow-Headers: Accept, Accept-Language, Authorization, Change-Position, "
    "Connect-Protocol-Version, Connect-Timeout-Ms, Content-Type, Idempotency-Key, If-Match, "
    "If-None-Match, Last-Event-ID, traceparent, X-Request-Id, X-User-Agent\r\n"
    "Access-Control-Max-Age: 7200\r\n";
constexpr absl::string_view kAnswerHeaders =
    "Access-Control-Expose-Headers: Allow, Change-Position, Connect-Accept-Encoding, "
    "Connect-Content-Encoding, ETag, Link, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, WWW-Authenticate, X-Request-Id\r\n";

// "https://app.example.org:8443": as a browser writes it in Origin.
bool IsOrigin(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "https://") && !absl::ConsumePrefix(&text, "http://"))
    return false;
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || absl::StrContains("-.:[]", c);
  });
}

std::vector<std::string> Split(absl::string_view origins) {
  std::vector<std::string> all;
  for (const absl::string_view origin : absl::StrSplit(origins, ',')) {
    const absl::string_view bare = absl::StripAsciiWhitespace(origin);
    if (!bare.empty()) all.emplace_back(bare);
  }
  return all;
}

}  // namespace

Cors::Cors(absl::string_view origins) : origins_(Split(origins)) {}

std::string Cors::Check(const std::string& origins) {
  for (const std::string& origin : Split(origins)) {
    if (!IsOrigin(origin)) {
      return "origins with commas between them, each as browsers write it: lower case, without a "
             "path, such as https://app.example.org";
    }
  }
  return "";
}

bool Cors::Allows(const http::Request& request) const {
  if (origins_.empty()) return false;
  const absl::string_view* origin = request.headers.Find("Origin");
  return origin != nullptr && request.headers.Count("Origin") == 1 &&
         std::find(origins_.begin(), origins_.end(), *origin) != origins_.end();
}

bool Cors::IsPreflight(const http::Request& request) const {
  return request.method == http::Method::kOptions && Allows(request) &&
         request.headers.Find("Access-Control-Request-Method") != nullptr;
}

http::Response Cors::AnswerPreflight(const http::Request& request) const {
  http::Response response{.status = 204};
  absl::StrAppend(&response.headers, kPreflightHeaders);
  // From a page in the internet to a server on this machine (Private Network Access).
  if (request.headers.Get("Access-Control-Request-Private-Network") == "true")
    response.AddHeader("Access-Control-Allow-Private-Network", "true");
  return response;
}

void Cors::AddHeaders(absl::string_view origin, http::Response& response) const {
  if (origins_.empty()) return;
  response.AddHeader("Vary", "Origin");
  if (origin.empty()) return;
  response.AddHeader("Access-Control-Allow-Origin", origin);
  absl::StrAppend(&response.headers, kAnswerHeaders);
}

}  // namespace mostove::gateway
