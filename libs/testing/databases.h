// A fresh database for every test, on each engine by parameter.
//
//   class LogTest : public testing::DatabaseTest {};
//   INSTANTIATE_ON_BOTH_ENGINES(LogTest);
//   TEST_P(LogTest, EntriesComeInOrder) { database().Write(...); }
#pragma once

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "libs/sql/database.h"

namespace mostove::testing {

// An empty database that ends with this object: a file in a folder of its own,
// or a database of the test program's own server (see postgres_server.h).
class FreshDatabase {
 public:
  static absl::StatusOr<std::unique_ptr<FreshDatabase>> Make(sql::Engine engine);
  virtual ~FreshDatabase() = default;
  // For sql::DatabaseOptions.
  virtual std::string url() const = 0;
};

class DatabaseTest : public ::testing::TestWithParam<sql::Engine> {
 protected:
  void SetUp() override;

  sql::Engine engine() const { return GetParam(); }
  std::string url() const { return fresh_->url(); }
  sql::Database& database() { return *database_; }
  // Closes the database and opens it again, as a new process would.
  void Reopen(sql::DatabaseOptions options = {});
  void Close() { database_.reset(); }

 private:
  std::unique_ptr<FreshDatabase> fresh_;
  std::unique_ptr<sql::Database> database_;
};

std::string EngineName(const ::testing::TestParamInfo<sql::Engine>& engine);

#define INSTANTIATE_ON_BOTH_ENGINES(Suite)                                                   \
  INSTANTIATE_TEST_SUITE_P(                                                                  \
      On, Suite,                                                                             \
      ::testing::Values(::mostove::sql::Engine::kSqlite, ::mostove::sql::Engine::kPostgres), \
      ::mostove::testing::EngineName)

}  // namespace mostove::testing
