// A server stream: pulled one message at a time, and pulled again only when the
// last one was taken. One thing happens at a time: a pull, a write, the finish.
// The call ends when that chain has ended and gRPC said that it is done.
#include <grpcpp/support/async_stream.h>

#include <atomic>
#include <memory>
#include <utility>

#include "libs/rpc/grpc_bytes.h"
#include "libs/rpc/grpc_runtime.h"
#include "libs/rpc/grpc_status.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

class StreamCall {
 public:
  StreamCall(GrpcRuntime& runtime, GrpcService& service, int index)
      : runtime_(runtime), service_(service), index_(index), method_(service.methods()[index]) {
    runtime_.CountCall();
  }
  ~StreamCall() = default;

  void Await() {
    context_.AsyncNotifyWhenDone(&done_);
    service_.RequestAsyncServerStreaming(index_, &context_, &bytes_, &writer_, runtime_.queue,
                                         runtime_.queue, &requested_);
  }

 private:
  // ---- on the queue's thread

  void OnRequested(bool ok) {
    if (!ok) return Delete();  // the server stops; there is no other event
    AwaitStream(runtime_, service_, index_);
    stream_ = Open();
    runtime_.AddStream(this, stream_);
    if (runtime_.draining()) stream_->Cancel();
    Pull();
  }

  void OnDone(bool /*ok*/) {
    if (context_.IsCancelled()) *cancelled_ = true;
    stream_->Cancel();
    ReleaseEvent();
  }

  void OnWritten(bool ok) {
    if (!ok) return ReleaseEvent();  // the caller is gone
    Pull();
  }

  void OnFinished(bool /*ok*/) { ReleaseEvent(); }

  void ReleaseEvent() {
    if (--events_left_ == 0) Delete();
  }

  void Delete() {
    GrpcRuntime& runtime = runtime_;
    runtime.RemoveStream(this);
    delete this;
    runtime.ForgetCall();
  }

  std::shared_ptr<Stream> Open() {
    auto call = MakeCall(runtime_, method_, context_, cancelled_);
    if (!call.ok()) return Refused(call.status());
    auto request = ParseRequest(method_, bytes_);
    if (!request.ok()) return Refused(request.status());
    return service_.invoker().Open(method_.descriptor, *std::move(call), *std::move(request));
  }

  std::shared_ptr<Stream> Refused(const absl::Status& status) {
    runtime_.CountRefusal(method_, status);
    return FailedStream(status);
  }

  void Pull() {
    stream_->Pull([this](const absl::StatusOr<call::MessagePtr>& next) { OnPulled(next); });
  }

  // ---- on any thread

  void OnPulled(const absl::StatusOr<call::MessagePtr>& next) {
    if (runtime_.draining()) {
      return Finish(status::Unavailable("DRAINING", "the server stops; ask another one",
                                        absl::ZeroDuration()));
    }
    if (absl::IsOutOfRange(next.status())) return Finish(absl::OkStatus());
    if (!next.ok()) return Finish(next.status());
    const auto bytes = ToBytes(**next);
    if (!bytes.ok()) return Finish(bytes.status());
    writer_.Write(*bytes, &written_);
  }

  void Finish(const absl::Status& status) {
    writer_.Finish(ToGrpc(status, ErrorLanguage(runtime_, context_)), &finished_);
  }

  GrpcRuntime& runtime_;
  GrpcService& service_;
  const int index_;
  const Method& method_;
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  grpc::ServerContext context_;
  grpc::ByteBuffer bytes_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  std::shared_ptr<Stream> stream_;
  MemberTag<StreamCall> requested_{this, &StreamCall::OnRequested};
  MemberTag<StreamCall> done_{this, &StreamCall::OnDone};
  MemberTag<StreamCall> written_{this, &StreamCall::OnWritten};
  MemberTag<StreamCall> finished_{this, &StreamCall::OnFinished};
  int events_left_ = 2;  // the chain's end and OnDone
};

}  // namespace

void AwaitStream(GrpcRuntime& runtime, GrpcService& service, int index) {
  (new StreamCall(runtime, service, index))->Await();  // deletes itself
}

}  // namespace mostove::rpc
