#include "libs/http/loop.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/http/connection.h"

namespace mostove::http {
namespace {

constexpr size_t kScratchBytes = 64 * 1024;
// After so many the others have their turn: answers above all.
constexpr int kResumedAtOnce = 32;
constexpr std::chrono::milliseconds kResumePause{1};

// Fine enough for the shortest limit.
Clock::duration TickOf(const Limits& limits) {
  const absl::Duration shortest =
      std::min({limits.header_time, limits.body_time, limits.idle_time, limits.write_time});
  return absl::ToChronoNanoseconds(
      std::clamp(shortest / 8, absl::Milliseconds(5), absl::Milliseconds(500)));
}

}  // namespace

Loop::Loop(std::shared_ptr<const ServerParts> parts)
    : parts_(std::move(parts)),
      timer_(loop_.context()),
      paused_timer_(loop_.context()),
      tick_(TickOf(parts_->options.limits)),
      scratch_(kScratchBytes) {}

Loop::~Loop() = default;

void Loop::Run() {
  Tick();
  loop_.Run();
}

void Loop::Join() {
  Post([this] {
    CloseAll();
    ended_ = true;  // a tick that is due already cannot be cancelled
    timer_.cancel();
    paused_timer_.cancel();
    paused_.clear();
  });
  loop_.Join();
}

const std::string& Loop::Date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_time_) {
    date_time_ = now;
    date_ =
        absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromTimeT(now), absl::UTCTimeZone());
  }
  return date_;
}

void Loop::Add(std::shared_ptr<Connection> connection) {
  Connection* key = connection.get();
  connections_.emplace(key, std::move(connection));
  key->Start();
  if (draining_) key->Drain();
}

void Loop::Drain() {
  draining_ = true;
  const auto connections = connections_;
  for (const auto& [key, connection] : connections) connection->Drain();
}

void Loop::CloseAll() {
  const auto connections = connections_;
  for (const auto& [key, connection] : connections) connection->Close();
}

void Loop::Pause(std::shared_ptr<Connection> connection) {
  const Clock::time_point end =
      Clock::now() + absl::ToChronoNanoseconds(parts_->options.limits.busy_pause);
  paused_.push_back({end, std::move(connection)});
  if (!waits_for_paused_) WaitForPaused();
}

// Wakes at most once in a millisecond: under load there are thousands in each second.
void Loop::WaitForPaused() {
  waits_for_paused_ = true;
  paused_timer_.expires_at(std::max(paused_.front().end, Clock::now() + kResumePause));
  paused_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !ended_) ResumePaused();
  });
}

void Loop::ResumePaused() {
  const Clock::time_point now = Clock::now();
  for (int i = 0; i < kResumedAtOnce && !paused_.empty() && paused_.front().end <= now; ++i) {
    const std::shared_ptr<Connection> connection = std::move(paused_.front().connection);
    paused_.pop_front();
    connection->Resume();
  }
  waits_for_paused_ = !paused_.empty();
  if (paused_.empty()) return;
  if (paused_.front().end > now) return WaitForPaused();
  Post([this] {
    if (!ended_) ResumePaused();
  });
}

void Loop::Tick() {
  timer_.expires_after(tick_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    const Clock::time_point now = Clock::now();
    std::vector<std::shared_ptr<Connection>> late;
    for (const auto& [key, connection] : connections_) {
      if (connection->deadline() <= now) late.push_back(connection);
    }
    for (const auto& connection : late) connection->OnDeadline();
    Tick();
  });
}

}  // namespace mostove::http
