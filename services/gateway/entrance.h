// Who sends a request: what it brings to prove it, who that is, and from what budget it takes.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "libs/call/call.h"
#include "libs/http/request.h"
#include "services/gateway/budgets.h"
#include "services/gateway/client_address.h"
#include "services/gateway/guard.h"

namespace mostove::gateway {

// Who proves itself by this header field; "" is nobody. Errors as auth::Authenticator's. On the
// loop thread: must not block.
using CallerProvider = std::function<absl::StatusOr<call::Caller>(absl::string_view authorization)>;

// Safe for all threads.
class Entrance {
 public:
  struct Entry {
    call::Caller caller;
    std::string authorization;  // for services that are asked in its name; "" without tokens
  };

  // `budgets` may be null (no limits), and outlives it.
  Entrance(const EntranceOptions& options, CallerProvider caller, Budgets* budgets);

  // Method null: one that is no RPC. Sets `quota` also when it refuses: UNAUTHENTICATED,
  // RESOURCE_EXHAUSTED, or INVALID_ARGUMENT where two proofs come at once.
  absl::StatusOr<Entry> Identify(const http::Request& request,
                                 const google::protobuf::MethodDescriptor* method,
                                 Quota& quota) const;
  // For a page, whose visitor proves by a cookie what others say in that field: `authorization`.
  // From any thread. Errors as above.
  absl::StatusOr<Entry> IdentifyPage(const std::string& authorization, const std::string& address,
                                     Quota& quota) const;
  // For a form with a password, which no caller comes with.
  absl::Status AdmitSignIn(const http::Request& request, Quota& quota) const;
  // For other forms that prove who sends them by themselves.
  absl::Status AdmitPublic(const http::Request& request, Quota& quota) const;

  std::string ClientAddress(const http::Request& request) const {
    return edges_.ClientAddress(request);
  }

 private:
  absl::StatusOr<Entry> IdentifyBy(const absl::StatusOr<std::string>& proof,
                                   absl::string_view method, const Budgets::Address& address,
                                   Quota& quota) const;

  const bool tokens_;
  const TrustedEdges edges_;
  const CallerProvider caller_;
  Budgets* const budgets_;
};

// Feed keys are for methods whose permission says `feeds`: as the password of Basic, or as the
// query parameter `key`.
bool TakesFeedKeys(const google::protobuf::MethodDescriptor* method);
// The request's target without the parameter `key`: the key goes no further than its check.
bool HasKeyParameter(absl::string_view query);
std::string WithoutKeyParameter(absl::string_view target);

}  // namespace mostove::gateway
