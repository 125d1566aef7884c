// The pages of services/dashboard over HTTP: who looks at them, in which language, and how people
// sign in and out.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/http/request.h"
#include "libs/rpc/invoker.h"
#include "services/dashboard/dashboard.h"
#include "services/gateway/entrance.h"
#include "services/gateway/exchange.h"
#include "services/gateway/form.h"
#include "services/gateway/identity_calls.h"
#include "services/gateway/page_session.h"

namespace mostove::gateway {

// Thread-safe.
class Site : public std::enable_shared_from_this<Site> {
 public:
  // They outlive it and the exchanges that it answers, and so do the invokers.
  Site(const EntranceOptions& options, const Entrance& entrance, const IdentityCalls& identity,
       std::vector<rpc::Invoker*> invokers, absl::Duration request_time);

  // Answers the paths of pages, /sign-in, /sign-out and the style sheet. False, and nothing done,
  // for others.
  bool Answer(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const;
  // Says that there is no such page, where a browser asks for one. False, and nothing done, for
  // programs.
  bool AnswerMissing(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const;

 private:
  struct Asked;  // one request for a page
  using AskedPtr = std::shared_ptr<Asked>;

  AskedPtr Read(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const;
  void AnswerStyle(const http::Request& request, Exchange& exchange) const;
  // Finds out who looks, with a new token if need be; then `then`.
  void Identify(const AskedPtr& asked, std::function<void()> then) const;
  void Renew(const AskedPtr& asked, std::function<void()> then) const;
  absl::Status IdentifyBy(const std::string& access_token, Asked& asked) const;
  void Show(const AskedPtr& asked) const;
  void SignIn(const http::Request& request, const AskedPtr& asked) const;
  void SignOut(const http::Request& request, const AskedPtr& asked) const;

  const bool tokens_;  // people can sign in
  const SessionCookie cookie_;
  const std::string language_attributes_;
  const Entrance& entrance_;
  const IdentityCalls& identity_;
  const std::vector<rpc::Invoker*> invokers_;
  const absl::Duration request_time_;
  const std::shared_ptr<PageRenewals> renewals_;
  const std::shared_ptr<const std::string> style_;
};

}  // namespace mostove::gateway
