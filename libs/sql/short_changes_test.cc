// What Database::Write promises short changes, which may share a transaction,
// and what Connection::Queue promises.
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "libs/sql/database.h"
#include "libs/status/status.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;

constexpr absl::Time kNever = absl::InfiniteFuture();
constexpr int kThreads = 48;

class ShortChangesTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(database().Migrate(
                    "test", {{1, "entry", "CREATE TABLE entry (number BIGINT PRIMARY KEY)"}}),
                IsOk());
  }

  absl::Status Write(const Change& change, absl::Time deadline = kNever) {
    return database().Write(deadline, change, Extent::kShort);
  }

  static absl::Status Queue(Transaction& transaction, int64_t number) {
    return transaction.connection().Queue(
        "INSERT INTO entry (number) VALUES (?1)", {number}, [number](absl::Status error) {
          return absl::IsAlreadyExists(error) ? status::AlreadyExists("entry", absl::StrCat(number))
                                              : error;
        });
  }

  static absl::StatusOr<std::vector<int64_t>> NumbersIn(Connection& connection) {
    std::vector<int64_t> numbers;
    const absl::Status read =
        connection.Query("SELECT number FROM entry ORDER BY number", {}, [&](const Row& row) {
          numbers.push_back(row.Int64(0));
          return true;
        });
    if (!read.ok()) return read;
    return numbers;
  }
  std::vector<int64_t> Numbers() {
    auto reader = database().Read(kNever);
    EXPECT_THAT(reader, IsOk());
    auto numbers = NumbersIn(**reader);
    EXPECT_THAT(numbers, IsOk());
    return *std::move(numbers);
  }

  static void OnThreads(int count, const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }
};
INSTANTIATE_ON_BOTH_ENGINES(ShortChangesTest);

TEST_P(ShortChangesTest, WhatWasAcknowledgedIsThereAfterReopening) {
  std::atomic<int> ran = 0;
  OnThreads(kThreads, [&](int thread) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_THAT(Write([&](Transaction& transaction) {
                    transaction.AfterCommit([&] { ++ran; });
                    return Queue(transaction, thread * 20 + i);
                  }),
                  IsOk());
    }
  });
  Reopen();
  EXPECT_EQ(Numbers().size(), kThreads * 20);
  EXPECT_EQ(ran, kThreads * 20);
}

// Some refuse before they write, some after it, some write what is there.
TEST_P(ShortChangesTest, WhoFailsFailsAloneAndLeavesNothing) {
  ASSERT_THAT(Write([](Transaction& transaction) { return Queue(transaction, 1000); }), IsOk());
  std::atomic<int> ran = 0;
  OnThreads(kThreads, [&](int thread) {
    const absl::Status written = Write([&](Transaction& transaction) -> absl::Status {
      transaction.AfterCommit([&] { ++ran; });
      if (thread % 4 == 0) return status::Precondition("EARLY", "not this one");
      const absl::Status queued = Queue(transaction, thread);
      if (thread % 4 == 1) return status::Precondition("LATE", "nor this one");
      if (thread % 4 == 2) return Queue(transaction, 1000);
      return queued;
    });
    switch (thread % 4) {
      case 0:
        EXPECT_THAT(written, StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("EARLY")));
        break;
      case 1:
        EXPECT_THAT(written, StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("LATE")));
        break;
      case 2:
        // Explained: of the resource, not of the table.
        EXPECT_THAT(written, StatusIs(absl::StatusCode::kAlreadyExists));
        EXPECT_NE(status::Reason(written), "UNIQUE_VIOLATION");
        break;
      default:
        EXPECT_THAT(written, IsOk());
    }
  });
  EXPECT_EQ(Numbers().size(), 1 + kThreads / 4);
  EXPECT_EQ(ran, kThreads / 4);
}

TEST_P(ShortChangesTest, ChangesOfTheSameNameHaveOneWinner) {
  std::atomic<int> accepted = 0;
  OnThreads(kThreads, [&](int) {
    const absl::Status written =
        Write([](Transaction& transaction) { return Queue(transaction, 7); });
    if (written.ok()) {
      ++accepted;
    } else {
      EXPECT_THAT(written, StatusIs(absl::StatusCode::kAlreadyExists));
    }
  });
  EXPECT_EQ(accepted, 1);
  EXPECT_THAT(Numbers(), ElementsAre(7));
}

TEST_P(ShortChangesTest, AConflictRunsTheChangeAgain) {
  std::atomic<int> runs = 0;
  EXPECT_THAT(Write([&](Transaction& transaction) -> absl::Status {
                const absl::Status queued = Queue(transaction, 1);
                if (!queued.ok()) return queued;
                return ++runs < 4 ? Conflict("lost the race") : absl::OkStatus();
              }),
              IsOk());
  EXPECT_EQ(runs, 4);
  EXPECT_THAT(Numbers(), ElementsAre(1));
}

TEST_P(ShortChangesTest, WhatIsReadIsBehindWhatWasQueued) {
  EXPECT_THAT(Write([](Transaction& transaction) -> absl::Status {
                for (const int64_t number : {3, 1, 2}) {
                  EXPECT_THAT(Queue(transaction, number), IsOk());
                }
                const auto numbers = NumbersIn(transaction.connection());
                EXPECT_THAT(numbers, IsOk());
                EXPECT_THAT(*numbers, ElementsAre(1, 2, 3));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(ShortChangesTest, AFlushTellsTheErrorOfWhatWasQueued) {
  ASSERT_THAT(Write([](Transaction& transaction) { return Queue(transaction, 1); }), IsOk());
  EXPECT_THAT(database().Write(kNever,
                               [](Transaction& transaction) {
                                 // Told here by SQLite, by the flush on PostgreSQL.
                                 const absl::Status queued = Queue(transaction, 1);
                                 const absl::Status flushed =
                                     queued.ok() ? transaction.connection().Flush() : queued;
                                 EXPECT_THAT(flushed, StatusIs(absl::StatusCode::kAlreadyExists));
                                 EXPECT_THAT(NumbersIn(transaction.connection()).status(),
                                             StatusIs(absl::StatusCode::kInternal));
                                 return absl::OkStatus();
                               }),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(ShortChangesTest, AnOptimisticRunThatFailsIsFollowedByAnother) {
  std::vector<bool> runs;
  EXPECT_THAT(Write([&](Transaction& transaction) -> absl::Status {
                runs.push_back(transaction.optimistic());
                const absl::Status first = Queue(transaction, 1);
                return first.ok() && transaction.optimistic() ? Queue(transaction, 1) : first;
              }),
              IsOk());
  if (engine() == Engine::kPostgres) {
    EXPECT_THAT(runs, ElementsAre(true, false));
  } else {
    EXPECT_THAT(runs, ElementsAre(false));
  }
  EXPECT_THAT(Numbers(), ElementsAre(1));
}

TEST_P(ShortChangesTest, AChangeThatRunsToItsDeadlineSparesTheOthers) {
  constexpr char kEndless[] =
      "INSERT INTO entry (number) WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL "
      "SELECT i + 1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n";
  OnThreads(8, [&](int thread) {
    if (thread == 0) {
      EXPECT_THAT(Write(
                      [&](Transaction& transaction) {
                        return transaction.connection().Execute(kEndless, {}).status();
                      },
                      absl::Now() + absl::Milliseconds(300)),
                  StatusIs(absl::StatusCode::kDeadlineExceeded));
    } else {
      EXPECT_THAT(Write([&](Transaction& transaction) { return Queue(transaction, thread); }),
                  IsOk());
    }
  });
  EXPECT_THAT(Numbers(), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_P(ShortChangesTest, WhoWaitsForALockStopsNobodyElse) {
  if (engine() == Engine::kSqlite) GTEST_SKIP() << "one change at a time, so nobody holds a lock";
  ASSERT_THAT(Write([](Transaction& transaction) { return Queue(transaction, 1); }), IsOk());
  constexpr char kUpdate[] = "UPDATE entry SET number = number WHERE number = 1";
  absl::Notification locked, release;
  std::thread holder([&] {
    EXPECT_THAT(database().Write(kNever,
                                 [&](Transaction& transaction) {
                                   auto held = transaction.connection().Execute(kUpdate, {});
                                   locked.Notify();
                                   release.WaitForNotification();
                                   return held.status();
                                 }),
                IsOk());
  });
  locked.WaitForNotification();
  std::thread waiter([&] {
    EXPECT_THAT(Write([&](Transaction& transaction) {
                  return transaction.connection().Queue(kUpdate, {});
                }),
                IsOk());
  });
  OnThreads(16, [&](int thread) {
    EXPECT_THAT(Write([&](Transaction& transaction) { return Queue(transaction, 10 + thread); }),
                IsOk());
  });
  release.Notify();  // only now
  holder.join();
  waiter.join();
  EXPECT_EQ(Numbers().size(), 17);
}

}  // namespace
}  // namespace mostove::sql
