// The gateway's own calls of the identity service.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "libs/rpc/invoker.h"
#include "services/gateway/exchange.h"

namespace mostove::gateway {

// Immutable, thread-safe. The invokers outlive it.
class IdentityCalls {
 public:
  enum class As {
    kNobody,
    kGateway,  // a program of the installation: may tell from which address somebody asks
  };

  IdentityCalls(const std::vector<rpc::Invoker*>& invokers, absl::Duration request_time);

  // False: no invoker reaches an identity service, and there is nothing to call.
  bool available() const { return service_ != nullptr; }

  // Calls the RPC of this name for an exchange; `done` runs on whatever thread has the answer.
  template <class Response, class Request>
  void Call(As as, const std::string& method, const Exchange& exchange, const Request& request,
            std::function<void(const absl::StatusOr<Response>&)> done) const {
    Invoke(as, method, exchange, std::make_unique<Request>(request),
           [done = std::move(done)](const absl::StatusOr<call::MessagePtr>& answer) {
             if (!answer.ok()) return done(answer.status());
             done(static_cast<const Response&>(**answer));
           });
  }

 private:
  void Invoke(As as, const std::string& method, const Exchange& exchange, call::MessagePtr request,
              rpc::Done done) const;

  const google::protobuf::ServiceDescriptor* service_ = nullptr;
  rpc::Invoker* invoker_ = nullptr;
  const absl::Duration request_time_;
};

}  // namespace mostove::gateway
