// SQLite and PostgreSQL behind one small face: values, rows, connections.
//
// Statements are written once for both: `?1`, `?2`, ... for values, the types
// TEXT, BIGINT, DOUBLE PRECISION and BLOB. Statements are prepared once per
// connection and kept. Errors: UNIQUE is ALREADY_EXISTS; foreign key, check
// and not null FAILED_PRECONDITION; serialization, deadlock and busy snapshot
// ABORTED (see Conflict); a timeout DEADLINE_EXCEEDED; a lost connection
// UNAVAILABLE; text with a NUL or invalid UTF-8 INVALID_ARGUMENT; all else
// INTERNAL with the database's words for the log. In a transaction no statement
// runs after a failed one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace mostove::sql {

enum class Engine { kSqlite, kPostgres };

struct Null {
  bool operator==(const Null&) const { return true; }
};
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};
// What is bound to a statement: NULL, BIGINT, DOUBLE PRECISION, TEXT, BLOB.
using Value = std::variant<Null, int64_t, double, std::string, Blob>;

// The present row of a result; valid during the callback.
class Row {
 public:
  virtual ~Row() = default;
  virtual int size() const = 0;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int64(int column) const = 0;
  virtual double Double(int column) const = 0;
  virtual absl::string_view Text(int column) const = 0;
  virtual absl::string_view Bytes(int column) const = 0;
  // As the column's own type: an integer, double, text or blob.
  virtual Value Get(int column) const = 0;
};

// One session with the database, for one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Engine engine() const = 0;
  // Runs one statement and gives each row to `each` until that answers false.
  virtual absl::Status Query(absl::string_view statement, absl::Span<const Value> values,
                             absl::FunctionRef<bool(const Row&)> each) = 0;
  // Runs one statement and answers how many rows it changed.
  virtual absl::StatusOr<int64_t> Execute(absl::string_view statement,
                                          absl::Span<const Value> values) = 0;
  // Runs one statement whose result nobody waits for. In a change on PostgreSQL
  // it travels with the next statement that is waited for, or with the COMMIT; an
  // error of it fails the change then, after which no other statement runs. So
  // what the change does next must not depend on it. `explain` may turn the
  // statement's error into a better one; it must not use the connection.
  // Everywhere else this is Execute.
  using Explain = std::function<absl::Status(absl::Status)>;
  virtual absl::Status Queue(absl::string_view statement, absl::Span<const Value> values,
                             Explain explain) = 0;
  absl::Status Queue(absl::string_view statement, absl::Span<const Value> values) {
    return Queue(statement, values, nullptr);
  }
  // Waits for what is queued.
  virtual absl::Status Flush() = 0;
  // Runs several statements without values: migrations, PRAGMA, BEGIN.
  virtual absl::Status Script(absl::string_view statements) = 0;
  // No statement goes on after it. InfiniteFuture lifts it.
  virtual void SetDeadline(absl::Time deadline) = 0;
  // False after a lost connection: the pool replaces it.
  virtual bool healthy() const = 0;
};

// ABORTED of a lost race that a second run may win: serialization, deadlock,
// busy, or what a change finds by itself. The writer runs the change again; an
// ABORTED of another reason goes to the caller.
absl::Status Conflict(absl::string_view words);
bool IsConflict(const absl::Status& status);

// What a change of the writer sees: a connection within a transaction.
class Transaction {
 public:
  // Of one database transaction, over all its changes.
  struct Shared {
    int next_ordinal = 0;
    // What the change log numbers the transaction by; 0: not asked yet.
    int64_t number = 0;
    // See optimistic().
    bool optimistic = false;
  };

  Transaction(Connection& connection, Shared& shared) : connection_(connection), shared_(shared) {}
  Connection& connection() { return connection_; }
  // 0, 1, 2, ... within one database transaction, over all its changes.
  int NextOrdinal() { return shared_.next_ordinal++; }
  int64_t& number() { return shared_.number; }
  // When a statement of this run fails, the change is run once more, not
  // optimistic. So it may spare what only looks for a better error beforehand.
  bool optimistic() const { return shared_.optimistic; }
  // Runs `action` once when the change is on disk, before the writer is told;
  // never when it was rolled back or is run again. In the order of the calls,
  // on SQLite in the order of commits too. Short, and without the database.
  // When the connection is lost during COMMIT it does not run, though the change
  // may be there.
  void AfterCommit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }
  using Actions = std::vector<std::function<void()>>;
  Actions TakeAfterCommit() { return std::move(after_commit_); }

 private:
  Connection& connection_;
  Shared& shared_;
  Actions after_commit_;
};

}  // namespace mostove::sql
