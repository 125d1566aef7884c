#include "libs/sql/group_writer.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/sql/before_commit.h"
#include "libs/sql/errors.h"
#include "libs/sql/run_change.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::sql {

absl::Status BeforeCommit(Transaction& transaction,
                          std::function<absl::Status(Connection&)> action) {
  auto* connection = dynamic_cast<SqliteConnection*>(&transaction.connection());
  if (connection == nullptr) return action(transaction.connection());
  connection->before_commit().push_back(std::move(action));
  return absl::OkStatus();
}

GroupWriter::GroupWriter(std::unique_ptr<SqliteConnection> connection, int group_max,
                         Figures& figures)
    : connection_(std::move(connection)),
      figures_(figures),
      queue_(group_max),
      thread_([this] { Run(); }) {}

GroupWriter::~GroupWriter() {
  queue_.Close();
  thread_.join();
}

absl::Status GroupWriter::Write(absl::Time deadline, const Change& change) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    return status::Internal("a change asked for another write: it must use its own transaction");
  }
  return queue_.Run(deadline, change).result;
}

void GroupWriter::Run() {
  while (true) {
    const ChangeQueue::Group group = queue_.Take();
    if (group.empty()) return;
    if (group.size() == 1 || !RunTogether(group)) {
      for (WaitingChange* waiting : group) waiting->result = RunAlone(*waiting);
    }
    for (WaitingChange* waiting : group) FinishOrRepeat(waiting);
    // After the answers: nobody waits for it.
    connection_->CheckpointWhenLong();
  }
}

void GroupWriter::FinishOrRepeat(WaitingChange* waiting) {
  if (IsConflict(waiting->result) && absl::Now() < waiting->deadline) {
    // Behind the others, so that it does not stop them.
    queue_.PutBack(waiting);
  } else {
    queue_.Finish(waiting);
  }
}

absl::Status GroupWriter::Command(absl::string_view statement) {
  return connection_->Execute(statement, {}).status();
}

absl::Status GroupWriter::Commit() {
  for (const auto& action : connection_->before_commit()) RETURN_IF_ERROR(action(*connection_));
  const Stopwatch stopwatch(figures_.commits);
  return Command("COMMIT");
}

bool GroupWriter::RunTogether(const ChangeQueue::Group& group) {
  // A database that is busy for a program outside: each caller waits as long as
  // it can by itself.
  if (!Command("BEGIN IMMEDIATE").ok()) return false;
  figures_.groups.fetch_add(1, std::memory_order_relaxed);
  figures_.grouped_changes.fetch_add(static_cast<int64_t>(group.size()), std::memory_order_relaxed);
  const Stopwatch stopwatch(figures_.changes);
  Transaction::Shared shared;
  std::vector<SqliteConnection::Action>& at_end = connection_->before_commit();
  at_end.clear();
  for (WaitingChange* waiting : group) {
    if (!Command("SAVEPOINT change").ok()) break;
    const size_t of_others = at_end.size();
    waiting->result =
        RunChange(*connection_, waiting->change, waiting->deadline, shared, waiting->after_commit);
    // Some errors end the whole transaction: a full disk, an interrupted write.
    if (!connection_->in_transaction()) return false;
    if (!waiting->result.ok()) {
      at_end.resize(of_others);
      if (!Command("ROLLBACK TO change").ok()) break;
    }
    if (!Command("RELEASE change").ok()) break;
    if (waiting == group.back() && Commit().ok()) return true;
  }
  if (connection_->in_transaction()) (void)Command("ROLLBACK");
  return false;
}

absl::Status GroupWriter::RunAlone(WaitingChange& waiting) {
  RETURN_IF_ERROR(Command("BEGIN IMMEDIATE"));
  figures_.separate_changes.fetch_add(1, std::memory_order_relaxed);
  Transaction::Shared shared;
  connection_->before_commit().clear();
  absl::Status result =
      RunChange(*connection_, waiting.change, waiting.deadline, shared, waiting.after_commit);
  if (result.ok()) result = Commit();
  if (connection_->in_transaction()) (void)Command("ROLLBACK");
  return result;
}

}  // namespace mostove::sql
