#include "libs/http/loop.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/http/connection.h"

namespace mostove::http {
namespace {

constexpr size_t kScratchBytes = 64 * 1024;

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
