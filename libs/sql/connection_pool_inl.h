#pragma once

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/sql/connection_pool.h"
#include "libs/sql/errors.h"
#include "libs/sql/wait.h"

namespace mostove::sql {

template <typename SomeConnection>
absl::StatusOr<std::unique_ptr<SomeConnection>> ConnectionPool<SomeConnection>::Take(
    absl::Time deadline) {
  while (true) {
    std::unique_ptr<SomeConnection> connection;
    {
      std::unique_lock lock(mutex_);
      const bool free = WaitUntil(returned_, lock, deadline,
                                  [this] { return !idle_.empty() || lent_ < connections_max_; });
      if (!free) return DeadlineExceeded("all connections with the database were in use");
      ++lent_;
      if (idle_.empty()) break;
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    if (connection->healthy()) return connection;
    GiveBack(std::move(connection));
  }
  return MakeOne();
}

template <typename SomeConnection>
absl::StatusOr<std::unique_ptr<SomeConnection>> ConnectionPool<SomeConnection>::MakeOne() {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    const bool others_try = pause_ > absl::ZeroDuration() && attempting_;
    if (others_try || absl::Now() < next_attempt_) refused = last_failure_;
    if (refused.ok()) attempting_ = true;
  }
  if (!refused.ok()) {
    GiveBack(nullptr);
    return refused;
  }
  absl::StatusOr<std::unique_ptr<SomeConnection>> made = make_();
  {
    const std::lock_guard lock(mutex_);
    attempting_ = false;
    if (made.ok()) {
      pause_ = absl::ZeroDuration();
      next_attempt_ = absl::InfinitePast();
    } else {
      NoteFailure(made.status());
    }
  }
  if (!made.ok()) GiveBack(nullptr);
  return made;
}

template <typename SomeConnection>
void ConnectionPool<SomeConnection>::NoteFailure(absl::Status failure) {
  last_failure_ = std::move(failure);
  pause_ = std::clamp(pause_ * 2, absl::Milliseconds(50), absl::Seconds(2));
  next_attempt_ = absl::Now() + pause_ * absl::Uniform(random_, 0.5, 1.0);
}

template <typename SomeConnection>
void ConnectionPool<SomeConnection>::Suspect(absl::Status failure) {
  std::vector<std::unique_ptr<SomeConnection>> closed;  // after the lock
  const std::lock_guard lock(mutex_);
  closed.swap(idle_);
  // Others may say the same of the same silence.
  if (absl::Now() >= next_attempt_) NoteFailure(std::move(failure));
}

template <typename SomeConnection>
void ConnectionPool<SomeConnection>::GiveBack(std::unique_ptr<SomeConnection> connection) {
  // Closed after the lock: it may take a while.
  std::unique_ptr<SomeConnection> broken;
  if (connection != nullptr && !connection->healthy()) broken = std::move(connection);
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace mostove::sql
