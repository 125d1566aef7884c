#include "libs/sql/postgres_database.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/sql/connection_pool.h"
#include "libs/sql/errors.h"
#include "libs/sql/migrations.h"
#include "libs/sql/postgres_connection.h"
#include "libs/sql/postgres_groups.h"
#include "libs/sql/postgres_pulse.h"
#include "libs/sql/run_change.h"
#include "libs/sql/scrub.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::sql {
namespace {

constexpr char kColumns[] = R"sql(
  SELECT c.relname, a.attname,
         CASE WHEN t.typtype = 'd' THEN upper(t.typname) ELSE upper(format_type(t.oid, NULL)) END
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid
  JOIN pg_type AS t ON t.oid = a.atttypid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY c.relname, a.attnum)sql";

// Two programs may come here at once: the loser's error is no error.
constexpr char kMakeBlob[] = R"sql(
  DO $$
  BEGIN
    IF to_regtype('blob') IS NULL THEN
      CREATE DOMAIN blob AS bytea;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
  END
  $$)sql";

// Of a statement that others wait for.
constexpr absl::Duration kGroupStatementLimit = absl::Seconds(1);
// So often a change is begun anew on another connection when one was lost.
constexpr int kLostMax = 2;
constexpr absl::Duration kRetryPauseMin = absl::Milliseconds(1);
constexpr absl::Duration kRetryPauseMax = absl::Milliseconds(100);

absl::Status CheckOrderOfText(PostgresConnection& connection) {
  std::string collation, encoding;
  RETURN_IF_ERROR(
      connection.Query("SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database "
                       "WHERE datname = current_database()",
                       {}, [&](const Row& row) {
                         collation = std::string(row.Text(0));
                         encoding = std::string(row.Text(1));
                         return true;
                       }));
  if ((collation == "C" || collation == "POSIX") && encoding == "UTF8") return absl::OkStatus();
  return status::Precondition(
      "DATABASE_COLLATION",
      absl::StrCat("the PostgreSQL database has the collation ", collation, " and the encoding ",
                   encoding,
                   ", but text must be UTF8 and ordered byte by byte: make it with "
                   "CREATE DATABASE name TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"));
}

class PostgresDatabase final : public Database, public Scrubs {
 public:
  using Pool = ConnectionPool<PostgresConnection>;
  using Mode = PostgresConnection::Mode;

  explicit PostgresDatabase(const DatabaseOptions& options)
      : url_(options.url),
        pulse_(options.url),
        readers_(options.readers_max,
                 [this, limit = options.read_limit] { return Connect(Mode::kReader, limit); }),
        writers_(options.writers_max,
                 [this] { return Connect(Mode::kWriter, absl::InfiniteDuration()); }),
        groups_(
            options.groups_max, options.group_max, figures_,
            [this] { return Connect(Mode::kGroup, kGroupStatementLimit); },
            [this](Pool& pool, std::unique_ptr<PostgresConnection> connection) {
              Return(pool, std::move(connection));
            }) {}

  // Looks at the database and makes what every database has.
  absl::Status Prepare() {
    ASSIGN_OR_RETURN(auto connection, writers_.Take(absl::InfiniteFuture()));
    absl::Status prepared = CheckOrderOfText(*connection);
    if (prepared.ok()) prepared = connection->Script(kMakeBlob);
    writers_.GiveBack(std::move(connection));
    return prepared;
  }

  Engine engine() const override { return Engine::kPostgres; }

  absl::StatusOr<Reader> Read(absl::Time deadline) override {
    ASSIGN_OR_RETURN(auto connection, Take(readers_, deadline));
    connection->SetDeadline(deadline);
    return Reader(this, std::move(connection));
  }

  absl::Status Write(absl::Time deadline, const Change& change, Extent extent) override;

  absl::Status Migrate(absl::string_view space, const std::vector<Migration>& migrations) override {
    return RunMigrations(*this, space, migrations);
  }

  absl::Status Scrub() override {
    ASSIGN_OR_RETURN(auto connection, Take(writers_, absl::InfiniteFuture()));
    const absl::Status vacuumed = connection->Script("VACUUM");
    Return(writers_, std::move(connection));
    return vacuumed;
  }

  absl::StatusOr<std::vector<Column>> Columns() override { return ReadColumns(*this, kColumns); }

 private:
  void GiveBack(std::unique_ptr<Connection> lent) override {
    std::unique_ptr<PostgresConnection> connection(
        static_cast<PostgresConnection*>(lent.release()));
    Return(readers_, std::move(connection));
  }

  // At once while the server is away: an attempt may last two seconds.
  absl::StatusOr<std::unique_ptr<PostgresConnection>> Connect(Mode mode, absl::Duration limit) {
    if (!pulse_.alive()) return ConnectionLost("PostgreSQL does not answer");
    return PostgresConnection::Open(url_, mode, limit, figures_, &pulse_);
  }

  absl::StatusOr<std::unique_ptr<PostgresConnection>> Take(Pool& pool, absl::Time deadline) {
    const Stopwatch stopwatch(figures_.connection_waits);
    return pool.Take(deadline);
  }

  void Return(Pool& pool, std::unique_ptr<PostgresConnection> connection) {
    connection->Rollback();
    const bool silent = connection->silent();
    pool.GiveBack(std::move(connection));
    if (!silent) return;
    for (Pool* each : {&readers_, &writers_, &groups_.connections()}) {
      each->Suspect(ConnectionLost("PostgreSQL did not answer"));
    }
  }

  absl::Status WriteOnce(absl::Time deadline, const Change& change);
  absl::Status WriteAlone(absl::Time deadline, const Change& change);

  const std::string url_;
  const PostgresPulse pulse_;
  Pool readers_;
  Pool writers_;
  PostgresGroups groups_;
};

absl::Status PostgresDatabase::WriteOnce(absl::Time deadline, const Change& change) {
  ASSIGN_OR_RETURN(auto connection, Take(writers_, deadline));
  figures_.separate_changes.fetch_add(1, std::memory_order_relaxed);
  Transaction::Shared shared;
  Transaction::Actions after_commit;
  absl::Status result = connection->Begin();
  if (result.ok()) result = RunChange(*connection, change, deadline, shared, after_commit);
  if (result.ok()) result = connection->Commit(deadline);
  if (result.ok()) RunAfterCommit(after_commit);
  Return(writers_, std::move(connection));
  return result;
}

absl::Status PostgresDatabase::WriteAlone(absl::Time deadline, const Change& change) {
  absl::BitGen random;
  int lost = 0;
  for (absl::Duration pause = kRetryPauseMin;; pause = std::min(pause * 2, kRetryPauseMax)) {
    absl::Status result = WriteOnce(deadline, change);
    // Lost since its last use, perhaps; nothing has been done. Ends when the
    // pool has none left and cannot connect.
    if (IsConnectionLost(result) && lost++ < kLostMax) continue;
    if (!IsConflict(result) || absl::Now() >= deadline) return result;
    const absl::Duration jittered = pause * absl::Uniform(random, 0.0, 1.0);
    absl::SleepFor(std::min(jittered, deadline - absl::Now()));
  }
}

absl::Status PostgresDatabase::Write(absl::Time deadline, const Change& change, Extent extent) {
  if (extent == Extent::kShort) {
    ChangeQueue::Outcome outcome = groups_.Write(deadline, change);
    if (!outcome.alone) return outcome.result;
  }
  return WriteAlone(deadline, change);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const DatabaseOptions& options) {
  auto database = std::make_unique<PostgresDatabase>(options);
  RETURN_IF_ERROR(database->Prepare());
  return database;
}

}  // namespace mostove::sql
