// A session with a PostgreSQL server.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/sql/change_error.h"
#include "libs/sql/postgres_result.h"
#include "libs/sql/sql.h"
#include "libs/sql/statement_cache.h"

namespace mostove::sql {

class PostgresConnection final : public Connection {
 public:
  enum class Mode { kReader, kWriter };

  // UNAVAILABLE with libpq's words when the server cannot be reached. No
  // statement runs longer than `statement_limit`.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& url, Mode mode,
                                                                  absl::Duration statement_limit);

  Engine engine() const override { return Engine::kPostgres; }
  absl::Status Query(absl::string_view statement, absl::Span<const Value> values,
                     absl::FunctionRef<bool(const Row&)> each) override;
  absl::StatusOr<int64_t> Execute(absl::string_view statement,
                                  absl::Span<const Value> values) override;
  absl::Status Script(absl::string_view statements) override;
  void SetDeadline(absl::Time deadline) override { deadline_ = deadline; }
  // Also looks whether the server closed an idle connection.
  bool healthy() const override;

  absl::Status Begin() { return Script("BEGIN"); }
  // OUTCOME_UNKNOWN when the connection is lost.
  absl::Status Commit();
  // Ends a transaction if there is one.
  void Rollback();

  // See ChangeError.
  void BeginChange() { change_error_.Begin(); }
  absl::Status EndChange() { return change_error_.End(); }

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  // Of the server; the types of the values as they were at first.
  struct Prepared {
    std::string name;
    std::vector<Oid> types;
  };

  PostgresConnection(PGconn* connection, absl::Duration statement_limit);
  absl::Status Configure(Mode mode);
  absl::StatusOr<PostgresResult> Run(absl::string_view text, absl::Span<const Value> values);
  // The name of the prepared statement that takes such values.
  absl::StatusOr<std::string> Prepare(absl::string_view text, absl::Span<const Value> values);
  absl::StatusOr<PostgresResult> RunPrepared(const std::string& name,
                                             absl::Span<const Value> values);
  // Sets the server's statement_timeout when it is far from what it should be.
  absl::Status ApplyDeadline();
  absl::Status RunText(const std::string& statements);
  absl::Status ToStatus(const PGresult* result);
  bool in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }

  const std::unique_ptr<PGconn, Close> connection_;
  StatementCache<Prepared> statements_;
  const absl::Duration statement_limit_;
  int64_t next_name_ = 0;
  absl::Time deadline_ = absl::InfiniteFuture();
  ChangeError change_error_;
  // The server's present statement_timeout, and the one that ROLLBACK brings
  // back: it undoes a SET.
  int64_t timeout_ms_ = 0;
  int64_t timeout_before_transaction_ms_ = 0;
};

}  // namespace mostove::sql
