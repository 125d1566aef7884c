#include "gmock/gmock.h"
#include "libs/sql/database.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::IsOk;

class ColumnsTest : public testing::DatabaseTest {};
INSTANTIATE_ON_BOTH_ENGINES(ColumnsTest);

TEST_P(ColumnsTest, EveryColumnIsNamedWithItsTypeAsDeclared) {
  ASSERT_THAT(database().Write(absl::InfiniteFuture(),
                               [](Transaction& transaction) {
                                 return transaction.connection().Script(
                                     "CREATE TABLE b (name TEXT PRIMARY KEY, n BIGINT, d BLOB);"
                                     "CREATE TABLE a (x DOUBLE PRECISION);"
                                     "CREATE INDEX b_n ON b (n);"
                                     "CREATE VIEW v AS SELECT name FROM b;");
                               }),
              IsOk());
  const auto columns = database().Columns();
  ASSERT_THAT(columns, IsOk());
  std::vector<std::string> seen;
  for (const Database::Column& column : *columns) {
    seen.push_back(column.table + "." + column.name + " " + column.type);
  }
  EXPECT_THAT(seen, ::testing::ElementsAre("a.x DOUBLE PRECISION", "b.name TEXT", "b.n BIGINT",
                                           "b.d BLOB"));
}

}  // namespace
}  // namespace mostove::sql
