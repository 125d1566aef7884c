// Runs a change within the transaction that a writer has begun.
#pragma once

#include <exception>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/sql/database.h"
#include "libs/sql/errors.h"
#include "libs/status/status.h"

namespace mostove::sql {

inline absl::Status CatchExceptions(const Change& change, Transaction& transaction) {
  try {
    return change(transaction);
  } catch (const std::exception& exception) {
    return status::Internal(absl::StrCat("a change threw an exception: ", exception.what()));
  } catch (...) {
    return status::Internal("a change threw an exception of an unknown kind");
  }
}

// `shared` is that of the database transaction. Afterwards the connection has
// no deadline, so that the transaction can be ended, and `after_commit` has what
// is to run when it is committed: nothing of a change that failed.
template <typename SomeConnection>
absl::Status RunChange(SomeConnection& connection, const Change& change, absl::Time deadline,
                       Transaction::Shared& shared, Transaction::Actions& after_commit) {
  after_commit.clear();
  if (absl::Now() >= deadline)
    return DeadlineExceeded("the deadline passed before the write began");
  Transaction transaction(connection, shared);
  connection.SetDeadline(deadline);
  connection.BeginChange();
  absl::Status result = CatchExceptions(change, transaction);
  const absl::Status failed_statement = connection.EndChange();
  connection.SetDeadline(absl::InfiniteFuture());
  // A conflict is tried again, whatever the change made of it.
  if (result.ok() || IsConflict(failed_statement)) result = failed_statement;
  if (result.ok()) after_commit = transaction.TakeAfterCommit();
  return result;
}

inline void RunAfterCommit(const Transaction::Actions& actions) {
  for (const std::function<void()>& action : actions) action();
}

}  // namespace mostove::sql
