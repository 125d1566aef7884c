#include "libs/sql/change_queue.h"

#include <algorithm>
#include <utility>

#include "libs/sql/errors.h"
#include "libs/sql/run_change.h"
#include "libs/sql/wait.h"

namespace mostove::sql {

struct ChangeQueue::Entry : WaitingChange {
  Entry(absl::Time deadline, const Change& change) : WaitingChange{deadline, change, {}, {}} {}

  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
};

ChangeQueue::ChangeQueue(int group_max) : group_max_(static_cast<size_t>(std::max(group_max, 1))) {}

ChangeQueue::Outcome ChangeQueue::Run(absl::Time deadline, const Change& change) {
  Entry entry(deadline, change);
  bool was_empty;
  {
    const std::lock_guard lock(mutex_);
    was_empty = queue_.empty();
    queue_.push_back(&entry);
  }
  if (was_empty) more_.notify_one();
  std::unique_lock lock(entry.mutex);
  const auto done = [&] { return entry.done; };
  if (!WaitUntil(entry.finished, lock, deadline, done)) {
    lock.unlock();
    if (Withdraw(&entry)) {
      return {DeadlineExceeded("the deadline passed before the write began"), false};
    }
    lock.lock();
    entry.finished.wait(lock, done);
  }
  return {std::move(entry.result), entry.alone};
}

ChangeQueue::Group ChangeQueue::Take() {
  std::unique_lock lock(mutex_);
  more_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  const auto end = queue_.begin() + static_cast<ptrdiff_t>(std::min(group_max_, queue_.size()));
  Group group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return group;
}

void ChangeQueue::PutBack(WaitingChange* waiting) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(waiting);
}

void ChangeQueue::Finish(WaitingChange* waiting) {
  if (waiting->result.ok() && !waiting->alone) RunAfterCommit(waiting->after_commit);
  auto& entry = static_cast<Entry&>(*waiting);
  // Under the lock: after it, the caller takes the object away.
  const std::lock_guard lock(entry.mutex);
  entry.done = true;
  entry.finished.notify_one();
}

void ChangeQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  more_.notify_all();
}

size_t ChangeQueue::waiting() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool ChangeQueue::Withdraw(WaitingChange* waiting) {
  const std::lock_guard lock(mutex_);
  return std::erase(queue_, waiting) == 1;
}

}  // namespace mostove::sql
