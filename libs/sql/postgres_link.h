// A connection of libpq in pipeline mode: statements are sent one after the
// other, and their answers come in that order after the next Sync. Nothing here
// waits longer than it was told to, whatever the server does.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/sql/postgres_pulse.h"
#include "libs/sql/postgres_result.h"
#include "libs/sql/sql.h"

namespace mostove::sql {

// The server's type of a value; 0 for NULL, which has any.
Oid TypeOf(const Value& value);

// For one thread at a time.
class PostgresLink {
 public:
  // UNAVAILABLE with libpq's words when the server cannot be reached before `until`. While `pulse`
  // (may be null; outlives the link) says that the server is away, nothing is waited for.
  static absl::StatusOr<PostgresLink> Open(const std::string& url, absl::Time until,
                                           const PostgresPulse* pulse = nullptr);
  // Whether a server takes connections there, or would if it had not so many. Waits two seconds.
  static bool Listens(const std::string& url);

  // These only send. False: the connection is gone.
  bool Prepare(const std::string& name, const std::string& text, const std::vector<Oid>& types);
  bool Run(const std::string& name, absl::Span<const Value> values);
  bool Text(const char* statement);
  bool Sync();

  // The answer to the next thing that was sent: that of a Sync has the status
  // PGRES_PIPELINE_SYNC. Null when the connection is gone, which it is too when
  // no answer comes before `until`.
  PostgresResult Next(absl::Time until);

  // Several statements at once, outside of the pipeline: every answer to what
  // was sent has been read. The last answer, or that of the first failure.
  PostgresResult Script(const std::string& statements, absl::Time until);

  // Also finds out that the server closed an idle connection.
  bool healthy() const;
  bool lost() const { return silent_ || PQstatus(connection_.get()) != CONNECTION_OK; }
  // The server did not answer in time.
  bool silent() const { return silent_; }
  // It was not waited for as long as one might: the pulse said that the server is away.
  bool away() const { return away_; }
  // Between Syncs only.
  bool in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }
  // libpq's words about the connection.
  std::string Words() const;

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  PostgresLink(PGconn* connection, const PostgresPulse* pulse)
      : connection_(connection), pulse_(pulse) {}
  bool AwaitConnection(absl::Time until);
  // Sends and receives until an answer can be read without waiting.
  bool AwaitAnswer(absl::Time until);
  bool AwaitSocket(short events, absl::Time until);

  std::unique_ptr<PGconn, Close> connection_;
  const PostgresPulse* pulse_;
  bool silent_ = false;
  bool away_ = false;
};

}  // namespace mostove::sql
