// A unary call from its arrival to its end. All completions come on the
// queue's thread; only Answer may run on the pool.
#include <grpcpp/support/async_unary_call.h>

#include <memory>
#include <utility>

#include "libs/rpc/grpc_runtime.h"
#include "libs/rpc/grpc_status.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

class UnaryCall {
 public:
  UnaryCall(GrpcRuntime& runtime, TableService& service, int index)
      : runtime_(runtime), service_(service), index_(index), method_(service.method(index)) {
    runtime_.CountCall();
  }
  ~UnaryCall() = default;

  void Await() {
    if (!method_.runs_inline) {
      // A call that runs at once cannot be cancelled: the event is saved.
      cancelled_ = std::make_shared<std::atomic<bool>>(false);
      context_.AsyncNotifyWhenDone(&done_);
    }
    service_.RequestAsyncUnary(index_, &context_, &bytes_, &responder_, runtime_.queue,
                               runtime_.queue, &requested_);
  }

 private:
  void OnRequested(bool ok) {
    if (!ok) return Delete();  // the server stops; there is no other event
    AwaitUnary(runtime_, service_, index_);
    events_left_ = method_.runs_inline ? 1 : 2;
    if (method_.runs_inline) return Answer();
    if (!runtime_.pool->TryRun([this] { Answer(); })) Refuse();
  }

  void OnDone(bool /*ok*/) {
    if (context_.IsCancelled()) *cancelled_ = true;
    ReleaseEvent();
  }

  void OnFinished(bool /*ok*/) { ReleaseEvent(); }

  void ReleaseEvent() {
    if (--events_left_ == 0) Delete();
  }

  void Delete() {
    GrpcRuntime& runtime = runtime_;
    delete this;
    runtime.ForgetCall();
  }

  void Answer() {
    absl::StatusOr<grpc::ByteBuffer> bytes = Run();
    // Once finished, the other thread may delete this.
    if (bytes.ok()) {
      responder_.Finish(*bytes, grpc::Status::OK, &finished_);
    } else {
      responder_.FinishWithError(ToGrpc(bytes.status()), &finished_);
    }
  }

  absl::StatusOr<grpc::ByteBuffer> Run() {
    auto call = MakeCall(runtime_, method_, context_, cancelled_);
    if (!call.ok()) return Refusal(call.status());
    auto request = ParseRequest(method_, bytes_);
    if (!request.ok()) return Refusal(request.status());
    ASSIGN_OR_RETURN(const call::MessagePtr response,
                     service_.table().Run(method_, *std::move(call), *std::move(request)));
    return SerializeResponse(*response);
  }

  void Refuse() {
    const absl::Status full =
        status::ResourceExhausted("QUEUE_FULL", "the server is busy; try again", absl::Seconds(1));
    responder_.FinishWithError(ToGrpc(Refusal(full)), &finished_);
  }

  const absl::Status& Refusal(const absl::Status& status) {
    service_.table().CountRefusal(method_, "", status);
    return status;
  }

  GrpcRuntime& runtime_;
  TableService& service_;
  const int index_;
  const Method& method_;
  std::shared_ptr<std::atomic<bool>> cancelled_;
  grpc::ServerContext context_;
  grpc::ByteBuffer bytes_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_{&context_};
  MemberTag<UnaryCall> requested_{this, &UnaryCall::OnRequested};
  MemberTag<UnaryCall> done_{this, &UnaryCall::OnDone};
  MemberTag<UnaryCall> finished_{this, &UnaryCall::OnFinished};
  int events_left_ = 0;
};

}  // namespace

void AwaitUnary(GrpcRuntime& runtime, TableService& service, int index) {
  (new UnaryCall(runtime, service, index))->Await();  // deletes itself
}

}  // namespace mostove::rpc
