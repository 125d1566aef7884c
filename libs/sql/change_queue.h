// Changes that wait for a thread which commits several of them together.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "libs/sql/database.h"

namespace mostove::sql {

// A change whose caller waits; lives on the caller's stack until it is finished.
struct WaitingChange {
  const absl::Time deadline;
  const Change& change;
  absl::Status result;
  Transaction::Actions after_commit;
  // The caller is to run it by itself.
  bool alone = false;
};

// Safe for all threads.
class ChangeQueue {
 public:
  using Group = std::vector<WaitingChange*>;

  explicit ChangeQueue(int group_max);

  // Callers: puts the change into the queue and returns when it is finished.
  // DEADLINE_EXCEEDED as its result when it has not been taken until then.
  struct Outcome {
    absl::Status result;
    bool alone;
  };
  Outcome Run(absl::Time deadline, const Change& change);

  // Those that wait longest; waits for one. Empty: the queue was closed and
  // nothing waits any more.
  Group Take();
  // Behind the others.
  void PutBack(WaitingChange* waiting);
  // Runs what is to run after its commit, if there was one, and lets the caller
  // go; the object is gone then.
  void Finish(WaitingChange* waiting);
  void Close();

  // How many wait for their turn.
  size_t waiting();

 private:
  struct Entry;
  bool Withdraw(WaitingChange* waiting);

  const size_t group_max_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<WaitingChange*> queue_;  // oldest first
  bool closing_ = false;
};

}  // namespace mostove::sql
