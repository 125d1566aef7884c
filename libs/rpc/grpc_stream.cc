// A server stream: pulled from its MessageStream, one message at a time, and
// asked again only when the last one was taken.
//
// One thing happens at a time, and `state_` says which. Its owner is whoever
// moved it there: the queue's thread (completions), a thread of the pool (Pull),
// or a waker. The call ends when gRPC said that it is done and nothing is
// under way.
#include <grpcpp/alarm.h>
#include <grpcpp/support/async_stream.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "libs/rpc/grpc_runtime.h"
#include "libs/rpc/grpc_status.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

// How long a stream waits for room in the pool before it asks again.
constexpr std::chrono::milliseconds kRetry(20);

class StreamCall : public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(GrpcRuntime& runtime, TableService& service, int index)
      : runtime_(runtime),
        service_(service),
        index_(index),
        method_(service.method(index)),
        cancelled_(std::make_shared<std::atomic<bool>>(false)),
        wire_(std::make_unique<Wire>()) {
    runtime_.CountCall();
  }

  void Await() {
    self_ = shared_from_this();
    wake_ = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Wake();
    };
    wire_->context.AsyncNotifyWhenDone(&done_tag_);
    service_.RequestAsyncServerStreaming(index_, &wire_->context, &wire_->bytes, &wire_->writer,
                                         runtime_.queue, runtime_.queue, &requested_tag_);
  }

 private:
  enum class State {
    kPulling,       // Next runs, or will
    kPullingWoken,  // the same, and there is more than it may have seen
    kIdle,          // waits for wake
    kWriting,
    kFinishing,
    kEnded,
  };

  // Released when the call ends, though wakers may hold the rest longer.
  struct Wire {
    grpc::ServerContext context;
    grpc::ByteBuffer bytes;
    grpc::ServerAsyncWriter<grpc::ByteBuffer> writer{&context};
    grpc::Alarm alarm;
  };

  // ---- on the queue's thread

  void OnRequested(bool ok) {
    if (!ok) return Release();  // the server stops; there is no other event
    AwaitStream(runtime_, service_, index_);
    runtime_.AddStream(this, wake_);
    PullSoon();
  }

  void OnDone(bool /*ok*/) {
    const auto keep = shared_from_this();
    if (wire_->context.IsCancelled()) *cancelled_ = true;
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    EndIf(State::kIdle);
    EndIf(State::kEnded);
  }

  void OnWritten(bool ok) {
    if (!ok) return EndFrom(State::kWriting);  // the caller is gone
    SetState(State::kPulling);
    PullSoon();
  }

  void OnFinished(bool /*ok*/) { EndFrom(State::kFinishing); }

  void OnAlarm(bool /*ok*/) { PullSoon(); }

  // On the pool, or at once if the method is inline.
  void PullSoon() {
    if (method_.runs_inline) return Pull();
    PullOnPool();
  }

  // ---- on any thread

  void PullOnPool() {
    if (runtime_.pool->TryRun([self = shared_from_this()] { self->Pull(); })) return;
    wire_->alarm.Set(runtime_.queue, std::chrono::system_clock::now() + kRetry, &alarm_tag_);
  }

  void Wake() {
    {
      std::lock_guard lock(mutex_);
      if (state_ == State::kPulling) state_ = State::kPullingWoken;
      if (state_ != State::kIdle) return;
      state_ = State::kPulling;
    }
    if (method_.runs_inline) {
      wire_->alarm.Set(runtime_.queue, std::chrono::system_clock::now(), &alarm_tag_);
    } else {
      PullOnPool();
    }
  }

  // ---- while kPulling, on the pool or the queue's thread

  void Pull() {
    if (stream_ == nullptr) {
      if (const absl::Status opened = Open(); !opened.ok()) return Finish(opened);
    }
    do {
      if (runtime_.draining()) {
        return Finish(status::Unavailable("DRAINING", "the server stops; ask another one",
                                          absl::ZeroDuration()));
      }
      auto next = stream_->Next(wake_);
      if (absl::IsOutOfRange(next.status())) return Finish(absl::OkStatus());
      if (!next.ok()) return Finish(next.status());
      if (*next != nullptr) return Write(**next);
    } while (!Rest());
  }

  absl::Status Open() {
    auto call = MakeCall(runtime_, method_, wire_->context, cancelled_);
    if (!call.ok()) return Refusal(call.status());
    auto request = ParseRequest(method_, wire_->bytes);
    if (!request.ok()) return Refusal(request.status());
    auto stream = service_.table().Open(method_, *std::move(call), *std::move(request));
    if (!stream.ok()) return stream.status();
    stream_ = *std::move(stream);
    return absl::OkStatus();
  }

  absl::Status Refusal(const absl::Status& status) {
    service_.table().CountRefusal(method_, "", status);
    return status;
  }

  // Waits for wake; false when it came already.
  bool Rest() {
    {
      std::lock_guard lock(mutex_);
      if (state_ == State::kPullingWoken) {
        state_ = State::kPulling;
        return false;
      }
      state_ = State::kIdle;
      if (!done_) return true;
    }
    EndIf(State::kIdle);
    return true;
  }

  void Write(const google::protobuf::Message& message) {
    const auto bytes = SerializeResponse(message);
    if (!bytes.ok()) return Finish(bytes.status());
    SetState(State::kWriting);
    wire_->writer.Write(*bytes, &written_tag_);
  }

  void Finish(const absl::Status& status) {
    SetState(State::kFinishing);
    wire_->writer.Finish(ToGrpc(status), &finished_tag_);
  }

  // ---- the end

  void SetState(State state) {
    std::lock_guard lock(mutex_);
    state_ = state;
  }

  // Nothing is under way any more; the call ends now or when it is done.
  void EndFrom(State state) {
    {
      std::lock_guard lock(mutex_);
      if (state_ == state) state_ = State::kEnded;
    }
    EndIf(State::kEnded);
  }

  // Ends the call if it is done and in this state.
  void EndIf(State state) {
    {
      std::lock_guard lock(mutex_);
      if (!done_ || released_ || state_ != state) return;
      state_ = State::kEnded;
      released_ = true;
    }
    Release();
  }

  void Release() {
    const auto self = std::move(self_);  // lives until the end of this function
    GrpcRuntime& runtime = runtime_;
    runtime.RemoveStream(this);
    stream_ = nullptr;
    wire_ = nullptr;
    runtime.ForgetCall();
  }

  GrpcRuntime& runtime_;
  TableService& service_;
  const int index_;
  const Method& method_;
  const std::shared_ptr<std::atomic<bool>> cancelled_;
  std::function<void()> wake_;
  std::shared_ptr<StreamCall> self_;  // until Release
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<call::MessageStream> stream_;

  std::mutex mutex_;
  State state_ = State::kPulling;  // guarded by mutex_
  bool done_ = false;              // guarded by mutex_
  bool released_ = false;          // guarded by mutex_

  MemberTag<StreamCall> requested_tag_{this, &StreamCall::OnRequested};
  MemberTag<StreamCall> done_tag_{this, &StreamCall::OnDone};
  MemberTag<StreamCall> written_tag_{this, &StreamCall::OnWritten};
  MemberTag<StreamCall> finished_tag_{this, &StreamCall::OnFinished};
  MemberTag<StreamCall> alarm_tag_{this, &StreamCall::OnAlarm};
};

}  // namespace

void AwaitStream(GrpcRuntime& runtime, TableService& service, int index) {
  std::make_shared<StreamCall>(runtime, service, index)->Await();
}

}  // namespace mostove::rpc
