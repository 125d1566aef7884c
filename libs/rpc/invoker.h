// Calls a method wherever its service runs: in this process through the table
// and a bounded pool, or in another one over gRPC (grpc_invoker.h).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "libs/rpc/reading.h"
#include "libs/rpc/service_table.h"
#include "libs/rpc/worker_pool.h"

namespace mostove::rpc {

// Gets the answer on whatever thread made it; must not block.
using Done = std::function<void(absl::StatusOr<call::MessagePtr>)>;

// A server stream, pulled by its caller one message at a time. Whoever drops it
// cancels it first, unless it has ended.
class Stream {
 public:
  virtual ~Stream() = default;
  // The next message as soon as there is one, or the error that ends the
  // stream; OUT_OF_RANGE ends it well. Pull again only after `done` was called,
  // which may be before Pull returns.
  virtual void Pull(Done done) = 0;
  // For any thread at any time: the pull that waits, and any later one, is
  // answered with CANCELLED (or with what came before).
  virtual void Cancel() = 0;
};

class Invoker {
 public:
  virtual ~Invoker() = default;
  // Services that it reaches.
  virtual std::vector<const google::protobuf::ServiceDescriptor*> services() const = 0;
  // Methods marked inline run before Invoke returns, on the caller's thread, if
  // they run in this process. UNAVAILABLE, reason QUEUE_FULL, at once when
  // there is no room for the call.
  virtual void Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
                      call::MessagePtr request, Done done) = 0;
  // A unary method whose answer is wanted as bytes. `key`: its request, and the
  // form in which the reading renders the answer, in any words; equal keys have
  // equal answers for callers who see the same. A kept answer goes the way of a
  // call all the same: permission, deadline, count and log line. Here: renders
  // what Invoke answers.
  virtual void Read(const google::protobuf::MethodDescriptor* method, call::Call call,
                    absl::string_view key, std::shared_ptr<Reading> reading);
  // Errors come with the first pull: UNIMPLEMENTED from an invoker without
  // streams.
  virtual std::shared_ptr<Stream> Open(const google::protobuf::MethodDescriptor* method,
                                       call::Call call, call::MessagePtr request);
};

class StreamWatch;

// Answers every pull with the error.
std::shared_ptr<Stream> FailedStream(absl::Status error);

// The tables of this process. Tables and pool outlive it and its streams, and so
// do the answers that it keeps and the watch over its streams; null: none.
std::unique_ptr<Invoker> MakeLocalInvoker(std::vector<const ServiceTable*> tables, WorkerPool* pool,
                                          answers::Answers* answers = nullptr,
                                          StreamWatch* watch = nullptr);

}  // namespace mostove::rpc
