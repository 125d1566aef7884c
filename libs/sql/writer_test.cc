// What Database::Write promises, on both engines.
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "libs/sql/before_commit.h"
#include "libs/sql/database.h"
#include "libs/status/status.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

constexpr absl::Time kNever = absl::InfiniteFuture();

class WriterTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(database().Write(kNever,
                                 [](Transaction& transaction) {
                                   return transaction.connection().Script(
                                       "CREATE TABLE entry (number BIGINT PRIMARY KEY);"
                                       "CREATE TABLE counter (total BIGINT);"
                                       "INSERT INTO counter VALUES (0);");
                                 }),
                IsOk());
  }

  static absl::Status Insert(Transaction& transaction, int64_t number) {
    return transaction.connection()
        .Execute("INSERT INTO entry (number) VALUES (?1)", {number})
        .status();
  }

  std::vector<int64_t> Numbers() {
    std::vector<int64_t> numbers;
    auto reader = database().Read(kNever);
    EXPECT_THAT(reader, IsOk());
    EXPECT_THAT((*reader)->Query("SELECT number FROM entry ORDER BY number", {},
                                 [&](const Row& row) {
                                   numbers.push_back(row.Int64(0));
                                   return true;
                                 }),
                IsOk());
    return numbers;
  }

  static void OnThreads(int count, const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    threads.reserve(count);
    for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }
};
INSTANTIATE_ON_BOTH_ENGINES(WriterTest);

TEST_P(WriterTest, EveryAcknowledgedChangeIsThereAfterReopening) {
  constexpr int kThreads = 64;
  constexpr int kEach = 20;
  OnThreads(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      EXPECT_THAT(database().Write(kNever,
                                   [&](Transaction& transaction) {
                                     return Insert(transaction, thread * kEach + i);
                                   }),
                  IsOk());
    }
  });
  Reopen();
  EXPECT_EQ(Numbers().size(), kThreads * kEach);
}

TEST_P(WriterTest, ChangesThatReadFirstLoseNothing) {
  OnThreads(16, [&](int) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_THAT(database().Write(kNever,
                                   [&](Transaction& transaction) {
                                     return transaction.connection()
                                         .Execute("UPDATE counter SET total = total + 1", {})
                                         .status();
                                   }),
                  IsOk());
    }
  });
  auto reader = database().Read(kNever);
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT((*reader)->Query("SELECT total FROM counter", {},
                               [](const Row& row) {
                                 EXPECT_EQ(row.Int64(0), 160);
                                 return true;
                               }),
              IsOk());
}

TEST_P(WriterTest, AnErrorGoesToItsOwnCallerAndUndoesItsOwnChange) {
  std::atomic<int> refused = 0;
  OnThreads(64, [&](int thread) {
    const absl::Status written = database().Write(kNever, [&](Transaction& transaction) {
      absl::Status inserted = Insert(transaction, thread);
      if (thread % 3 == 0) return status::Precondition("ODD_ONE", "not this one");
      return inserted;
    });
    if (thread % 3 != 0) {
      EXPECT_THAT(written, IsOk());
    } else {
      EXPECT_THAT(written, StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("ODD_ONE")));
      ++refused;
    }
  });
  EXPECT_EQ(refused, 22);
  EXPECT_EQ(Numbers().size(), 64 - 22);
}

TEST_P(WriterTest, AFailedStatementUndoesTheChangeEvenWhenTheChangeIgnoresIt) {
  ASSERT_THAT(database().Write(kNever, [](Transaction& t) { return Insert(t, 1); }), IsOk());
  EXPECT_THAT(database().Write(
                  kNever,
                  [](Transaction& transaction) {
                    EXPECT_THAT(Insert(transaction, 2), IsOk());
                    EXPECT_THAT(Insert(transaction, 1), StatusIs(absl::StatusCode::kAlreadyExists));
                    EXPECT_THAT(Insert(transaction, 3), StatusIs(absl::StatusCode::kInternal));
                    return absl::OkStatus();
                  }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Numbers(), ::testing::ElementsAre(1));
  EXPECT_THAT(database().Write(kNever, [](Transaction& t) { return Insert(t, 4); }), IsOk());
}

TEST_P(WriterTest, AnExceptionIsAnInternalErrorAndTheWriterGoesOn) {
  EXPECT_THAT(database().Write(kNever,
                               [](Transaction& transaction) -> absl::Status {
                                 EXPECT_THAT(Insert(transaction, 1), IsOk());
                                 throw std::runtime_error("oh");
                               }),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(database().Write(kNever, [](Transaction&) -> absl::Status { throw 7; }),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(database().Write(kNever, [](Transaction& t) { return Insert(t, 2); }), IsOk());
  EXPECT_THAT(Numbers(), ::testing::ElementsAre(2));
}

TEST_P(WriterTest, AConflictRunsTheChangeAgainAndItSeesNothingOfItsFirstRun) {
  int runs = 0;
  EXPECT_THAT(database().Write(kNever,
                               [&](Transaction& transaction) -> absl::Status {
                                 // A primary key: it fails if the first run left it.
                                 absl::Status inserted = Insert(transaction, 1);
                                 if (!inserted.ok()) return inserted;
                                 return ++runs < 4 ? Conflict("lost the race") : absl::OkStatus();
                               }),
              IsOk());
  EXPECT_EQ(runs, 4);
  EXPECT_THAT(Numbers(), ::testing::ElementsAre(1));
}

TEST_P(WriterTest, AConflictEndsAtTheDeadline) {
  EXPECT_THAT(database().Write(absl::Now() + absl::Milliseconds(50),
                               [](Transaction&) { return Conflict("always"); }),
              ::testing::AnyOf(StatusIs(absl::StatusCode::kAborted),
                               StatusIs(absl::StatusCode::kDeadlineExceeded)));
}

TEST_P(WriterTest, AnotherAbortedIsNotTriedAgain) {
  int runs = 0;
  EXPECT_THAT(database().Write(kNever,
                               [&](Transaction&) {
                                 ++runs;
                                 return status::Aborted("ETAG_MISMATCH", "changed meanwhile");
                               }),
              StatusIs(absl::StatusCode::kAborted, HasReason("ETAG_MISMATCH")));
  EXPECT_EQ(runs, 1);
}

TEST_P(WriterTest, AChangeWhoseDeadlinePassedDoesNotRun) {
  EXPECT_THAT(database().Write(absl::Now() - absl::Seconds(1),
                               [](Transaction& transaction) { return Insert(transaction, 1); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(Numbers(), ::testing::IsEmpty());
}

TEST_P(WriterTest, ACallerThatWaitsForTheWriterLeavesAtItsDeadline) {
  DatabaseOptions options;
  options.writers_max = 1;
  Reopen(options);
  absl::Notification running, finish;
  std::thread first([&] {
    EXPECT_THAT(database().Write(kNever,
                                 [&](Transaction& transaction) {
                                   running.Notify();
                                   finish.WaitForNotification();
                                   return Insert(transaction, 1);
                                 }),
                IsOk());
  });
  running.WaitForNotification();
  EXPECT_THAT(database().Write(absl::Now() + absl::Milliseconds(20),
                               [](Transaction& transaction) { return Insert(transaction, 2); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  finish.Notify();
  first.join();
  EXPECT_THAT(Numbers(), ::testing::ElementsAre(1));
}

TEST_P(WriterTest, AWriteStoppedByItsDeadlineSparesTheOthers) {
  constexpr char kEndless[] =
      "INSERT INTO entry (number) WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL "
      "SELECT i + 1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n";
  OnThreads(8, [&](int thread) {
    if (thread == 0) {
      EXPECT_THAT(database().Write(absl::Now() + absl::Milliseconds(300),
                                   [&](Transaction& transaction) {
                                     return transaction.connection().Execute(kEndless, {}).status();
                                   }),
                  StatusIs(absl::StatusCode::kDeadlineExceeded));
    } else {
      EXPECT_THAT(database().Write(kNever, [&](Transaction& t) { return Insert(t, thread); }),
                  IsOk());
    }
  });
  EXPECT_THAT(Numbers(), ::testing::ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_P(WriterTest, WhatRunsAfterACommitSeesTheChangeAndRunsBeforeTheWriterIsTold) {
  std::atomic<int> ran = 0;
  OnThreads(32, [&](int thread) {
    bool mine = false;
    EXPECT_THAT(database().Write(kNever,
                                 [&](Transaction& transaction) {
                                   transaction.AfterCommit([&, thread] {
                                     EXPECT_THAT(Numbers(), ::testing::Contains(thread));
                                     mine = true;
                                     ++ran;
                                   });
                                   return Insert(transaction, thread);
                                 }),
                IsOk());
    EXPECT_TRUE(mine);
  });
  EXPECT_EQ(ran, 32);
}

TEST_P(WriterTest, NothingRunsAfterAChangeThatWasRolledBack) {
  std::atomic<int> accepted = 0, refused = 0, runs = 0, repeated = 0;
  OnThreads(32, [&](int thread) {
    (void)database().Write(kNever, [&](Transaction& transaction) {
      transaction.AfterCommit([&, thread] { ++(thread % 2 == 0 ? refused : accepted); });
      absl::Status inserted = Insert(transaction, thread);
      return thread % 2 == 0 ? status::Precondition("EVEN_ONE", "not this one") : inserted;
    });
  });
  EXPECT_EQ(accepted, 16);
  EXPECT_EQ(refused, 0);
  EXPECT_THAT(database().Write(kNever,
                               [&](Transaction& transaction) {
                                 transaction.AfterCommit([&] { ++repeated; });
                                 return ++runs < 4 ? Conflict("lost the race") : absl::OkStatus();
                               }),
              IsOk());
  EXPECT_EQ(repeated, 1);
}

TEST_P(WriterTest, WhatIsLeftForTheEndIsCommittedWithTheChange) {
  const auto leave = [](Transaction& transaction, int64_t number) {
    return BeforeCommit(transaction, [number](Connection& connection) {
      return connection.Execute("INSERT INTO entry (number) VALUES (?1)", {number}).status();
    });
  };
  OnThreads(32, [&](int thread) {
    const absl::Status written = database().Write(kNever, [&](Transaction& transaction) {
      absl::Status inserted = Insert(transaction, thread);
      const absl::Status left = leave(transaction, 100 + thread);
      if (thread % 4 == 1) return status::Precondition("REFUSED", "not this one");
      if (thread % 4 == 2) return leave(transaction, 100 + thread);  // there already
      return inserted.ok() ? left : inserted;
    });
    EXPECT_EQ(written.ok(), thread % 4 == 0 || thread % 4 == 3) << written;
  });
  std::vector<int64_t> expected;
  for (const int64_t first : {0, 100}) {
    for (int64_t number = 0; number < 32; ++number) {
      if (number % 4 == 0 || number % 4 == 3) expected.push_back(first + number);
    }
  }
  EXPECT_THAT(Numbers(), ::testing::UnorderedElementsAreArray(expected));
}

TEST_P(WriterTest, OrdinalsCountWithinATransaction) {
  EXPECT_THAT(database().Write(kNever,
                               [](Transaction& transaction) {
                                 const int first = transaction.NextOrdinal();
                                 EXPECT_EQ(transaction.NextOrdinal(), first + 1);
                                 return absl::OkStatus();
                               }),
              IsOk());
}

}  // namespace
}  // namespace mostove::sql
