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

namespace {

absl::Status Unknown(const ServiceDescriptor* service) {
  return status::Unavailable("SERVICE_UNKNOWN",
                             absl::StrCat(service->full_name(), " is not known here"),
                             absl::Seconds(1));
}

}  // namespace

void Peers::Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
                   call::MessagePtr request, Done done) {
  Invoker* const invoker = Find(method->service());
  if (invoker == nullptr) return done(Unknown(method->service()));
  invoker->Invoke(method, std::move(call), std::move(request), std::move(done));
}

std::shared_ptr<Stream> Peers::Open(const google::protobuf::MethodDescriptor* method,
                                    call::Call call, call::MessagePtr request) {
  Invoker* const invoker = Find(method->service());
  if (invoker == nullptr) return FailedStream(Unknown(method->service()));
  return invoker->Open(method, std::move(call), std::move(request));
}

}  // namespace mostove::rpc
