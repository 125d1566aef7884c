// `state_` says what goes on, and whoever moved it to kPulling goes on: the one
// who pulls, the pool, a waker, or the one who cancels.
#include "libs/rpc/local_stream.h"

#include <functional>
#include <mutex>
#include <utility>

#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using call::MessagePtr;

absl::Status Cancelled() {
  return status::Make(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away");
}

class LocalStream : public Stream,
                    public Watched,
                    public std::enable_shared_from_this<LocalStream> {
 public:
  LocalStream(const ServiceTable& table, const Method& method, call::Call call, MessagePtr request,
              WorkerPool* pool)
      : table_(table),
        method_(method),
        pool_(pool),
        call_(std::move(call)),
        request_(std::move(request)) {}

  void Pull(Done done) override {
    done_ = std::move(done);
    {
      std::lock_guard lock(mutex_);
      state_ = State::kPulling;
    }
    RunSoon();
  }

  void Cancel() override { End(Cancelled()); }

  void End(const absl::Status& why) override {
    {
      std::lock_guard lock(mutex_);
      if (end_.ok()) end_ = why;
      if (state_ != State::kWaiting) return;
      state_ = State::kPulling;
    }
    Answer(why);
  }

 private:
  enum class State {
    kResting,       // nobody pulls
    kPulling,       // Run runs, or will
    kPullingWoken,  // the same, and there is more than it may have seen
    kWaiting,       // for wake
  };

  void RunSoon() {
    if (method_.runs_inline) return Run();
    const bool runs = pool_->Run([self = shared_from_this()] { self->Run(); });
    if (!runs) {
      Answer(status::Unavailable("DRAINING", "the server stops; ask another one",
                                 absl::ZeroDuration()));
    }
  }

  void Wake() {
    {
      std::lock_guard lock(mutex_);
      if (state_ == State::kPulling) state_ = State::kPullingWoken;
      if (state_ != State::kWaiting) return;
      state_ = State::kPulling;
    }
    RunSoon();
  }

  // ---- while kPulling

  void Run() {
    const auto self = shared_from_this();  // the answer may drop the last other owner
    if (stream_ == nullptr) {
      if (const absl::Status opened = Open(); !opened.ok()) return Answer(opened);
    }
    do {
      if (const absl::Status end = WhyEnd(); !end.ok()) return Answer(end);
      auto next = stream_->Next(wake_);
      if (!next.ok() || *next != nullptr) return Answer(std::move(next));
    } while (!Wait());
  }

  absl::Status Open() {
    auto stream = table_.Open(method_, std::move(call_), std::move(request_));
    if (!stream.ok()) return stream.status();
    stream_ = *std::move(stream);
    wake_ = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Wake();
    };
    return absl::OkStatus();
  }

  // False when there is something to do at once.
  bool Wait() {
    std::lock_guard lock(mutex_);
    if (state_ == State::kPullingWoken || !end_.ok()) {
      state_ = State::kPulling;
      return false;
    }
    state_ = State::kWaiting;
    return true;
  }

  void Answer(absl::StatusOr<MessagePtr> next) {
    const Done done = std::move(done_);
    {
      std::lock_guard lock(mutex_);
      state_ = State::kResting;
    }
    done(std::move(next));
  }

  absl::Status WhyEnd() {
    std::lock_guard lock(mutex_);
    return end_;
  }

  const ServiceTable& table_;
  const Method& method_;
  WorkerPool* const pool_;
  // Owned by whoever pulls.
  call::Call call_;
  MessagePtr request_;
  std::unique_ptr<call::MessageStream> stream_;
  std::function<void()> wake_;
  Done done_;

  std::mutex mutex_;
  State state_ = State::kResting;  // guarded by mutex_
  absl::Status end_;               // guarded by mutex_: why it goes on no more
};

}  // namespace

std::shared_ptr<Stream> MakeLocalStream(const ServiceTable& table, const Method& method,
                                        call::Call call, MessagePtr request, WorkerPool* pool,
                                        StreamWatch* watch) {
  call::Caller caller = call.caller;
  auto stream =
      std::make_shared<LocalStream>(table, method, std::move(call), std::move(request), pool);
  if (watch != nullptr) watch->Add(stream, std::move(caller));
  return stream;
}

}  // namespace mostove::rpc
