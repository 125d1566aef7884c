#include "libs/store/reference_tables.h"

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::store {
namespace {

using ::mostove::testing::IsOk;
using ::testing::ElementsAre;

constexpr char kTarget[] = "organizations/a";

class ReferenceTablesTest : public ::mostove::testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(InstallReferenceTables(database()), IsOk());
  }

  absl::Status Write(const std::function<absl::Status(sql::Connection&)>& change) {
    return database().Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) {
      return change(transaction.connection());
    });
  }

  // Somebody waits for a lock on a target.
  bool SomebodyWaits() {
    bool waits = false;
    auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT(
        (*reader)->Query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                         "AND database = (SELECT oid FROM pg_database "
                         "WHERE datname = current_database())",
                         {},
                         [&](const sql::Row&) {
                           waits = true;
                           return false;
                         }),
        IsOk());
    return waits;
  }

  // Runs `first` up to its last step, begins `second`, waits until that is
  // either done or waits for a lock, and lets the first go on.
  void Interleave(const std::function<absl::Status(sql::Connection&)>& first,
                  const std::function<absl::Status(sql::Connection&)>& last_step,
                  const std::function<absl::Status(sql::Connection&)>& second) {
    std::atomic<bool> holds = false;
    std::atomic<bool> done = false;
    std::thread one([&] {
      EXPECT_THAT(Write([&](sql::Connection& connection) -> absl::Status {
                    RETURN_IF_ERROR(first(connection));
                    RETURN_IF_ERROR(connection.Flush());  // the lock is asked for now
                    holds = true;
                    // SQLite's only writer cannot begin the other one meanwhile.
                    while (engine() == sql::Engine::kPostgres && !done && !SomebodyWaits()) {
                      std::this_thread::yield();
                    }
                    return last_step(connection);
                  }),
                  IsOk());
    });
    while (!holds) std::this_thread::yield();
    EXPECT_THAT(Write(second), IsOk());
    done = true;
    one.join();
  }
};

INSTANTIATE_ON_BOTH_ENGINES(ReferenceTablesTest);

absl::Status AddReferrer(sql::Connection& connection) {
  return connection
      .Execute("INSERT INTO resource_references (target, on_delete, referrer) VALUES (?1, 2, ?2)",
               {kTarget, "readers/ann"})
      .status();
}

TEST_P(ReferenceTablesTest, WhoMarksATargetSeesTheReferrersThatWereOnTheirWay) {
  std::vector<std::string> seen;
  Interleave(
      [](sql::Connection& connection) -> absl::Status {
        RETURN_IF_ERROR(LockTargets(connection, {"organizations/x", kTarget}));
        const auto gone = ReadGone(connection, kTarget);
        EXPECT_FALSE(gone->has_value());
        return gone.status();
      },
      AddReferrer,
      [&](sql::Connection& connection) -> absl::Status {
        RETURN_IF_ERROR(LockTargetAlone(connection, kTarget));
        RETURN_IF_ERROR(MarkGone(connection, "service", kTarget, absl::Now()));
        ASSIGN_OR_RETURN(seen, ReadReferrers(connection, kTarget, resource::v1::REFUSE, "", 10));
        return absl::OkStatus();
      });
  EXPECT_THAT(seen, ElementsAre("readers/ann"));
}

TEST_P(ReferenceTablesTest, WhoRefersToATargetSeesTheMarkThatWasOnItsWay) {
  std::optional<absl::Time> gone;
  Interleave([](sql::Connection& connection) { return LockTargetAlone(connection, kTarget); },
             [](sql::Connection& connection) {
               return MarkGone(connection, "service", kTarget, absl::FromUnixSeconds(1800000000));
             },
             [&](sql::Connection& connection) -> absl::Status {
               RETURN_IF_ERROR(LockTargets(connection, {kTarget}));
               ASSIGN_OR_RETURN(gone, ReadGone(connection, kTarget));
               return absl::OkStatus();
             });
  EXPECT_EQ(gone, absl::FromUnixSeconds(1800000000));
}

TEST_P(ReferenceTablesTest, ThousandsOfTargetsAreLockedInOneTransaction) {
  std::vector<std::string> targets;
  for (int i = 0; i < 20000; ++i) targets.push_back(absl::StrCat("organizations/o", i));
  EXPECT_THAT(Write([&](sql::Connection& connection) { return LockTargets(connection, targets); }),
              IsOk());
}

TEST_P(ReferenceTablesTest, MarksOfOneServiceAreTakenAwayTogether) {
  ASSERT_THAT(Write([](sql::Connection& connection) -> absl::Status {
                RETURN_IF_ERROR(MarkGone(connection, "one", "a/1", absl::Now()));
                RETURN_IF_ERROR(MarkGone(connection, "one", "a/2", absl::Now()));
                RETURN_IF_ERROR(MarkGone(connection, "two", "b/1", absl::Now()));
                return UnmarkAllGone(connection, "one");
              }),
              IsOk());
  auto reader = database().Read(absl::InfiniteFuture());
  EXPECT_FALSE((*ReadGone(**reader, "a/1")).has_value());
  EXPECT_FALSE((*ReadGone(**reader, "a/2")).has_value());
  EXPECT_TRUE((*ReadGone(**reader, "b/1")).has_value());
}

}  // namespace
}  // namespace mostove::store
