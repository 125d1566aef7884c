// The addresses of OAuth 2 for programs: /oauth2/token (RFC 6749), /oauth2/revoke (RFC 7009), and
// what they are called and signed with under /.well-known/ (RFC 8414, RFC 7517).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/http/request.h"
#include "services/gateway/entrance.h"
#include "services/gateway/exchange.h"
#include "services/gateway/identity_calls.h"

namespace mostove::gateway {

// Safe for all threads.
class OAuth : public std::enable_shared_from_this<OAuth> {
 public:
  // They outlive it and the exchanges that it answers.
  OAuth(const std::string& issuer, const Entrance& entrance, const IdentityCalls& identity);

  // Answers those paths. False, and nothing done, for others.
  bool Answer(const http::Request& request, const std::shared_ptr<Exchange>& exchange);

 private:
  void Token(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const;
  void Revoke(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const;
  void Keys(const std::shared_ptr<Exchange>& exchange);

  const Entrance& entrance_;
  const IdentityCalls& identity_;
  const std::string metadata_;

  std::mutex mutex_;
  std::string keys_;  // the last document that identity gave; "" before
  absl::Time keys_time_ = absl::InfinitePast();
};

// How a client is told what was wrong (RFC 6749, 4.1.2.1 and 5.2).
struct OAuthError {
  int http_status = 400;
  absl::string_view code;   // "invalid_grant"
  std::string description;  // ASCII
  absl::Duration retry_after = absl::ZeroDuration();
};
OAuthError OAuthErrorOf(const absl::Status& status);

}  // namespace mostove::gateway
