// Commits short changes of many callers together: one transaction, in which
// nobody waits for the answer to a statement unless a change reads.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "libs/sql/change_queue.h"
#include "libs/sql/connection_pool.h"
#include "libs/sql/postgres_connection.h"

namespace mostove::sql {

class PostgresGroups {
 public:
  using Pool = ConnectionPool<PostgresConnection>;

  // With as many groups at once as `groups`; `make` opens connections of
  // Mode::kGroup. `give_back` gets them back into `connections()`.
  using GiveBack = std::function<void(Pool&, std::unique_ptr<PostgresConnection>)>;
  PostgresGroups(int groups, int group_max, Figures& figures, Pool::Make make, GiveBack give_back);
  // Runs what still waits, then ends the threads.
  ~PostgresGroups();
  PostgresGroups(const PostgresGroups&) = delete;

  // `alone`: nothing of the change was done, and the caller is to run it in a
  // transaction of its own, because it failed here, or lost a race.
  ChangeQueue::Outcome Write(absl::Time deadline, const Change& change);

  Pool& connections() { return connections_; }

 private:
  void Run();
  void RunGroup(ChangeQueue::Group group);
  // Runs and commits all of it, or nothing: then who spoils it is told to run
  // alone and taken out of it.
  void RunOnce(PostgresConnection& connection, ChangeQueue::Group& group);
  // The number of the first that cannot be committed with the others; 0: none.
  int RunChanges(PostgresConnection& connection, const ChangeQueue::Group& group);
  void FinishAll(ChangeQueue::Group& group);

  Figures& figures_;
  Pool connections_;
  const GiveBack give_back_;
  ChangeQueue queue_;
  std::vector<std::thread> threads_;
};

}  // namespace mostove::sql
