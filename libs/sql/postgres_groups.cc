#include "libs/sql/postgres_groups.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/sql/errors.h"
#include "libs/sql/run_change.h"
#include "libs/status/status.h"

namespace mostove::sql {
namespace {

// So long a group waits for the server to commit: then its outcome is unknown.
constexpr absl::Duration kCommitWait = absl::Seconds(10);
// So often a group is tried again without the change that spoiled it.
constexpr int kRoundsMax = 4;

}  // namespace

PostgresGroups::PostgresGroups(int groups, int group_max, Figures& figures, Pool::Make make,
                               GiveBack give_back)
    : figures_(figures),
      connections_(groups, std::move(make)),
      give_back_(std::move(give_back)),
      queue_(group_max) {
  for (int i = 0; i < groups; ++i) threads_.emplace_back([this] { Run(); });
}

PostgresGroups::~PostgresGroups() {
  queue_.Close();
  for (std::thread& thread : threads_) thread.join();
}

ChangeQueue::Outcome PostgresGroups::Write(absl::Time deadline, const Change& change) {
  const bool within = std::any_of(threads_.begin(), threads_.end(), [](const std::thread& thread) {
    return thread.get_id() == std::this_thread::get_id();
  });
  if (within) {
    return {status::Internal("a change asked for another write: it must use its own transaction"),
            false};
  }
  return queue_.Run(deadline, change);
}

void PostgresGroups::Run() {
  while (true) {
    ChangeQueue::Group group = queue_.Take();
    if (group.empty()) return;
    RunGroup(std::move(group));
  }
}

void PostgresGroups::FinishAll(ChangeQueue::Group& group) {
  for (WaitingChange* waiting : group) queue_.Finish(waiting);
  group.clear();
}

void PostgresGroups::RunGroup(ChangeQueue::Group group) {
  for (int round = 0; !group.empty(); ++round) {
    auto connection = connections_.Take(absl::Now() + kCommitWait);
    if (!connection.ok() || round == kRoundsMax) {
      for (WaitingChange* waiting : group) {
        waiting->alone = connection.ok();
        waiting->result = connection.status();
      }
      FinishAll(group);
    } else {
      RunOnce(**connection, group);
    }
    if (connection.ok()) give_back_(connections_, *std::move(connection));
  }
}

void PostgresGroups::RunOnce(PostgresConnection& connection, ChangeQueue::Group& group) {
  int spoiler = RunChanges(connection, group);
  if (spoiler == 0) {
    absl::Time deadline = absl::InfinitePast();
    for (const WaitingChange* waiting : group) deadline = std::max(deadline, waiting->deadline);
    const absl::Status committed = connection.Commit(std::min(deadline, absl::Now() + kCommitWait));
    spoiler = committed.ok() ? 0 : connection.failed_change();
    if (spoiler == PostgresConnection::kNoChange) {
      for (WaitingChange* waiting : group) {
        if (waiting->result.ok()) waiting->result = committed;
      }
      connection.Rollback();
      return FinishAll(group);
    }
  }
  connection.Rollback();
  // Behind the last one: the connection, or the COMMIT itself. Each tries alone.
  const bool all = spoiler > static_cast<int>(group.size());
  ChangeQueue::Group alone;
  if (all) {
    alone.swap(group);
  } else {
    alone.push_back(group[spoiler - 1]);
    group.erase(group.begin() + (spoiler - 1));
  }
  for (WaitingChange* waiting : alone) waiting->alone = true;
  FinishAll(alone);
}

int PostgresGroups::RunChanges(PostgresConnection& connection, const ChangeQueue::Group& group) {
  const int all = static_cast<int>(group.size()) + 1;
  if (!connection.Begin().ok()) return all;
  figures_.groups.fetch_add(1, std::memory_order_relaxed);
  figures_.grouped_changes.fetch_add(all - 1, std::memory_order_relaxed);
  Transaction::Shared shared;
  shared.optimistic = true;
  for (size_t i = 0; i < group.size(); ++i) {
    WaitingChange& waiting = *group[i];
    waiting.result =
        RunChange(connection, waiting.change, waiting.deadline, shared, waiting.after_commit);
    if (!connection.failure().ok()) {
      return connection.failed_change() == PostgresConnection::kNoChange
                 ? all
                 : connection.failed_change();
    }
    const bool left_something = !waiting.result.ok() && connection.change_has_written();
    if (left_something || IsConflict(waiting.result)) return static_cast<int>(i) + 1;
  }
  return 0;
}

}  // namespace mostove::sql
