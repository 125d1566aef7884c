#include "libs/follower/follower.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"

namespace mostove::follower {
namespace {

constexpr int kPageSize = 1000;

absl::Status Nothing(sql::Transaction&) { return absl::OkStatus(); }

// Moves with the effects.
class StoredPlace final : public Sink {
 public:
  explicit StoredPlace(const Options& options)
      : database_(options.database),
        handler_(options.handler),
        reader_(options.reader),
        source_(options.source) {}

  absl::StatusOr<std::string> Position() override {
    ASSIGN_OR_RETURN(Cursor cursor, Cursor::Load(*database_, reader_, source_));
    cursor_ = std::move(cursor);
    return cursor_->position();
  }

  absl::Status Restart() override {
    return cursor_->Advance(
        "", [&](sql::Transaction& transaction) { return handler_->Restart(transaction); });
  }

  absl::Status Take(const changes::v1::ListChangesResponse& page) override {
    RETURN_IF_ERROR(handler_->Handle(page.changes(), *cursor_));
    if (cursor_->position() == page.next_position()) return absl::OkStatus();
    return cursor_->Advance(page.next_position(), Nothing);
  }

 private:
  sql::Database* const database_;
  Handler* const handler_;
  const std::string reader_, source_;
  std::optional<Cursor> cursor_;  // since Position
};

// So that copies do not ask at the same moment.
absl::Duration Jittered(absl::Duration duration) {
  thread_local absl::BitGen random;
  return duration * absl::Uniform(random, 0.8, 1.2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Follower>> Follower::Open(Options options) {
  RETURN_IF_ERROR(Cursor::Prepare(*options.database, options.reader, options.source));
  auto place = std::make_unique<StoredPlace>(options);
  return std::make_unique<Follower>(std::move(options), std::move(place));
}

Follower::Follower(Options options, std::unique_ptr<Sink> sink)
    : options_(std::move(options)), sink_(std::move(sink)), caught_up_(absl::Now()) {}

Follower::~Follower() { Stop(); }

void Follower::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Follower::Wake() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (woken_) return;
  woken_ = true;
  changed_.notify_one();
}

void Follower::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    end_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<bool> Follower::Step() {
  ASSIGN_OR_RETURN(const std::string position, sink_->Position());
  changes::v1::ListChangesRequest request;
  request.set_after(position);
  request.set_page_size(kPageSize);
  request.mutable_resource_types()->Add(options_.resource_types.begin(),
                                        options_.resource_types.end());
  const absl::Time asked = absl::Now();
  const auto page = options_.read(request);
  absl::Status handled = page.status();
  if (status::Reason(handled) == "EPOCH_CHANGED") {
    handled = sink_->Restart();
  } else if (page.ok()) {
    if (page->changes().empty() && page->next_position() == position) {
      sink_->AtEnd();
      const std::lock_guard<std::mutex> lock(mutex_);
      caught_up_ = asked;
      return false;
    }
    handled = sink_->Take(*page);
  }
  // Goes on where the other one has come to.
  if (status::Reason(handled) == "OVERTAKEN") return true;
  RETURN_IF_ERROR(handled);
  return true;
}

absl::Duration Follower::Lag() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return absl::Now() - caught_up_;
}

void Follower::Loop() {
  absl::Duration pause;
  while (!WaitForEnd(pause)) {
    const absl::StatusOr<bool> more = Step();
    Report(more.status());
    if (!more.ok()) {
      pause = std::clamp(2 * pause, options_.interval, options_.pause_max);
    } else {
      pause = *more ? absl::ZeroDuration() : options_.interval;
    }
  }
}

// True when it is time to end.
bool Follower::WaitForEnd(absl::Duration pause) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(Jittered(pause)),
                    [this] { return end_ || woken_; });
  if (woken_) {
    const absl::Duration early =
        std::clamp(looked_ + options_.pace - absl::Now(), absl::ZeroDuration(), options_.pace);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(early), [this] { return end_; });
  }
  woken_ = false;
  looked_ = absl::Now();
  return end_;
}

// The first failure and the first success after it: not one line a second.
void Follower::Report(const absl::Status& status) {
  if (status.ok() != failing_) return;
  failing_ = !status.ok();
  const std::string code = absl::StatusCodeToString(status.code());
  telemetry::Log(failing_ ? telemetry::Level::kWarning : telemetry::Level::kInfo,
                 failing_ ? "log_reader_failed" : "log_reader_recovered",
                 {{"reader", options_.reader},
                  {"source", options_.source},
                  {"code", code},
                  {"why", absl::string_view(status.message())}});
}

}  // namespace mostove::follower
