// Calls a method wherever its service runs: in this process through the table
// and a bounded pool, or (later) in another one over gRPC.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "libs/rpc/service_table.h"
#include "libs/rpc/worker_pool.h"

namespace mostove::rpc {

// Gets the answer on whatever thread made it; must not block.
using Done = std::function<void(absl::StatusOr<call::MessagePtr>)>;

class Invoker {
 public:
  virtual ~Invoker() = default;
  // Services that it reaches.
  virtual std::vector<const google::protobuf::ServiceDescriptor*> services() const = 0;
  // Methods marked inline run before Invoke returns, on the caller's thread.
  // UNAVAILABLE, reason QUEUE_FULL, at once when the pool has no room.
  virtual void Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
                      call::MessagePtr request, Done done) = 0;
};

// The tables of this process. Tables and pool outlive it.
std::unique_ptr<Invoker> MakeLocalInvoker(std::vector<const ServiceTable*> tables,
                                          WorkerPool* pool);

}  // namespace mostove::rpc
