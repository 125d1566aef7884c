// The one thread that writes to a SQLite file: it commits what waits together.
#pragma once

#include <memory>
#include <thread>

#include "libs/sql/change_queue.h"
#include "libs/sql/sqlite_connection.h"

namespace mostove::sql {

class GroupWriter {
 public:
  GroupWriter(std::unique_ptr<SqliteConnection> connection, int group_max, Figures& figures);
  // Runs what still waits, then ends the thread.
  ~GroupWriter();
  GroupWriter(const GroupWriter&) = delete;

  // See Database::Write.
  absl::Status Write(absl::Time deadline, const Change& change);

  // How many changes wait for their turn.
  size_t waiting() { return queue_.waiting(); }

 private:
  void Run();
  // Kept prepared, unlike a script.
  absl::Status Command(absl::string_view statement);
  // In one transaction. False: it is gone, and with it all changes of the group.
  bool RunTogether(const ChangeQueue::Group& group);
  absl::Status RunAlone(WaitingChange& waiting);
  // With what the changes left for the end.
  absl::Status Commit();
  void FinishOrRepeat(WaitingChange* waiting);

  const std::unique_ptr<SqliteConnection> connection_;
  Figures& figures_;
  ChangeQueue queue_;
  std::thread thread_;
};

}  // namespace mostove::sql
