// Opening, and the pool of readers.
#include "libs/sql/database.h"

#include "gmock/gmock.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DatabaseOpenTest : public testing::DatabaseTest {};
INSTANTIATE_ON_BOTH_ENGINES(DatabaseOpenTest);

TEST_P(DatabaseOpenTest, ReadersAreBoundedAndTheWaitEndsAtTheDeadline) {
  DatabaseOptions options;
  options.readers_max = 2;
  Reopen(options);
  auto first = database().Read(absl::InfiniteFuture());
  auto second = database().Read(absl::InfiniteFuture());
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(database().Read(absl::Now() + absl::Milliseconds(10)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  { const Database::Reader returned = *std::move(first); }
  EXPECT_THAT(database().Read(absl::Now() + absl::Seconds(5)), IsOk());
}

TEST_P(DatabaseOpenTest, ATransactionThatAReaderLeftOpenIsEnded) {
  DatabaseOptions options;
  options.readers_max = 1;
  Reopen(options);
  ASSERT_THAT(database().Write(absl::InfiniteFuture(),
                               [](Transaction& transaction) {
                                 return transaction.connection().Script(
                                     "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (1);");
                               }),
              IsOk());
  {
    auto reader = database().Read(absl::InfiniteFuture());
    ASSERT_THAT(reader, IsOk());
    ASSERT_THAT((*reader)->Script("BEGIN"), IsOk());
    ASSERT_THAT((*reader)->Query("SELECT n FROM t", {}, [](const Row&) { return true; }), IsOk());
  }
  auto reader = database().Read(absl::InfiniteFuture());
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT((*reader)->Script("BEGIN"), IsOk());
}

TEST(DatabaseUrlTest, AnUnknownAddressIsRefusedWithoutRepeatingIt) {
  for (const char* url : {"", "mysql://user:secret@host/db", "sqlite:", "/path/to/file.db"}) {
    DatabaseOptions options;
    options.url = url;
    EXPECT_THAT(Database::Open(options),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasMessage(AllOf(HasSubstr("sqlite:/path"), Not(HasSubstr("secret"))))))
        << url;
  }
}

}  // namespace
}  // namespace mostove::sql
