#include "libs/sql/group_writer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/sql/errors.h"
#include "libs/sql/run_change.h"
#include "libs/sql/wait.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::sql {

// Lives on its caller's stack until `done`.
struct GroupWriter::Waiting {
  Waiting(absl::Time deadline, const Change& change) : deadline(deadline), change(change) {}

  void Finish() {
    // Under the lock: after it, the caller takes this object away.
    const std::lock_guard lock(mutex);
    done = true;
    finished.notify_one();
  }

  const absl::Time deadline;
  const Change& change;
  absl::Status result;
  Transaction::Actions after_commit;

  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
};

GroupWriter::GroupWriter(std::unique_ptr<SqliteConnection> connection, int group_max)
    : connection_(std::move(connection)),
      group_max_(static_cast<size_t>(std::max(group_max, 1))),
      thread_([this] { Run(); }) {}

GroupWriter::~GroupWriter() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  more_.notify_one();
  thread_.join();
}

absl::Status GroupWriter::Write(absl::Time deadline, const Change& change) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    return status::Internal("a change asked for another write: it must use its own transaction");
  }
  Waiting waiting(deadline, change);
  bool was_empty;
  {
    const std::lock_guard lock(mutex_);
    was_empty = queue_.empty();
    queue_.push_back(&waiting);
  }
  if (was_empty) more_.notify_one();
  std::unique_lock lock(waiting.mutex);
  const auto done = [&] { return waiting.done; };
  if (!WaitUntil(waiting.finished, lock, deadline, done)) {
    lock.unlock();
    if (Withdraw(&waiting)) return DeadlineExceeded("the deadline passed before the write began");
    lock.lock();
    waiting.finished.wait(lock, done);
  }
  return std::move(waiting.result);
}

size_t GroupWriter::waiting() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool GroupWriter::Withdraw(Waiting* waiting) {
  const std::lock_guard lock(mutex_);
  return std::erase(queue_, waiting) == 1;
}

GroupWriter::Group GroupWriter::TakeGroup() {
  std::unique_lock lock(mutex_);
  more_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  const auto end = queue_.begin() + std::min(group_max_, queue_.size());
  Group group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return group;
}

void GroupWriter::Run() {
  while (true) {
    const Group group = TakeGroup();
    if (group.empty()) return;
    if (group.size() == 1 || !RunTogether(group)) {
      for (Waiting* waiting : group) waiting->result = RunAlone(*waiting);
    }
    for (Waiting* waiting : group) FinishOrRepeat(waiting);
    // After the answers: nobody waits for it.
    connection_->CheckpointWhenLong();
  }
}

void GroupWriter::FinishOrRepeat(Waiting* waiting) {
  if (IsConflict(waiting->result) && absl::Now() < waiting->deadline) {
    // Behind the others, so that it does not stop them.
    const std::lock_guard lock(mutex_);
    queue_.push_back(waiting);
  } else {
    if (waiting->result.ok()) RunAfterCommit(waiting->after_commit);
    waiting->Finish();
  }
}

absl::Status GroupWriter::Command(absl::string_view statement) {
  return connection_->Execute(statement, {}).status();
}

bool GroupWriter::RunTogether(const Group& group) {
  // A database that is busy for a program outside: each caller waits as long as
  // it can by itself.
  if (!Command("BEGIN IMMEDIATE").ok()) return false;
  int next_ordinal = 0;
  for (Waiting* waiting : group) {
    if (!Command("SAVEPOINT change").ok()) break;
    waiting->result = RunChange(*connection_, waiting->change, waiting->deadline, next_ordinal,
                                waiting->after_commit);
    // Some errors end the whole transaction: a full disk, an interrupted write.
    if (!connection_->in_transaction()) return false;
    if (!waiting->result.ok() && !Command("ROLLBACK TO change").ok()) break;
    if (!Command("RELEASE change").ok()) break;
    if (waiting == group.back() && Command("COMMIT").ok()) return true;
  }
  if (connection_->in_transaction()) (void)Command("ROLLBACK");
  return false;
}

absl::Status GroupWriter::RunAlone(Waiting& waiting) {
  RETURN_IF_ERROR(Command("BEGIN IMMEDIATE"));
  int next_ordinal = 0;
  absl::Status result =
      RunChange(*connection_, waiting.change, waiting.deadline, next_ordinal, waiting.after_commit);
  if (result.ok()) result = Command("COMMIT");
  if (connection_->in_transaction()) (void)Command("ROLLBACK");
  return result;
}

}  // namespace mostove::sql
