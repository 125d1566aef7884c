// A unary call from its arrival to its end. All completions come on the
// queue's thread; only Finish runs wherever the answer was made.
#include <grpcpp/support/async_unary_call.h>

#include <memory>
#include <utility>

#include "libs/rpc/grpc_bytes.h"
#include "libs/rpc/grpc_runtime.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/metadata_keys.h"

namespace mostove::rpc {
namespace {

class UnaryCall {
 public:
  UnaryCall(GrpcRuntime& runtime, GrpcService& service, int index)
      : runtime_(runtime), service_(service), index_(index), method_(service.methods()[index]) {
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
    Invoke();
  }

  void Invoke() {
    auto call = MakeCall(runtime_, method_, context_, cancelled_);
    if (!call.ok()) return Refuse(call.status());
    outcome_ = call->outcome;
    auto request = ParseRequest(method_, bytes_);
    if (!request.ok()) return Refuse(request.status());
    bytes_.Clear();
    service_.invoker().Invoke(
        method_.descriptor, *std::move(call), *std::move(request),
        [this](const absl::StatusOr<call::MessagePtr>& response) { Finish(response); });
  }

  void Refuse(const absl::Status& status) {
    runtime_.CountRefusal(method_, status);
    Finish(status);
  }

  void Finish(const absl::StatusOr<call::MessagePtr>& response) {
    const absl::StatusOr<grpc::ByteBuffer> bytes =
        response.ok() ? ToBytes(**response) : response.status();
    if (outcome_ != nullptr && bytes.ok() && !outcome_->position.empty()) {
      context_.AddTrailingMetadata(kPositionMetadata, outcome_->position);
    }
    // Once finished, the other thread may delete this.
    if (bytes.ok()) {
      responder_.Finish(*bytes, grpc::Status::OK, &finished_);
    } else {
      responder_.FinishWithError(ToGrpc(bytes.status(), ErrorLanguage(runtime_, context_)),
                                 &finished_);
    }
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

  GrpcRuntime& runtime_;
  GrpcService& service_;
  const int index_;
  const Method& method_;
  std::shared_ptr<std::atomic<bool>> cancelled_;
  std::shared_ptr<const call::Outcome> outcome_;  // of a write
  grpc::ServerContext context_;
  grpc::ByteBuffer bytes_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_{&context_};
  MemberTag<UnaryCall> requested_{this, &UnaryCall::OnRequested};
  MemberTag<UnaryCall> done_{this, &UnaryCall::OnDone};
  MemberTag<UnaryCall> finished_{this, &UnaryCall::OnFinished};
  int events_left_ = 0;
};

}  // namespace

void AwaitUnary(GrpcRuntime& runtime, GrpcService& service, int index) {
  (new UnaryCall(runtime, service, index))->Await();  // deletes itself
}

}  // namespace mostove::rpc
