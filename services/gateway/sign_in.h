// Where people sign in for a client: /oauth2/authorize, the authorization code with PKCE (RFC 6749,
// 7636, 9207), and where they accept an invitation: /invitations/accept.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/request.h"
#include "services/gateway/entrance.h"
#include "services/gateway/exchange.h"
#include "services/gateway/form.h"
#include "services/gateway/identity_calls.h"

namespace mostove::gateway {

// Immutable, thread-safe.
class SignIn : public std::enable_shared_from_this<SignIn> {
 public:
  // They outlive it and the exchanges that it answers.
  SignIn(std::string issuer, const Entrance& entrance, const IdentityCalls& identity)
      : issuer_(std::move(issuer)), entrance_(entrance), identity_(identity) {}

  // Answers /oauth2/authorize. False, and nothing done, for other paths.
  bool Answer(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const;

 private:
  struct Asked;  // one request, with its client

  void Check(const std::shared_ptr<Asked>& asked) const;
  void SubmitPassword(const std::shared_ptr<Asked>& asked) const;
  void Redirect(const Asked& asked, absl::string_view parameters) const;
  void RefuseClient(const Asked& asked, absl::string_view code,
                    absl::string_view description) const;

  const std::string issuer_;
  const Entrance& entrance_;
  const IdentityCalls& identity_;
};

// Answers /invitations/accept. False, and nothing done, for other paths.
bool AnswerInvitation(const http::Request& request, const Entrance& entrance,
                      const IdentityCalls& identity, const std::shared_ptr<Exchange>& exchange);

}  // namespace mostove::gateway
