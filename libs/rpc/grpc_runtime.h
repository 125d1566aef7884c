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

namespace mostove::rpc {

// What the completion queue gives back when an operation has ended.
class Tag {
 public:
  virtual void Complete(bool ok) = 0;

 protected:
  ~Tag() = default;
};

// Calls a member function of its owner.
template <class Owner>
class MemberTag : public Tag {
 public:
  MemberTag(Owner* owner, void (Owner::*function)(bool)) : owner_(owner), function_(function) {}
  void Complete(bool ok) override { (owner_->*function_)(ok); }

 private:
  Owner* const owner_;
  void (Owner::*const function_)(bool);
};

class GrpcRuntime {
 public:
  GrpcRuntime(grpc::ServerCompletionQueue* queue, WorkerPool* pool, CallerOf caller_of,
              absl::Duration deadline_max)
      : queue(queue), pool(pool), caller_of(std::move(caller_of)), deadline_max(deadline_max) {}

  grpc::ServerCompletionQueue* const queue;
  WorkerPool* const pool;
  const CallerOf caller_of;
  const absl::Duration deadline_max;

  // The queue may be shut down only when no call object is left.
  void CountCall();
  void ForgetCall();
  void WaitUntilNoCalls();

  bool draining() const { return draining_; }
  // Streams are woken to see it.
  void StartDraining();
  void AddStream(const void* stream, std::function<void()> wake);
  void RemoveStream(const void* stream);

 private:
  std::atomic<bool> draining_ = false;
  std::mutex mutex_;
  std::condition_variable none_;
  int calls_ = 0;                                         // guarded by mutex_
  std::map<const void*, std::function<void()>> streams_;  // guarded by mutex_
};

// A table as gRPC sees it: methods by index, messages as bytes.
class TableService : public grpc::Service {
 public:
  explicit TableService(const ServiceTable& table);

  const ServiceTable& table() const { return table_; }
  const Method& method(int index) const { return table_.methods()[index]; }

  using grpc::Service::RequestAsyncServerStreaming;
  using grpc::Service::RequestAsyncUnary;

 private:
  const ServiceTable& table_;
  std::vector<std::string> paths_;  // gRPC keeps pointers to their text
};

// The call that the context describes: caller, deadline, ids, language. Sets
// x-request-id in the answer. `cancelled` may be null.
absl::StatusOr<call::Call> MakeCall(const GrpcRuntime& runtime, const Method& method,
                                    grpc::ServerContext& context,
                                    std::shared_ptr<const std::atomic<bool>> cancelled);

// INVALID_ARGUMENT, reason MALFORMED_REQUEST.
absl::StatusOr<call::MessagePtr> ParseRequest(const Method& method, grpc::ByteBuffer& bytes);
absl::StatusOr<grpc::ByteBuffer> SerializeResponse(const google::protobuf::Message& response);

// Waits for the next call of the method; answers it and waits again.
void AwaitUnary(GrpcRuntime& runtime, TableService& service, int index);
void AwaitStream(GrpcRuntime& runtime, TableService& service, int index);

}  // namespace mostove::rpc
