// What the calls of one gRPC server share. Private to the server.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/grpc_server.h"
#include "libs/rpc/grpc_tag.h"

namespace mostove::rpc {

class GrpcRuntime {
 public:
  GrpcRuntime(grpc::ServerCompletionQueue* queue, const GrpcServerOptions& options)
      : queue(queue),
        caller_of(options.caller_of),
        deadline_max(options.limits.deadline_max),
        localizes_errors(options.localizes_errors),
        metrics_(options.metrics) {}

  grpc::ServerCompletionQueue* const queue;
  const CallerOf caller_of;
  const absl::Duration deadline_max;
  const bool localizes_errors;

  // Counts and logs a call that was refused before it came to the invoker.
  void CountRefusal(const Method& method, const absl::Status& status) const;

  // The queue may be shut down only when no call object is left.
  void CountCall();
  void ForgetCall();
  void WaitUntilNoCalls();

  bool draining() const { return draining_; }
  // Streams are cancelled, so that they see it.
  void StartDraining();
  void AddStream(const void* call, std::shared_ptr<Stream> stream);
  void RemoveStream(const void* call);

 private:
  telemetry::Metrics* const metrics_;
  std::atomic<bool> draining_ = false;
  std::mutex mutex_;
  std::condition_variable none_;
  int calls_ = 0;                                           // guarded by mutex_
  std::map<const void*, std::shared_ptr<Stream>> streams_;  // guarded by mutex_
};

// A service as gRPC sees it: methods by index, messages as bytes.
class GrpcService : public grpc::Service {
 public:
  GrpcService(const google::protobuf::ServiceDescriptor& descriptor, Invoker* invoker);

  Invoker& invoker() const { return *invoker_; }
  const std::vector<Method>& methods() const { return methods_; }

  using grpc::Service::RequestAsyncServerStreaming;
  using grpc::Service::RequestAsyncUnary;

 private:
  Invoker* const invoker_;
  std::vector<Method> methods_;
  std::vector<std::string> paths_;  // gRPC keeps pointers to their text
};

// The call that the context describes: caller, deadline, ids, language. Sets
// x-request-id in the answer. `cancelled` may be null.
absl::StatusOr<call::Call> MakeCall(const GrpcRuntime& runtime, const Method& method,
                                    grpc::ServerContext& context,
                                    std::shared_ptr<const std::atomic<bool>> cancelled);

// The language that errors of the call are sent in.
std::string ErrorLanguage(const GrpcRuntime& runtime, const grpc::ServerContext& context);

// INVALID_ARGUMENT, reason MALFORMED_REQUEST.
absl::StatusOr<call::MessagePtr> ParseRequest(const Method& method, grpc::ByteBuffer& bytes);

// Waits for the next call of the method; answers it and waits again.
void AwaitUnary(GrpcRuntime& runtime, GrpcService& service, int index);
void AwaitStream(GrpcRuntime& runtime, GrpcService& service, int index);

}  // namespace mostove::rpc
