#include "libs/live/watch.h"

#include <deque>
#include <utility>

#include "absl/time/clock.h"
#include "libs/live/watch_filter.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::live {
namespace {

using call::MessagePtr;
using changelog::Position;
using changes::v1::WatchChangesRequest;
using changes::v1::WatchChangesResponse;

constexpr int kPageSize = 500;
constexpr absl::Duration kReadTime = absl::Seconds(5);

class Watch final : public call::MessageStream {
 public:
  Watch(Tail& tail, const WatchOptions& options, WatchFilter filter)
      : tail_(tail), options_(options), filter_(std::move(filter)) {
    waiter_.wants = [this](const Change& change) { return filter_.Wants(change); };
  }
  ~Watch() override {
    if (joined_) tail_.Leave(&waiter_);
  }

  // Joins before it looks where the log ends: what is accepted from now on finds
  // the tail awake.
  absl::Status Begin(const std::string& start_position) {
    RETURN_IF_ERROR(tail_.Join(&waiter_));
    joined_ = true;
    ASSIGN_OR_RETURN(sql::Database::Reader reader, Read());
    ASSIGN_OR_RETURN(waiter_.after, changelog::End(*reader));
    if (start_position.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Position start, Position::Parse(start_position));
    RETURN_IF_ERROR(changelog::ReadHeads(*reader, start, 1, changelog::Show::kSettled).status());
    waiter_.after = start;
    return absl::OkStatus();
  }

  absl::StatusOr<MessagePtr> Next(const std::function<void()>& wake) override {
    if (!begun_) {
      begun_ = true;
      return Heartbeat();
    }
    RETURN_IF_ERROR(CheckPace());
    while (true) {
      if (MessagePtr message = NextTaken()) return message;
      ASSIGN_OR_RETURN(const Tail::Found found, tail_.Take(waiter_, wake, taken_));
      switch (found) {
        case Tail::Found::kChanges:
          break;
        case Tail::Found::kBehind:
          RETURN_IF_ERROR(ReadLog());
          break;
        case Tail::Found::kDue:
          return Heartbeat();
        case Tail::Found::kNothing:
          waits_ = true;
          return nullptr;
      }
    }
  }

 private:
  absl::StatusOr<sql::Database::Reader> Read() const {
    return tail_.store().database().Read(absl::Now() + kReadTime);
  }

  // Of those that were taken, the next that the watcher is told of.
  MessagePtr NextTaken() {
    while (next_ < taken_.size()) {
      const Change& change = *taken_[next_++];
      waiter_.after.sequence = change.sequence;
      auto told = filter_.Tell(change);
      if (!told.has_value()) continue;
      return Give(*std::move(told));
    }
    taken_.clear();
    next_ = 0;
    // The log was read through without a word: its reader knows how far it is.
    return absl::Now() >= waiter_.due ? Heartbeat() : nullptr;
  }

  absl::Status ReadLog() {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, Read());
    ASSIGN_OR_RETURN(changelog::Heads page, changelog::ReadHeads(*reader, waiter_.after, kPageSize,
                                                                 changelog::Show::kSettled));
    if (page.heads.empty()) {
      return status::Internal("the tail knows of changes that are not in the log");
    }
    for (changelog::Head& head : page.heads) {
      taken_.push_back(MakeChange(tail_.store(), std::move(head)));
    }
    return absl::OkStatus();
  }

  MessagePtr Heartbeat() { return Give({}); }

  MessagePtr Give(WatchChangesResponse message) {
    message.set_position(waiter_.after.ToString());
    given_ = absl::Now();
    waiter_.due = given_ + options_.heartbeat;
    waits_ = false;
    return std::make_unique<WatchChangesResponse>(std::move(message));
  }

  // It is asked again when the message before was taken.
  absl::Status CheckPace() const {
    if (waits_ || absl::Now() - given_ < options_.slow) return absl::OkStatus();
    return status::Aborted("WATCHER_TOO_SLOW",
                           "nothing was taken for too long; watch again from the position of the "
                           "last message");
  }

  Tail& tail_;
  const WatchOptions options_;
  const WatchFilter filter_;
  Tail::Waiter waiter_;
  bool joined_ = false;
  bool begun_ = false;
  bool waits_ = false;  // the message before was taken, and there was no other
  absl::Time given_;
  std::vector<ChangePtr> taken_;
  size_t next_ = 0;  // of taken_
};

}  // namespace

call::StreamMethod WatchChanges(Tail& tail, WatchOptions options) {
  return {"WatchChanges", WatchChangesRequest::descriptor(), WatchChangesResponse::descriptor(),
          [&tail, options](const call::Call& call, const google::protobuf::Message& message)
              -> absl::StatusOr<std::unique_ptr<call::MessageStream>> {
            const auto& request = static_cast<const WatchChangesRequest&>(message);
            ASSIGN_OR_RETURN(WatchFilter filter,
                             WatchFilter::Make(tail.store(), call.caller, request));
            auto watch = std::make_unique<Watch>(tail, options, std::move(filter));
            RETURN_IF_ERROR(watch->Begin(request.start_position()));
            return watch;
          }};
}

}  // namespace mostove::live
