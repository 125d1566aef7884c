// A session with a PostgreSQL server.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "libs/sql/figures.h"
#include "libs/sql/postgres_link.h"
#include "libs/sql/sql.h"
#include "libs/sql/statement_cache.h"

namespace mostove::sql {

class PostgresConnection final : public Connection {
 public:
  enum class Mode {
    kReader,
    kWriter,
    kGroup,  // a writer for many: no statement runs long and none waits long for a lock
  };

  // UNAVAILABLE with libpq's words when the server cannot be reached. No
  // statement runs longer than `statement_limit`, and none is waited for while `pulse` (may be
  // null; outlives the connection) says that the server is away.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(
      const std::string& url, Mode mode, absl::Duration statement_limit, Figures& figures,
      const PostgresPulse* pulse = nullptr);

  Engine engine() const override { return Engine::kPostgres; }
  absl::Status Query(absl::string_view statement, absl::Span<const Value> values,
                     absl::FunctionRef<bool(const Row&)> each) override;
  absl::StatusOr<int64_t> Execute(absl::string_view statement,
                                  absl::Span<const Value> values) override;
  using Connection::Queue;
  absl::Status Queue(absl::string_view statement, absl::Span<const Value> values,
                     Explain explain) override;
  absl::Status Flush() override;
  absl::Status Script(absl::string_view statements) override;
  void SetDeadline(absl::Time deadline) override { deadline_ = deadline; }
  bool healthy() const override { return link_.healthy(); }
  bool silent() const { return link_.silent(); }

  // A transaction of one change or of several, one after the other. BEGIN
  // travels with the first statement.
  absl::Status Begin();
  void BeginChange() { ++change_; }
  absl::Status EndChange() const { return failure_; }
  static constexpr int kNoChange = 0;
  // The first error of the transaction's statements, so far as it is known.
  const absl::Status& failure() const { return failure_; }
  // Which change it was: 1 for the first; kNoChange when the connection is lost.
  int failed_change() const { return failed_change_; }
  // Whether the present change may have changed rows.
  bool change_has_written() const { return last_writer_ == change_; }
  // With what is queued. OUTCOME_UNKNOWN when the connection is lost, or nothing
  // is heard until the deadline (two seconds at least).
  absl::Status Commit(absl::Time deadline);
  // Ends a transaction if there is one.
  void Rollback();

 private:
  // Of the server; the types of the values as they were at first.
  struct Prepared {
    std::string name;
    std::vector<Oid> types;
  };
  // Sent and not yet answered.
  struct Pending {
    int change;
    Explain explain;
  };

  PostgresConnection(PostgresLink link, Mode mode, absl::Duration statement_limit,
                     Figures& figures);
  absl::Status Configure();
  // The result of one statement, after those that are queued.
  absl::StatusOr<PostgresResult> Run(absl::string_view text, absl::Span<const Value> values);
  absl::Status Send(absl::string_view text, absl::Span<const Value> values, Explain explain);
  absl::Status SendText(const char* statement);
  // Reads the answers to all that is pending: the last one, or the first error.
  absl::StatusOr<PostgresResult> Receive(absl::Time until);
  absl::StatusOr<PostgresResult> Receive(absl::Time until, Timed& timed);
  // The name of the prepared statement that takes such values.
  absl::StatusOr<std::string> Prepare(absl::string_view text, absl::Span<const Value> values);
  absl::Status MakePrepared(const Prepared& prepared, absl::string_view text);
  // Sets the server's statement_timeout when it is far from what it should be.
  absl::Status ApplyDeadline();
  absl::Status ToStatus(const PGresult* result);
  absl::Status Lost() const;
  absl::Status Fail(absl::Status status, int change);
  // Until when the client waits for the server, which ought to end a statement
  // by itself.
  absl::Time AnswerDeadline() const;

  PostgresLink link_;
  const Mode mode_;
  StatementCache<Prepared> statements_;
  const absl::Duration statement_limit_;
  Figures& figures_;
  int64_t next_name_ = 0;
  absl::Time deadline_ = absl::InfiniteFuture();
  std::deque<Pending> pending_;
  // The server's present statement_timeout; -1: not known.
  int64_t timeout_ms_ = -1;

  // Of the transaction that Begin began.
  bool begun_ = false;
  int change_ = 0;
  int last_writer_ = kNoChange;
  absl::Status failure_;
  int failed_change_ = kNoChange;
};

}  // namespace mostove::sql
