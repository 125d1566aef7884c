// A call of a gRPC client from its request to its end. Private to the invoker.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>

#include "libs/rpc/grpc_client.h"

namespace mostove::rpc {

// A method as the client needs it.
struct RemoteMethod {
  Method method;
  std::string path;  // "/mostove.organizations.v1.OrganizationsService/GetOrganization"
  const google::protobuf::Message* response = nullptr;  // makes empty ones: response->New()
};

// Waits until a copy is connected, is sent, and ends. Begin sends it on its own
// thread; everything after that happens on the queue's.
class RemoteCall : public std::enable_shared_from_this<RemoteCall> {
 public:
  // Client and method outlive it.
  RemoteCall(GrpcClient& client, const RemoteMethod& method, call::Call call);
  virtual ~RemoteCall() = default;

  void Begin(call::MessagePtr request);
  void Tick(absl::Time now, bool stopping);

 protected:
  // Starts the operations of context() on the copy.
  virtual void Send(const Copy& copy) = 0;
  // Ends a call that was sent: its operations end soon.
  virtual void CancelSent() { context_->TryCancel(); }
  // Answers the caller of a call that will not be sent.
  virtual void Fail(absl::Status error) = 0;

  // Waits and sends it again. What used the context is gone.
  void SendAgain(absl::Duration pause);
  // The error of a call that was sent.
  absl::Status Explain(const grpc::Status& status) const;
  // INTERNAL if the bytes are no such message.
  absl::StatusOr<call::MessagePtr> Parse(grpc::ByteBuffer& bytes) const;
  // An idempotency key or its method make a repetition harmless.
  bool repeatable() const;
  // The caller is gone.
  virtual bool cancelled() const;

  GrpcClient& client() const { return client_; }
  const RemoteMethod& method() const { return method_; }
  const grpc::ByteBuffer& request() const { return request_; }
  grpc::ClientContext* context() const { return context_.get(); }
  absl::Time deadline() const { return call_.deadline; }

 private:
  absl::Status Serialize(google::protobuf::Message& request);
  std::unique_ptr<grpc::ClientContext> MakeContext() const;
  void WaitFrom(absl::Time time);
  absl::Status WhyNotWait(absl::Time now, bool stopping) const;

  GrpcClient& client_;
  const RemoteMethod& method_;
  call::Call call_;
  grpc::ByteBuffer request_;
  std::unique_ptr<grpc::ClientContext> context_;  // of the last sending
  const Copy* copy_ = nullptr;                    // that it was sent to
  bool sent_ = false;
  // While it waits: when it may be sent, and until when it waits for a copy.
  absl::Time resume_;
  absl::Time give_up_;
};

// The two kinds. `Begin` is still to be called.
std::shared_ptr<RemoteCall> MakeRemoteUnary(GrpcClient& client, const RemoteMethod& method,
                                            call::Call call, Done done);
// Returns the same object twice: what begins it and what the caller pulls.
struct RemoteStream {
  std::shared_ptr<RemoteCall> call;
  std::shared_ptr<Stream> stream;
};
RemoteStream MakeRemoteStream(GrpcClient& client, const RemoteMethod& method, call::Call call);

}  // namespace mostove::rpc
