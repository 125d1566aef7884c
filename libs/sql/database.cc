#include "libs/sql/database.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "libs/sql/postgres_connection.h"
#include "libs/sql/postgres_database.h"
#include "libs/sql/sqlite_connection.h"
#include "libs/sql/sqlite_database.h"
#include "libs/status/status.h"

namespace mostove::sql {

Database::Reader::Reader(Database* database, std::unique_ptr<Connection> connection)
    : database_(database), connection_(std::move(connection)) {}

Database::Reader::Reader(Reader&&) noexcept = default;

Database::Reader::~Reader() {
  if (connection_ != nullptr) database_->GiveBack(std::move(connection_));
}

namespace {

bool IsPostgres(const std::string& url) {
  return absl::StartsWith(url, "postgresql://") || absl::StartsWith(url, "postgres://");
}

absl::Status NoDatabaseUrl() {
  // Not the address itself: it may hold a password.
  return status::Precondition("DATABASE_URL",
                              "the address of a database is sqlite:/path/to/file.db or "
                              "postgresql://host/name");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options) {
  absl::string_view path = options.url;
  if (absl::ConsumePrefix(&path, "sqlite:") && !path.empty()) {
    return OpenSqlite(std::string(path), options);
  }
  if (IsPostgres(options.url)) return OpenPostgres(options);
  return NoDatabaseUrl();
}

absl::StatusOr<std::unique_ptr<Connection>> OpenForReading(const std::string& url) {
  absl::string_view path = url;
  if (absl::ConsumePrefix(&path, "sqlite:") && !path.empty()) {
    return SqliteConnection::Open(std::string(path), SqliteConnection::Mode::kReader,
                                  absl::InfiniteDuration(), nullptr);
  }
  if (!IsPostgres(url)) return NoDatabaseUrl();
  static Figures& nobody_reads = *new Figures();
  return PostgresConnection::Open(url, PostgresConnection::Mode::kReader, absl::InfiniteDuration(),
                                  nobody_reads);
}

}  // namespace mostove::sql
