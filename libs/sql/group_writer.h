// The one thread that writes to a SQLite file: it commits what waits together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "libs/sql/database.h"
#include "libs/sql/sqlite_connection.h"

namespace mostove::sql {

class GroupWriter {
 public:
  GroupWriter(std::unique_ptr<SqliteConnection> connection, int group_max);
  // Runs what still waits, then ends the thread.
  ~GroupWriter();
  GroupWriter(const GroupWriter&) = delete;

  // See Database::Write.
  absl::Status Write(absl::Time deadline, const Change& change);

  // How many changes wait for their turn.
  size_t waiting();

 private:
  struct Waiting;
  using Group = std::vector<Waiting*>;

  void Run();
  Group TakeGroup();
  bool Withdraw(Waiting* waiting);

  // Kept prepared, unlike a script.
  absl::Status Command(absl::string_view statement);
  // In one transaction. False: it is gone, and with it all changes of the group.
  bool RunTogether(const Group& group);
  absl::Status RunAlone(Waiting& waiting);
  void FinishOrRepeat(Waiting* waiting);

  const std::unique_ptr<SqliteConnection> connection_;
  const size_t group_max_;

  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<Waiting*> queue_;  // oldest first
  bool closing_ = false;

  std::thread thread_;
};

}  // namespace mostove::sql
