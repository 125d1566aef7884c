#include <utility>

#include "absl/time/clock.h"
#include "libs/rpc/grpc_remote_call.h"

namespace mostove::rpc {
namespace {

constexpr int kSendingsMax = 3;
constexpr absl::Duration kFirstPause = absl::Milliseconds(20);

class RemoteUnary final : public RemoteCall {
 public:
  RemoteUnary(GrpcClient& client, const RemoteMethod& method, call::Call call, Done done)
      : RemoteCall(client, method, std::move(call)), done_(std::move(done)) {}

 private:
  void Send(const Copy& copy) override {
    ++sendings_;
    reader_ = copy.stub->PrepareUnaryCall(context(), method().path, request(), client().queue());
    reader_->StartCall();
    reader_->Finish(&response_, &status_, &finished_);
  }

  void Fail(absl::Status error) override { done_(std::move(error)); }

  void OnFinished(bool /*ok*/) {
    if (status_.ok()) {
      client().budget().CountSuccess();
      return Answer(Parse(response_));
    }
    const absl::Status error = Explain(status_);
    const absl::Duration pause = Pause();
    if (!MayTryAgain(error, pause)) return Answer(error);
    reader_ = nullptr;
    SendAgain(pause);
  }

  bool MayTryAgain(const absl::Status& error, absl::Duration pause) {
    if (!absl::IsUnavailable(error)) {
      client().budget().CountSuccess();  // the service works
      return false;
    }
    const bool affordable = client().budget().CountFailure();
    return affordable && repeatable() && sendings_ < kSendingsMax &&
           absl::Now() + pause < deadline();
  }

  // Longer each time, and different for calls that failed together.
  absl::Duration Pause() {
    return kFirstPause * (1 << (sendings_ - 1)) * absl::Uniform(client().random(), 0.5, 1.5);
  }

  void Answer(absl::StatusOr<call::MessagePtr> answer) {
    done_(std::move(answer));
    client().Remove(this);
  }

  Done done_;
  int sendings_ = 0;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  MemberTag<RemoteUnary> finished_{this, &RemoteUnary::OnFinished};
};

}  // namespace

std::shared_ptr<RemoteCall> MakeRemoteUnary(GrpcClient& client, const RemoteMethod& method,
                                            call::Call call, Done done) {
  return std::make_shared<RemoteUnary>(client, method, std::move(call), std::move(done));
}

}  // namespace mostove::rpc
