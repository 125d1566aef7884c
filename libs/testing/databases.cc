#include "libs/testing/databases.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/testing/postgres_server.h"
#include "libs/testing/temporary_folder.h"

namespace mostove::testing {
namespace {

class SqliteFile final : public FreshDatabase {
 public:
  explicit SqliteFile(TemporaryFolder folder) : folder_(std::move(folder)) {}
  std::string url() const override {
    return absl::StrCat("sqlite:", folder_.path().string(), "/test.db");
  }

 private:
  const TemporaryFolder folder_;
};

class PostgresDatabase final : public FreshDatabase {
 public:
  PostgresDatabase(PostgresServer& server, std::string name)
      : server_(server), name_(std::move(name)) {}
  ~PostgresDatabase() override {
    const absl::Status dropped =
        server_.Run(absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)"));
    EXPECT_TRUE(dropped.ok()) << dropped;
  }
  std::string url() const override { return server_.Url(name_); }

 private:
  PostgresServer& server_;
  const std::string name_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FreshDatabase>> FreshDatabase::Make(sql::Engine engine) {
  if (engine == sql::Engine::kSqlite) {
    ASSIGN_OR_RETURN(TemporaryFolder folder, TemporaryFolder::Make("sqlite"));
    return std::make_unique<SqliteFile>(std::move(folder));
  }
  static std::atomic<int> count = 0;
  ASSIGN_OR_RETURN(PostgresServer* const server, PostgresServer::Get());
  std::string name = absl::StrCat("fresh", ++count);
  RETURN_IF_ERROR(server->Run(absl::StrCat("CREATE DATABASE ", name, " TEMPLATE template0")));
  return std::make_unique<PostgresDatabase>(*server, std::move(name));
}

void DatabaseTest::SetUp() {
  absl::StatusOr<std::unique_ptr<FreshDatabase>> fresh = FreshDatabase::Make(engine());
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  fresh_ = *std::move(fresh);
  Reopen();
}

void DatabaseTest::Reopen(sql::DatabaseOptions options) {
  database_.reset();
  options.url = url();
  absl::StatusOr<std::unique_ptr<sql::Database>> opened = sql::Database::Open(options);
  ASSERT_TRUE(opened.ok()) << opened.status();
  database_ = *std::move(opened);
}

std::string EngineName(const ::testing::TestParamInfo<sql::Engine>& engine) {
  return engine.param == sql::Engine::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace mostove::testing
