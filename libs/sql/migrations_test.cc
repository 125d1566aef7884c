#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "libs/sql/database.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class MigrationsTest : public testing::DatabaseTest {
 protected:
  int64_t Count(const std::string& table) {
    auto reader = database().Read(absl::InfiniteFuture());
    if (!reader.ok()) return -1;
    int64_t count = -1;
    const absl::Status read =
        (*reader)->Query("SELECT count(*) FROM " + table, {}, [&](const Row& row) {
          count = row.Int64(0);
          return true;
        });
    return read.ok() ? count : -1;
  }
};
INSTANTIATE_ON_BOTH_ENGINES(MigrationsTest);

const Migration kFirst = {1, "people", "CREATE TABLE people (name TEXT); -- a comment"};
const Migration kSecond = {2, "rows",
                           "INSERT INTO people VALUES ('a'); INSERT INTO people VALUES ('b');"};

TEST_P(MigrationsTest, EachIsAppliedOnce) {
  ASSERT_THAT(database().Migrate("test", {kFirst}), IsOk());
  EXPECT_EQ(Count("people"), 0);
  for (int round = 0; round < 2; ++round) {
    ASSERT_THAT(database().Migrate("test", {kFirst, kSecond}), IsOk());
    EXPECT_EQ(Count("people"), 2);
    Reopen();
  }
  EXPECT_EQ(Count("migrations"), 2);
}

TEST_P(MigrationsTest, APartForOneEngineIsPassedOverByTheOther) {
  ASSERT_THAT(database().Migrate("test", {{1, "both", R"(CREATE TABLE first_table (name TEXT);
-- only sqlite:
CREATE TRIGGER stays BEFORE DELETE ON first_table BEGIN SELECT RAISE(ABORT, 'stays'); END;
-- only postgresql:
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'stays' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER stays BEFORE DELETE ON first_table FOR EACH ROW EXECUTE FUNCTION refuse();
-- both:
INSERT INTO first_table VALUES ('a');)"}}),
              IsOk());
  EXPECT_THAT(database().Write(
                  absl::InfiniteFuture(),
                  [](Transaction& transaction) {
                    return transaction.connection().Execute("DELETE FROM first_table", {}).status();
                  }),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasMessage(HasSubstr("stays"))));
  EXPECT_EQ(Count("first_table"), 1);
}

TEST_P(MigrationsTest, SpacesCountForThemselves) {
  ASSERT_THAT(database().Migrate("test", {kFirst}), IsOk());
  EXPECT_THAT(database().Migrate("other", {{1, "animals", "CREATE TABLE animals (name TEXT)"}}),
              IsOk());
  EXPECT_EQ(Count("animals"), 0);
}

TEST_P(MigrationsTest, AChangedMissingOrMisnumberedOneIsNamed) {
  ASSERT_THAT(database().Migrate("test", {kFirst, kSecond}), IsOk());
  EXPECT_THAT(
      database().Migrate("test", {kFirst, {2, "rows", "-- other"}}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasReason("MIGRATION_CHANGED"), HasMessage(HasSubstr("test/0002_rows.sql")))));
  EXPECT_THAT(
      database().Migrate("test", {kFirst}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasReason("MIGRATION_MISSING"), HasMessage(HasSubstr("test/0002_rows.sql")))));
  EXPECT_THAT(
      database().Migrate("test", {kFirst, kSecond, {4, "gap", "SELECT 1"}}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasReason("MIGRATION_GAP"), HasMessage(HasSubstr("test/0004_gap.sql")))));
}

TEST_P(MigrationsTest, AFailingOneIsNamedAndLeavesNothing) {
  const Migration broken = {2, "broken",
                            "INSERT INTO people VALUES ('a'); INSERT INTO nowhere VALUES (1);"};
  EXPECT_THAT(database().Migrate("test", {kFirst, broken}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasReason("MIGRATION_FAILED"),
                             HasMessage(HasSubstr("test/0002_broken.sql")))));
  EXPECT_EQ(Count("people"), 0);
  EXPECT_THAT(database().Migrate("test", {kFirst, kSecond}), IsOk());
}

TEST_P(MigrationsTest, SeveralStartsAtOnceApplyEachOnce) {
  std::vector<Migration> migrations = {kFirst};
  for (int i = 2; i <= 10; ++i) {
    migrations.push_back({i, "row", "INSERT INTO people VALUES ('x')"});
  }
  std::vector<std::thread> starts;
  for (int i = 0; i < 4; ++i) {
    starts.emplace_back([&] {
      if (engine() == Engine::kSqlite) {
        EXPECT_THAT(database().Migrate("test", migrations), IsOk());
        return;
      }
      DatabaseOptions options;
      options.url = url();
      auto own = Database::Open(options);
      ASSERT_THAT(own, IsOk());
      EXPECT_THAT((*own)->Migrate("test", migrations), IsOk());
    });
  }
  for (std::thread& start : starts) start.join();
  EXPECT_EQ(Count("people"), 9);
}

}  // namespace
}  // namespace mostove::sql
