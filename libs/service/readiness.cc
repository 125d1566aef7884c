#include "libs/service/readiness.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/status/status.h"

namespace mostove::service {
namespace {

constexpr std::chrono::milliseconds kInterval(1000), kFirstInterval(50);
constexpr absl::Duration kAgeMax = absl::Seconds(3);

absl::Status NotReady(absl::string_view why) {
  return status::Unavailable("NOT_READY", why, absl::Seconds(1));
}

}  // namespace

Readiness::Readiness(std::function<absl::Status()> check, std::function<void(bool)> changed)
    : check_(std::move(check)),
      changed_(std::move(changed)),
      status_(NotReady("the program is starting")),
      known_at_(absl::Now()),
      thread_([this] { Loop(); }) {}

Readiness::~Readiness() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::Status Readiness::status() const {
  std::lock_guard lock(mutex_);
  if (draining_) return NotReady("the program is ending");
  if (absl::Now() - known_at_ > kAgeMax) return NotReady("what it depends on does not answer");
  return status_;
}

void Readiness::StartDraining() {
  std::lock_guard lock(mutex_);
  draining_ = true;
}

void Readiness::Loop() {
  bool was_ready = false, ever = false;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    absl::Status status = check_();
    const bool ready = status.ok();
    ever = ever || ready;
    lock.lock();
    if (std::exchange(was_ready, ready) != ready && changed_ && !draining_) changed_(ready);
    status_ = std::move(status);
    known_at_ = absl::Now();
    wake_.wait_for(lock, ever ? kInterval : kFirstInterval, [this] { return stopping_; });
  }
}

}  // namespace mostove::service
