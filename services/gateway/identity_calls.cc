#include "services/gateway/identity_calls.h"

#include <utility>

#include "absl/time/clock.h"

namespace mostove::gateway {

IdentityCalls::IdentityCalls(const std::vector<rpc::Invoker*>& invokers,
                             absl::Duration request_time)
    : request_time_(request_time) {
  for (rpc::Invoker* invoker : invokers) {
    for (const auto* service : invoker->services()) {
      if (service->full_name() != "mostove.identity.v1.IdentityService") continue;
      service_ = service;
      invoker_ = invoker;
    }
  }
}

void IdentityCalls::Invoke(As as, const std::string& method, const Exchange& exchange,
                           call::MessagePtr request, rpc::Done done) const {
  call::Call call;
  if (as == As::kGateway) {
    call.caller.name = "services/gateway";
    call.caller.service = true;
  }
  call.deadline = absl::Now() + request_time_;
  call.request_id = exchange.request_id();
  call.traceparent = exchange.traceparent();
  call.language = std::string(exchange.language());
  invoker_->Invoke(service_->FindMethodByName(method), std::move(call), std::move(request),
                   std::move(done));
}

}  // namespace mostove::gateway
