#include "libs/live/tail.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace mostove::live {
namespace {

using changelog::Head;

constexpr int kPageSize = 1000;
constexpr size_t kTakenMax = 256;
constexpr size_t kOwnMax = 100'000;
constexpr absl::Duration kReadTime = absl::Seconds(5);
constexpr absl::Duration kRetryPause = absl::Milliseconds(200);
// How late a watcher may be woken that is due: those of a second are woken together.
constexpr absl::Duration kDueInterval = absl::Seconds(1);
// Between two looks while changes stream in: many commits, one query.
constexpr absl::Duration kPace = absl::Milliseconds(2);

absl::Status Ended() {
  return status::Unavailable("DRAINING", "the server stops; ask another one", absl::ZeroDuration());
}

absl::Status EpochChanged() {
  return status::Precondition("EPOCH_CHANGED",
                              "the database was restored or emptied since this position was given: "
                              "read the resources anew and watch from now");
}

}  // namespace

Tail::Tail(TailOptions options)
    : options_(options), exclusive_(options_.store->database().engine() == sql::Engine::kSqlite) {
  AddMetrics();
}

Tail::~Tail() { Stop(); }

void Tail::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Tail::Stop() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
    work_.notify_one();
  }
  WakeWaiting(absl::InfiniteFuture());
  if (thread_.joinable()) thread_.join();
}

void Tail::Wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  work_.notify_one();
}

void Tail::WakeForOwn(int64_t sequence) {
  if (exclusive_ && asleep_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(mutex_);
  if (!exclusive_) {
    if (own_.size() >= kOwnMax) own_.clear();
    own_.insert(sequence);
  }
  if (waiters_.empty() || woken_) return;
  woken_ = true;
  work_.notify_one();
}

// --- watchers

absl::Status Tail::Join(Waiter* waiter) {
  const std::lock_guard lock(mutex_);
  if (static_cast<int>(waiters_.size()) >= options_.watchers_max) {
    return status::Make(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS",
                        absl::StrCat("no more than ", options_.watchers_max,
                                     " watch this service at once; try again later"));
  }
  // Nobody read on since the last one left.
  if (waiters_.empty() && exclusive_) settled_ = false;
  waiters_.insert(waiter);
  asleep_ = false;
  woken_ = true;
  work_.notify_one();
  return absl::OkStatus();
}

void Tail::Leave(Waiter* waiter) {
  const std::lock_guard lock(mutex_);
  waiters_.erase(waiter);
  asleep_ = waiters_.empty();
}

absl::StatusOr<Tail::Found> Tail::Take(Waiter& waiter, const std::function<void()>& wake,
                                       std::vector<ChangePtr>& changes) {
  const std::lock_guard lock(mutex_);
  if (end_) return Ended();
  waiter.waits = false;
  if (settled_) {
    if (waiter.after.epoch != base_.epoch) return EpochChanged();
    if (waiter.after.sequence < base_.sequence) return Found::kBehind;
    auto next = std::upper_bound(
        recent_.begin(), recent_.end(), waiter.after.sequence,
        [](int64_t sequence, const ChangePtr& change) { return sequence < change->sequence; });
    for (; next != recent_.end() && changes.size() < kTakenMax; ++next) changes.push_back(*next);
    if (!changes.empty()) return Found::kChanges;
  }
  if (absl::Now() >= waiter.due) return Found::kDue;
  waiter.waits = true;
  waiter.wake = wake;
  return Found::kNothing;
}

void Tail::Publish(std::vector<ChangePtr> changes) {
  if (changes.empty()) return;
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    for (Waiter* waiter : waiters_) {
      if (!waiter->waits) continue;
      const bool wanted = std::any_of(changes.begin(), changes.end(), [&](const ChangePtr& change) {
        return waiter->wants(*change);
      });
      if (!wanted) {
        waiter->after = position_;
      } else {
        waiter->waits = false;
        wakes.push_back(std::move(waiter->wake));
      }
    }
    for (ChangePtr& change : changes) recent_.push_back(std::move(change));
    while (recent_.size() > options_.recent_max) {
      base_.sequence = recent_.front()->sequence;
      recent_.pop_front();
    }
    if (!own_.empty()) {
      absl::erase_if(own_, [&](int64_t sequence) { return sequence <= position_.sequence; });
    }
  }
  for (const auto& wake : wakes) wake();
}

void Tail::WakeWaiting(absl::Time due) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    for (Waiter* waiter : waiters_) {
      if (!waiter->waits || waiter->due > due) continue;
      waiter->waits = false;
      wakes.push_back(std::move(waiter->wake));
    }
  }
  for (const auto& wake : wakes) wake();
}

// --- the reader

void Tail::Loop() {
  while (WaitForWork()) {
    const absl::Status looked = NeedsToLook() ? Look() : absl::OkStatus();
    Report(looked);
    if (const absl::Time now = absl::Now(); now - woke_due_ >= kDueInterval) {
      woke_due_ = now;
      WakeWaiting(now);
    }
    if (!looked.ok()) absl::SleepFor(kRetryPause);
  }
}

// False when it is time to end.
bool Tail::WaitForWork() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return end_ || woken_; };
  if (exclusive_ && waiters_.empty()) {
    asleep_ = true;
    work_.wait(lock, ready);
  } else {
    const absl::Duration pause = exclusive_ ? kDueInterval : options_.interval;
    work_.wait_for(lock, absl::ToChronoNanoseconds(pause), ready);
  }
  if (!end_ && woken_)
    work_.wait_for(lock, absl::ToChronoNanoseconds(kPace), [this] { return end_; });
  woken_ = false;
  return !end_;
}

bool Tail::NeedsToLook() const {
  const std::lock_guard lock(mutex_);
  return !exclusive_ || !waiters_.empty();
}

absl::Status Tail::Look() {
  const absl::Time asked = absl::Now();
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store().database().Read(asked + kReadTime));
  // Also those of other services, of which another copy of this one has learned.
  if (!exclusive_) RETURN_IF_ERROR(store().ReloadAliases(*reader));
  RETURN_IF_ERROR(Settle(*reader));
  for (bool more = true; more;) {
    auto read = ReadPage(*reader);
    if (status::Reason(read.status()) == "EPOCH_CHANGED") {
      StartAnew();
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(read.status());
    more = *read;
  }
  caught_up_micros_ = absl::ToUnixMicros(asked);
  store().versions().CaughtUp(asked);
  return absl::OkStatus();
}

// Begins at the present end: whoever wants more reads the log.
absl::Status Tail::Settle(sql::Connection& connection) {
  {
    const std::lock_guard lock(mutex_);
    if (settled_) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(position_, changelog::End(connection));
  told_.clear();
  // What was kept while nobody read may be old by now.
  if (!exclusive_) store().versions().AllChanged();
  store().versions().KnowsThrough(position_.sequence);
  {
    const std::lock_guard lock(mutex_);
    recent_.clear();
    base_ = position_;
    settled_ = true;
  }
  WakeWaiting(absl::InfiniteFuture());  // they know now whether they are behind
  return absl::OkStatus();
}

absl::StatusOr<bool> Tail::ReadPage(sql::Connection& connection) {
  // Versions have to know of what is committed, in whatever order.
  const auto show = exclusive_ ? changelog::Show::kSettled : changelog::Show::kAll;
  ASSIGN_OR_RETURN(changelog::Heads page,
                   changelog::ReadHeads(connection, position_, kPageSize, show));
  const bool merged = std::any_of(page.heads.begin(), page.heads.end(), [](const Head& head) {
    return head.kind == changelog::Kind::kMerged || head.kind == changelog::Kind::kUnmerged;
  });
  // Whoever is told of it finds it done.
  if (merged && !exclusive_) RETURN_IF_ERROR(store().ReloadAliases(connection));
  std::vector<ChangePtr> changes;
  for (Head& head : page.heads) {
    if (!exclusive_) Tell(head);
    if (!head.settled) continue;
    position_.sequence = head.sequence;
    changes.push_back(MakeChange(store(), std::move(head)));
  }
  const bool full = page.heads.size() == static_cast<size_t>(kPageSize);
  const bool moved = !changes.empty();
  if (moved) {
    absl::erase_if(told_, [&](int64_t sequence) { return sequence <= position_.sequence; });
    store().versions().KnowsThrough(position_.sequence);
  }
  Publish(std::move(changes));
  if (full && !moved) {
    return status::Unavailable(
        "LOG_HELD_UP",
        "a transaction runs so long that more changes wait behind it than are read at once",
        absl::Seconds(1));
  }
  return full;
}

void Tail::Tell(const Head& head) {
  if (told_.contains(head.sequence)) return;
  if (!head.settled) told_.insert(head.sequence);
  {
    const std::lock_guard lock(mutex_);
    if (own_.contains(head.sequence)) return;  // told when it was committed
  }
  store().versions().Changed(head.name);
  store().versions().Changed(head.resource_type);
}

// Another database stands in the place of the one before.
void Tail::StartAnew() {
  store().versions().AllChanged();
  {
    const std::lock_guard lock(mutex_);
    settled_ = false;
    own_.clear();
    woken_ = true;
  }
  WakeWaiting(absl::InfiniteFuture());
}

// The first failure and the first success after it: not one line a second.
void Tail::Report(const absl::Status& status) {
  if (status.ok() != failing_) return;
  failing_ = !status.ok();
  const std::string code = absl::StatusCodeToString(status.code());
  telemetry::Log(failing_ ? telemetry::Level::kWarning : telemetry::Level::kInfo,
                 failing_ ? "log_tail_failed" : "log_tail_recovered",
                 {{"service", store().options().service},
                  {"code", code},
                  {"why", absl::string_view(status.message())}});
}

void Tail::AddMetrics() {
  if (options_.metrics == nullptr) return;
  const telemetry::Metrics::Labels labels = {{"service", store().options().service}};
  options_.metrics->Gauge("mostove_watchers", "Open streams of WatchChanges.", labels, [this] {
    const std::lock_guard lock(mutex_);
    return static_cast<double>(waiters_.size());
  });
  if (exclusive_) return;
  options_.metrics->Gauge(
      "mostove_log_tail_lag_seconds", "How old what a process knows of its change log may be.",
      labels, [this] {
        return absl::ToDoubleSeconds(absl::Now() - absl::FromUnixMicros(caught_up_micros_));
      });
}

}  // namespace mostove::live
