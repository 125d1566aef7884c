#include "libs/sql/sqlite_database.h"

#include <utility>

#include "libs/sql/connection_pool.h"
#include "libs/sql/errors.h"
#include "libs/sql/file_lock.h"
#include "libs/sql/group_writer.h"
#include "libs/sql/migrations.h"
#include "libs/sql/scrub.h"
#include "libs/sql/sqlite_connection.h"
#include "libs/status/macros.h"

namespace mostove::sql {
namespace {

// "table" leaves out views, virtual tables and what these keep their data in.
// INTEGER is how SQLite spells the key that is the row's own number.
constexpr char kColumns[] = R"sql(
  SELECT t.name, c.name, CASE upper(c.type) WHEN 'INTEGER' THEN 'BIGINT' ELSE upper(c.type) END
  FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
  WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  ORDER BY t.name, c.cid)sql";

// Each waits for readers up to SQLite's busy time.
constexpr int kScrubTriesMax = 5;

// What fails now worked at the start: the machine is short of something, and the
// caller may try again.
absl::StatusOr<std::unique_ptr<SqliteConnection>> OpenReader(const std::string& path,
                                                             absl::Duration limit, Timed& reads) {
  auto reader = SqliteConnection::Open(path, SqliteConnection::Mode::kReader, limit, &reads);
  if (!reader.ok()) return ConnectionLost(reader.status().message());
  return reader;
}

class SqliteDatabase final : public Database, public Scrubs {
 public:
  SqliteDatabase(FileLock lock, const std::string& path, const DatabaseOptions& options,
                 std::unique_ptr<SqliteConnection> writer)
      : lock_(std::move(lock)),
        path_(path),
        readers_(options.readers_max,
                 [this, path, limit = options.read_limit] {
                   return OpenReader(path, limit, figures_.reads);
                 }),
        writer_(std::move(writer), options.group_max, figures_) {}

  Engine engine() const override { return Engine::kSqlite; }

  absl::StatusOr<Reader> Read(absl::Time deadline) override {
    ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection, readers_.Take(deadline));
    connection->SetDeadline(deadline);
    return Reader(this, std::move(connection));
  }

  absl::Status Write(absl::Time deadline, const Change& change, Extent) override {
    return writer_.Write(deadline, change);
  }

  absl::Status Migrate(absl::string_view space, const std::vector<Migration>& migrations) override {
    return RunMigrations(*this, space, migrations);
  }

  absl::Status Scrub() override {
    ASSIGN_OR_RETURN(const auto connection,
                     SqliteConnection::Open(path_, SqliteConnection::Mode::kWriter,
                                            absl::InfiniteDuration(), nullptr));
    for (int tries = 0; tries < kScrubTriesMax; ++tries) {
      bool busy = false;
      RETURN_IF_ERROR(connection->Query("PRAGMA wal_checkpoint(TRUNCATE)", {}, [&](const Row& row) {
        busy = row.Int64(0) != 0;
        return true;
      }));
      if (!busy) return absl::OkStatus();
    }
    return Conflict("readers keep SQLite's log from being emptied");
  }

  absl::StatusOr<std::vector<Column>> Columns() override { return ReadColumns(*this, kColumns); }

 private:
  void GiveBack(std::unique_ptr<Connection> lent) override {
    std::unique_ptr<SqliteConnection> connection(static_cast<SqliteConnection*>(lent.release()));
    connection->SetDeadline(absl::InfiniteFuture());
    if (connection->in_transaction()) (void)connection->Script("ROLLBACK");
    readers_.GiveBack(std::move(connection));
  }

  // In this order: the file is given up last.
  const FileLock lock_;
  const std::string path_;
  ConnectionPool<SqliteConnection> readers_;
  GroupWriter writer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path,
                                                     const DatabaseOptions& options) {
  ASSIGN_OR_RETURN(FileLock lock, FileLock::Take(path));
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> writer,
                   SqliteConnection::Open(path, SqliteConnection::Mode::kWriter,
                                          absl::InfiniteDuration(), nullptr));
  return std::make_unique<SqliteDatabase>(std::move(lock), path, options, std::move(writer));
}

}  // namespace mostove::sql
