#include "libs/rpc/peers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::rpc {

using google::protobuf::ServiceDescriptor;

void Peers::Add(Invoker* invoker) {
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  for (const ServiceDescriptor* service : invoker->services()) ways_[service] = invoker;
}

std::vector<const ServiceDescriptor*> Peers::services() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  std::vector<const ServiceDescriptor*> services;
  for (const auto& [service, invoker] : ways_) services.push_back(service);
  return services;
}

Invoker* Peers::Find(const ServiceDescriptor* service) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const auto way = ways_.find(service);
  return way == ways_.end() ? nullptr : way->second;
}

void Peers::Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
                   call::MessagePtr request, Done done) {
  Invoker* const invoker = Find(method->service());
  if (invoker == nullptr) {
    done(status::Unavailable("SERVICE_UNKNOWN",
                             absl::StrCat(method->service()->full_name(), " is not known here"),
                             absl::Seconds(1)));
    return;
  }
  invoker->Invoke(method, std::move(call), std::move(request), std::move(done));
}

}  // namespace mostove::rpc
