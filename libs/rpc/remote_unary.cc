#include <utility>

#include "absl/time/clock.h"
#include "libs/rpc/remote_call.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

constexpr int kSendingsMax = 3;
constexpr absl::Duration kFirstPause = absl::Milliseconds(20);

class RemoteUnary final : public RemoteCall {
 public:
  RemoteUnary(RemoteShared& shared, const RemoteMethod& method, call::Call call, BytesDone done)
      : RemoteCall(shared, method, std::move(call)),
        budget_(shared.budget),
        done_(std::move(done)) {}

  void Fail(absl::Status error) override { done_(std::move(error)); }

 private:
  void OnBytes() override { sending()->Consume(); }

  void OnSendingEnd(RemoteEnd end) override {
    ++sendings_;
    if (end.status.ok()) {
      budget_.CountSuccess();
      return Answer(TakeMessage());
    }
    const absl::Status error = end.unsent ? Away() : Explain(std::move(end.status));
    const absl::Duration pause = Pause();
    if (!MayTryAgain(error, end.unsent, pause)) return Answer(error);
    SendAgain(pause);
  }

  absl::StatusOr<std::string> TakeMessage() {
    MessageReader& reader = sending()->reader;
    if (!reader.HasWhole() || reader.size() != kPrefixBytes + reader.Front().size()) {
      return status::Internal(method().method.full_name + " answered with other than one message");
    }
    return std::string(reader.Front());
  }

  // What a server did nothing with may go to another one, whatever it is.
  bool MayTryAgain(const absl::Status& error, bool unsent, absl::Duration pause) {
    if (!absl::IsUnavailable(error)) {
      budget_.CountSuccess();  // the service works
      return false;
    }
    const bool affordable = budget_.CountFailure();
    return affordable && (unsent || repeatable()) && sendings_ < kSendingsMax &&
           absl::Now() + pause < deadline();
  }

  static absl::Status Away() {
    return status::Unavailable("SERVICE_AWAY", "the service takes no calls; try again soon",
                               absl::Seconds(1));
  }

  // Longer each time, and different for calls that failed together.
  absl::Duration Pause() {
    return kFirstPause * (1 << (sendings_ - 1)) * absl::Uniform(client().random(), 0.5, 1.5);
  }

  void Answer(absl::StatusOr<std::string> answer) {
    const auto self = shared_from_this();
    client().Remove(this);
    done_(std::move(answer));
  }

  RetryBudget& budget_;
  const BytesDone done_;
  int sendings_ = 0;
};

}  // namespace

std::shared_ptr<RemoteCall> MakeRemoteUnary(RemoteShared& shared, const RemoteMethod& method,
                                            call::Call call, BytesDone done) {
  return std::make_shared<RemoteUnary>(shared, method, std::move(call), std::move(done));
}

}  // namespace mostove::rpc
