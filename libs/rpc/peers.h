// One way to all services, wherever each of them runs.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/rpc/invoker.h"

namespace mostove::rpc {

// Sends each call to the invoker that reaches its service. Services that need
// each other get it before any of them is open; it learns the ways after that.
// Safe for all threads.
class Peers : public Invoker {
 public:
  // `invoker` outlives this. A service that it reaches replaces an older way.
  void Add(Invoker* invoker);

  std::vector<const google::protobuf::ServiceDescriptor*> services() const override;
  // UNAVAILABLE, reason SERVICE_UNKNOWN, for a service without a way.
  void Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
              call::MessagePtr request, Done done) override;
  std::shared_ptr<Stream> Open(const google::protobuf::MethodDescriptor* method, call::Call call,
                               call::MessagePtr request) override;

 private:
  Invoker* Find(const google::protobuf::ServiceDescriptor* service) const;

  mutable std::shared_mutex mutex_;
  absl::flat_hash_map<const google::protobuf::ServiceDescriptor*, Invoker*> ways_;
};

}  // namespace mostove::rpc
