// The session of a person who looks at pages, as their browser keeps it.
//
// A cookie holds what identity gave: an access token of five minutes and the refresh token that
// gets the next one. Nothing is kept here, so every gateway can answer and a restart signs nobody
// out. The tokens may only read (see Site), and the cookie counts for pages alone: no other way in
// looks at cookies.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/http/request.h"
#include "services/gateway/exchange.h"
#include "services/gateway/identity_calls.h"

namespace mostove::gateway {

// The value of a cookie; "" if there is none.
absl::string_view CookieOf(const http::Headers& headers, absl::string_view name);

struct PageSession {
  std::string access_token, refresh_token;  // both "" for nobody

  bool empty() const { return refresh_token.empty(); }
};

// Immutable, thread-safe.
class SessionCookie {
 public:
  // `secure`: the browser reaches us by https only.
  explicit SessionCookie(bool secure);

  PageSession Read(const http::Headers& headers) const;
  // Values of Set-Cookie. It ends with the browser: phones are shared.
  std::string Set(const PageSession& session) const;
  std::string Clear() const;

 private:
  const std::string name_;
  const std::string attributes_;
};

// Gets the next tokens for refresh tokens, each of which counts once: pages that are opened
// together, with the same cookie, share what the first of them gets. Safe for all threads.
class PageRenewals : public std::enable_shared_from_this<PageRenewals> {
 public:
  using Done = std::function<void(const absl::StatusOr<PageSession>&)>;

  // `identity` outlives it.
  explicit PageRenewals(const IdentityCalls& identity) : identity_(identity) {}

  // `address`: of the browser. Errors as of IssueToken. `done` runs once, on whatever thread.
  void Renew(const std::string& refresh_token, const std::string& address, const Exchange& exchange,
             const Done& done);

 private:
  struct Renewal {
    absl::Time end = absl::InfiniteFuture();  // under way until then, or kept
    PageSession session;                      // once it was given
    std::vector<Done> waiting;
  };
  void Finish(const std::string& key, const absl::StatusOr<PageSession>& session);

  const IdentityCalls& identity_;
  std::mutex mutex_;
  std::map<std::string, Renewal> renewals_;  // by hash of token and address
};

}  // namespace mostove::gateway
