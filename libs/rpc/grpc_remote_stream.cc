// A server stream, read one message at a time. At most one operation is under
// way; `state_` says which.
#include <grpcpp/support/async_stream.h>

#include <mutex>
#include <utility>

#include "libs/rpc/grpc_remote_call.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

class RemoteStreamCall final : public RemoteCall, public Stream {
 public:
  using RemoteCall::RemoteCall;

  void Pull(Done done) override {
    {
      std::lock_guard lock(mutex_);
      if (state_ != State::kEnded) {
        done_ = std::move(done);
        if (state_ == State::kResting) Read();
        return;
      }
    }
    done(end_);
  }

  void Cancel() override {
    dropped_ = true;  // while it is opening, the tick or OnOpened sees it
    {
      std::lock_guard lock(mutex_);
      if (state_ == State::kOpening || state_ == State::kEnded) return;
    }
    CancelSent();
  }

 private:
  enum class State { kOpening, kResting, kReading, kFinishing, kEnded };

  void Send(const Copy& copy) override {
    const grpc::internal::RpcMethod rpc(method().path.c_str(), nullptr,
                                        grpc::internal::RpcMethod::SERVER_STREAMING);
    reader_.reset(grpc::internal::ClientAsyncReaderFactory<grpc::ByteBuffer>::Create(
        copy.channel.get(), client().queue(), rpc, context(), request(), false, nullptr));
    reader_->StartCall(&opened_);  // only now, since OnOpened uses the reader
  }

  void CancelSent() override {
    context()->TryCancel();
    std::lock_guard lock(mutex_);
    if (state_ == State::kResting) Finish();
  }

  void Fail(absl::Status error) override { End(std::move(error)); }

  bool cancelled() const override { return dropped_ || RemoteCall::cancelled(); }

  // ---- under mutex_

  void Read() {
    state_ = State::kReading;
    reader_->Read(&bytes_, &read_);
  }

  void Finish() {
    state_ = State::kFinishing;
    reader_->Finish(&status_, &finished_);
  }

  // ---- completions

  void OnOpened(bool ok) {
    std::lock_guard lock(mutex_);
    if (cancelled()) context()->TryCancel();
    if (!ok || cancelled()) return Finish();
    state_ = State::kResting;
    if (done_ != nullptr) Read();
  }

  void OnRead(bool ok) {
    Done done;
    {
      std::lock_guard lock(mutex_);
      if (!ok) return Finish();
      done = std::exchange(done_, nullptr);
      state_ = State::kResting;
      if (cancelled()) Finish();
    }
    done(Parse(bytes_));
  }

  void OnFinished(bool /*ok*/) {
    End(status_.ok() ? absl::OutOfRangeError("the stream ended") : Explain(status_));
    client().Remove(this);
  }

  void End(absl::Status error) {
    Done done;
    {
      std::lock_guard lock(mutex_);
      state_ = State::kEnded;
      end_ = std::move(error);
      done = std::exchange(done_, nullptr);
    }
    if (done != nullptr) done(end_);
  }

  std::unique_ptr<grpc::ClientAsyncReader<grpc::ByteBuffer>> reader_;
  grpc::ByteBuffer bytes_;
  grpc::Status status_;
  MemberTag<RemoteStreamCall> opened_{this, &RemoteStreamCall::OnOpened};
  MemberTag<RemoteStreamCall> read_{this, &RemoteStreamCall::OnRead};
  MemberTag<RemoteStreamCall> finished_{this, &RemoteStreamCall::OnFinished};

  std::atomic<bool> dropped_ = false;
  std::mutex mutex_;
  State state_ = State::kOpening;  // guarded by mutex_
  Done done_;                      // guarded by mutex_: the pull that waits
  absl::Status end_;               // set before kEnded
};

}  // namespace

RemoteStream MakeRemoteStream(GrpcClient& client, const RemoteMethod& method, call::Call call) {
  const auto stream = std::make_shared<RemoteStreamCall>(client, method, std::move(call));
  return {stream, stream};
}

}  // namespace mostove::rpc
