// A connection with a SQLite file.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/sql/change_error.h"
#include "libs/sql/figures.h"
#include "libs/sql/sql.h"
#include "libs/sql/statement_cache.h"

namespace mostove::sql {

class SqliteConnection final : public Connection {
 public:
  enum class Mode { kReader, kWriter };

  // A writer makes the file when there is none. No statement runs longer than
  // `statement_limit`. Queries are counted in `reads`, if it is not null.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Mode mode,
                                                                absl::Duration statement_limit,
                                                                Timed* reads);

  Engine engine() const override { return Engine::kSqlite; }
  absl::Status Query(absl::string_view statement, absl::Span<const Value> values,
                     absl::FunctionRef<bool(const Row&)> each) override;
  absl::StatusOr<int64_t> Execute(absl::string_view statement,
                                  absl::Span<const Value> values) override;
  using Connection::Queue;
  absl::Status Queue(absl::string_view statement, absl::Span<const Value> values,
                     Explain explain) override;
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Script(absl::string_view statements) override;
  void SetDeadline(absl::Time deadline) override { deadline_ = deadline; }
  bool healthy() const override { return true; }

  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

  // See ChangeError.
  void BeginChange() { change_error_.Begin(); }
  absl::Status EndChange() { return change_error_.End(); }

  // What is left to be done before the transaction is committed: see before_commit.h.
  using Action = std::function<absl::Status(Connection&)>;
  std::vector<Action>& before_commit() { return before_commit_; }

  // Moves the log into the file when it has grown long. For the writer.
  void CheckpointWhenLong();

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  // Shared, for a statement may leave the cache while it runs.
  using Statement = std::shared_ptr<sqlite3_stmt>;

  SqliteConnection(sqlite3* database, absl::Duration statement_limit, Timed* reads);
  absl::Status Configure(Mode mode);
  absl::StatusOr<Statement> Prepare(absl::string_view text);
  absl::StatusOr<Statement> Start(absl::string_view text, absl::Span<const Value> values);
  absl::Status Bind(sqlite3_stmt* statement, absl::Span<const Value> values);
  // Runs it to its end, or until `each` answers false.
  absl::Status Run(absl::string_view text, absl::Span<const Value> values,
                   absl::FunctionRef<bool(const Row&)> each);
  absl::Status LastError() const;

  std::unique_ptr<sqlite3, Close> database_;
  StatementCache<Statement> statements_;
  const absl::Duration statement_limit_;
  absl::Time deadline_ = absl::InfiniteFuture();
  absl::Time statement_deadline_ = absl::InfiniteFuture();
  ChangeError change_error_;
  std::vector<Action> before_commit_;
  Timed* const reads_;  // may be null
  int log_pages_ = 0;
};

}  // namespace mostove::sql
