#include "libs/redis/client.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/metrics.h"

namespace mostove::redis {
namespace {

absl::Status Slow() {
  return status::Make(absl::StatusCode::kDeadlineExceeded, "REDIS_SLOW",
                      "Redis did not answer in time");
}

absl::Status Pausing() {
  return status::Make(absl::StatusCode::kUnavailable, "REDIS_AWAY",
                      "Redis failed a moment ago and is not asked for a while");
}

telemetry::Metrics& OrNowhere(telemetry::Metrics* metrics) {
  return metrics == nullptr ? telemetry::Metrics::Nowhere() : *metrics;
}

telemetry::Counter& CountOf(telemetry::Metrics* metrics, const std::string& outcome) {
  return OrNowhere(metrics).Counter("mostove_redis_commands_total",
                                    "Commands to Redis by their outcome.", {{"outcome", outcome}});
}

}  // namespace

// One connection and those who wait for it. `leads_` says that somebody leads;
// the connection and `sent_` are the leader's.
class Client::Lane {
 public:
  explicit Lane(Client& client) : client_(client) {}

  absl::StatusOr<Reply> Do(const Command& command, absl::Time deadline) {
    const auto mine = std::make_shared<Waiting>();
    mine->command = command;
    std::unique_lock lock(mutex_);
    queue_.push_back(mine);
    while (!mine->result.has_value()) {
      if (!leads_) {
        leads_ = true;
        lock.unlock();
        Lead(*mine, deadline);
        lock.lock();
        leads_ = false;
        PassOn();
        if (!mine->result.has_value()) break;  // its deadline
      } else if (mine->woken.wait_for(lock, absl::ToChronoNanoseconds(deadline - absl::Now())) ==
                     std::cv_status::timeout &&
                 !mine->result.has_value()) {
        break;
      }
    }
    if (mine->result.has_value()) return *std::move(mine->result);
    mine->abandoned = true;
    if (!leads_) PassOn();  // it may have been asked to
    return Slow();
  }

 private:
  struct Waiting {
    Command command;
    absl::Time sent;
    std::condition_variable woken;
    std::optional<absl::StatusOr<Reply>> result;  // by mutex_
    bool abandoned = false;                       // by mutex_
  };
  using WaitingPtr = std::shared_ptr<Waiting>;

  // ---- by the leader

  void Lead(const Waiting& mine, absl::Time deadline) {
    while (absl::Now() < deadline) {
      {
        const std::lock_guard lock(mutex_);
        if (mine.result.has_value()) return;
      }
      const absl::Status done = Step(deadline);
      if (!done.ok()) return Fail(done);
    }
  }

  // Sends what waits and takes the replies that come.
  absl::Status Step(absl::Time deadline) {
    const ClientOptions& options = client_.options_;
    if (connection_ == nullptr) {
      ASSIGN_OR_RETURN(connection_,
                       Connection::Open(options.address,
                                        std::min(deadline, absl::Now() + options.connect_time)));
    }
    {
      const std::lock_guard lock(mutex_);
      for (WaitingPtr& waiting : std::exchange(queue_, {})) {
        if (waiting->abandoned) continue;
        waiting->sent = absl::Now();
        connection_->Append(waiting->command);
        sent_.push_back(std::move(waiting));
      }
    }
    if (sent_.empty()) return absl::OkStatus();
    const absl::Time limit = sent_.front()->sent + options.command_time;
    ASSIGN_OR_RETURN(std::vector<Reply> replies, connection_->Exchange(std::min(deadline, limit)));
    if (replies.empty()) return absl::Now() >= limit ? Slow() : absl::OkStatus();
    for (Reply& reply : replies) RETURN_IF_ERROR(Give(std::move(reply)));
    return absl::OkStatus();
  }

  absl::Status Give(Reply reply) {
    if (sent_.empty()) return absl::InternalError("Redis sent a reply that nobody asked for");
    const WaitingPtr waiting = std::move(sent_.front());
    sent_.pop_front();
    client_.seconds_.Observe(absl::ToDoubleSeconds(absl::Now() - waiting->sent));
    const bool error = reply.kind == Reply::Kind::kError;
    // The connection is to what was the master, or to one that is starting.
    const bool wrong_server = error && (absl::StartsWith(reply.text, "READONLY") ||
                                        absl::StartsWith(reply.text, "LOADING") ||
                                        absl::StartsWith(reply.text, "MASTERDOWN"));
    const absl::Status failed =
        error ? status::Aborted("REDIS_ERROR", absl::StrCat("Redis: ", reply.text))
              : absl::OkStatus();
    {
      const std::lock_guard lock(mutex_);
      if (error) {
        waiting->result = failed;
      } else {
        waiting->result = std::move(reply);
      }
      waiting->woken.notify_one();
    }
    if (wrong_server) return failed;
    client_.NoteSuccess();
    return absl::OkStatus();
  }

  // The connection is gone with all that was sent; what was not sent would wait
  // as long again.
  void Fail(const absl::Status& why) {
    connection_.reset();
    client_.NoteFailure();
    const std::lock_guard lock(mutex_);
    for (auto* all : {&sent_, &queue_}) {
      for (const WaitingPtr& waiting : *all) {
        waiting->result = why;
        waiting->woken.notify_one();
      }
      all->clear();
    }
  }

  // ---- under mutex_

  // Somebody else leads who still waits.
  void PassOn() {
    for (const auto* all : {&sent_, &queue_}) {
      for (const WaitingPtr& waiting : *all) {
        if (waiting->abandoned || waiting->result.has_value()) continue;
        waiting->woken.notify_one();
        return;
      }
    }
  }

  Client& client_;
  std::unique_ptr<Connection> connection_;
  std::deque<WaitingPtr> sent_;  // in the order of their replies

  std::mutex mutex_;
  bool leads_ = false;
  std::deque<WaitingPtr> queue_;  // not sent
};

Client::Client(ClientOptions options)
    : options_(std::move(options)),
      answered_(CountOf(options_.metrics, "answered")),
      failed_(CountOf(options_.metrics, "failed")),
      refused_(CountOf(options_.metrics, "not_sent")),
      seconds_(OrNowhere(options_.metrics)
                   .Histogram("mostove_redis_seconds", "From sending a command to its reply.")) {
  for (int i = 0; i < std::max(options_.connections, 1); ++i) {
    lanes_.push_back(std::make_unique<Lane>(*this));
  }
}

Client::~Client() = default;

absl::StatusOr<Reply> Client::Do(const Command& command, absl::Time deadline) {
  if (!MayTry()) {
    refused_.Add();
    return Pausing();
  }
  Lane& lane = *lanes_[next_lane_++ % lanes_.size()];
  auto reply = lane.Do(command, std::min(deadline, absl::Now() + 2 * options_.command_time));
  (reply.ok() ? answered_ : failed_).Add();
  return reply;
}

bool Client::available() const {
  return failures_ < options_.failures_max ||
         absl::ToUnixMicros(absl::Now()) >= paused_until_micros_;
}

// After the pause one caller, and the others when that one succeeded.
bool Client::MayTry() {
  if (failures_ < options_.failures_max) return true;
  const int64_t now = absl::ToUnixMicros(absl::Now());
  int64_t until = paused_until_micros_;
  if (now < until) return false;
  return paused_until_micros_.compare_exchange_strong(
      until, now + absl::ToInt64Microseconds(options_.pause));
}

void Client::NoteSuccess() {
  if (failures_.load(std::memory_order_relaxed) != 0) failures_ = 0;
}

void Client::NoteFailure() {
  paused_until_micros_ = absl::ToUnixMicros(absl::Now() + options_.pause);
  ++failures_;
}

}  // namespace mostove::redis
