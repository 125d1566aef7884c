#include "libs/sql/postgres_pulse.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "libs/sql/postgres_link.h"

namespace mostove::sql {
namespace {

constexpr std::chrono::milliseconds kPause{250};
// A server that has much to do answers `SELECT 1` within this.
constexpr absl::Duration kAnswerWait = absl::Seconds(1);

}  // namespace

PostgresPulse::PostgresPulse(std::string url) : url_(std::move(url)), thread_([this] { Run(); }) {}

PostgresPulse::~PostgresPulse() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void PostgresPulse::Run() {
  std::unique_ptr<PostgresLink> link;
  std::unique_lock lock(mutex_);
  // The pause comes first: where there is no server, the first attempt to connect says where.
  while (!stop_.wait_for(lock, kPause, [this] { return stopped_; })) {
    lock.unlock();
    alive_.store(Beat(link), std::memory_order_relaxed);
    lock.lock();
  }
}

bool PostgresPulse::Beat(std::unique_ptr<PostgresLink>& link) const {
  const absl::Time until = absl::Now() + kAnswerWait;
  // One that was ended, rather than silent, is replaced at once.
  while (link == nullptr || link->Script("SELECT 1", until) == nullptr || link->lost()) {
    if (link != nullptr && link->silent()) {
      link = nullptr;
      return false;
    }
    auto opened = PostgresLink::Open(url_, until);
    // It may have as many connections as it takes.
    if (!opened.ok()) {
      link = nullptr;
      return PostgresLink::Listens(url_);
    }
    link = std::make_unique<PostgresLink>(*std::move(opened));
  }
  return true;
}

}  // namespace mostove::sql
