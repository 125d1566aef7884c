// One database of a service: its readers, its writer and its migrations.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/sql/figures.h"
#include "libs/sql/sql.h"

namespace mostove::sql {

struct DatabaseOptions {
  // "sqlite:/path/to/file.db", or a libpq URI "postgresql://...".
  std::string url;
  int readers_max = 16;
  // Connections that write at once, a change each; SQLite always has one.
  int writers_max = 8;
  // Beside them on PostgreSQL, connections that write groups of short changes.
  int groups_max = 1;
  // A group takes at most so many changes, so that no caller waits for ever.
  int group_max = 256;
  // A statement of a reader never runs longer, whatever the caller's deadline:
  // a read that lasts keeps SQLite's log from being emptied.
  absl::Duration read_limit = absl::Seconds(30);
};

// A pure closure: it reads and writes through the transaction only, for it may
// be run again, or together with others in one transaction (a savepoint each).
// An error rolls back its own savepoint and goes to its caller; so does the
// error of a failed statement that the closure kept to itself.
using Change = std::function<absl::Status(Transaction&)>;

// What a change may do to others that are committed with it. SQLite has one
// writer and runs both alike.
enum class Extent {
  kAny,
  // Few statements, each quick, and few rows locked: on PostgreSQL it may share
  // a transaction with others. Who fails there, waits for a lock of others
  // longer than 50 ms or runs longer than a second is run once more, by itself.
  kShort,
};

struct Migration {
  int number;        // 1, 2, 3, ... without gaps
  std::string name;  // "organizations"
  std::string script;
};

class Database {
 public:
  // A borrowed reader; goes back to the pool at the end of its life.
  class Reader {
   public:
    Reader(Database* database, std::unique_ptr<Connection> connection);
    Reader(Reader&&) noexcept;
    ~Reader();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Database* database_;
    std::unique_ptr<Connection> connection_;
  };

  // Connects. Fails with a sentence for the operator. Safe for all threads.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const DatabaseOptions& options);
  virtual ~Database() = default;

  virtual Engine engine() const = 0;

  // Waits for a free reader until the deadline: DEADLINE_EXCEEDED, or
  // UNAVAILABLE when the database is away.
  virtual absl::StatusOr<Reader> Read(absl::Time deadline) = 0;

  // Runs `change` in a transaction; returns when it is on disk. ABORTED from
  // the database is tried again until the deadline. UNAVAILABLE with reason
  // OUTCOME_UNKNOWN when the connection was lost during COMMIT.
  virtual absl::Status Write(absl::Time deadline, const Change& change, Extent extent) = 0;
  absl::Status Write(absl::Time deadline, const Change& change) {
    return Write(deadline, change, Extent::kAny);
  }

  // Applies those not yet applied, under a lock, each in a transaction, and
  // refuses one whose text changed since, or one that this program lacks.
  // `space` keeps the numbers of several owners apart in one database
  // ("changelog", "organizations").
  virtual absl::Status Migrate(absl::string_view space,
                               const std::vector<Migration>& migrations) = 0;

  struct Column {
    std::string table, name,
        type;  // type as declared, upper case: TEXT, BIGINT, BLOB, DOUBLE PRECISION
  };
  // Every column of every table of the schema.
  virtual absl::StatusOr<std::vector<Column>> Columns() = 0;

  const Figures& figures() const { return figures_; }

 protected:
  Figures figures_;

 private:
  friend class Reader;
  virtual void GiveBack(std::unique_ptr<Connection> connection) = 0;
};

// One session that only reads, for programs that look at a database beside those
// that serve it. `url` as in DatabaseOptions.
absl::StatusOr<std::unique_ptr<Connection>> OpenForReading(const std::string& url);

}  // namespace mostove::sql
