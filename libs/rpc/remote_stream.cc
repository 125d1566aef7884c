// A server stream. Its messages come as fast as its caller pulls them: what is
// not pulled is not consumed, and the server waits.
#include <mutex>
#include <utility>

#include "libs/rpc/remote_call.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

class RemoteStreamCall final : public RemoteCall, public Stream {
 public:
  using RemoteCall::RemoteCall;

  void Pull(Done done) override {
    std::unique_lock lock(mutex_);
    if (!ended_) {
      done_ = std::move(done);
      if (loop_ == nullptr) return;  // not begun: OnBegun delivers
      return Run(lock, [this] { Deliver(); });
    }
    lock.unlock();
    done(end_);
  }

  void Cancel() override {
    dropped_ = true;
    std::unique_lock lock(mutex_);
    if (ended_ || loop_ == nullptr) return;  // the tick sees it
    Run(lock, [this] { Tick(absl::InfinitePast(), false); });
  }

  void Fail(absl::Status error) override { End(std::move(error)); }

 private:
  // On the loop's thread, now or soon. It lives while the call has not ended.
  template <class Work>
  void Run(std::unique_lock<std::mutex>& lock, Work work) {
    if (!loop_->OnThisThread()) {
      loop_->Post([self = shared_from_this(), work] { work(); });
      return;
    }
    lock.unlock();
    work();
  }

  // ---- on the loop's thread

  void OnBegun() override {
    {
      std::lock_guard lock(mutex_);
      loop_ = &client().loop();
    }
    if (cancelled()) Tick(absl::InfinitePast(), false);
  }

  void OnBytes() override { Deliver(); }

  void OnSendingEnd(RemoteEnd end) override {
    finished_ = true;
    status_ = end.unsent        ? absl::UnavailableError("")
              : end.status.ok() ? absl::OutOfRangeError("the stream ended")
                                : std::move(end.status);
    if (!absl::IsOutOfRange(status_)) status_ = Explain(status_);
    Deliver();
  }

  // Gives what has come to who pulls; answers may pull again at once.
  void Deliver() {
    if (std::exchange(delivering_, true)) return;
    const auto self = shared_from_this();
    while (!ended()) {
      MessageReader* const reader = sending() == nullptr ? nullptr : &sending()->reader;
      if (reader == nullptr || !reader->HasWhole()) {
        if (finished_) Finish();
        break;
      }
      const Done done = TakeDone();
      if (done == nullptr) break;
      auto message = ParseAnswer(method(), reader->Front());
      const absl::Status next = reader->Pop();
      if (!next.ok() && !finished_) {
        finished_ = true;
        status_ = next;
        sending()->Drop();
      }
      if (!reader->HasWhole()) sending()->Consume();
      done(std::move(message));
    }
    delivering_ = false;
  }

  void Finish() {
    client().Remove(this);
    End(status_);
  }

  bool cancelled() const override { return dropped_ || RemoteCall::cancelled(); }

  bool ended() {
    std::lock_guard lock(mutex_);
    return ended_;
  }

  Done TakeDone() {
    std::lock_guard lock(mutex_);
    return std::exchange(done_, nullptr);
  }

  void End(absl::Status error) {
    Done done;
    {
      std::lock_guard lock(mutex_);
      if (ended_) return;
      end_ = std::move(error);
      ended_ = true;
      done = std::exchange(done_, nullptr);
    }
    if (done != nullptr) done(end_);
  }

  bool delivering_ = false;
  bool finished_ = false;  // nothing more comes
  absl::Status status_;    // then: how it ends

  std::atomic<bool> dropped_ = false;
  std::mutex mutex_;
  loop::Loop* loop_ = nullptr;  // guarded by mutex_; it ends after the stream
  Done done_;                   // guarded by mutex_: the pull that waits
  bool ended_ = false;          // guarded by mutex_
  absl::Status end_;            // set before ended_
};

}  // namespace

RemoteStream MakeRemoteStream(RemoteShared& shared, const RemoteMethod& method, call::Call call) {
  const auto stream = std::make_shared<RemoteStreamCall>(shared, method, std::move(call));
  return {stream, stream};
}

}  // namespace mostove::rpc
