#include "libs/audit/access_log.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/changelog/changelog.h"
#include "libs/seal/verify.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::audit {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Time kNever = absl::InfiniteFuture();

class AccessLogTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(changelog::Install(database()), IsOk());
    ASSERT_THAT(seal::Install(database()), IsOk());
    ASSERT_THAT(Install(database()), IsOk());
  }

  std::unique_ptr<AccessLog> Open(AccessLogOptions options = {}) {
    options.database = &database();
    options.clock = [this] { return now_.load(); };
    return std::make_unique<AccessLog>(options);
  }

  Record Read(const std::string& resource) const {
    return {.time = now_,
            .kind = Kind::kPrivateRead,
            .caller = "users/a",
            .session = "sessions/s",
            .method = "Service/Get",
            .resource = resource,
            .owner = "organizations/x",
            .request_id = "r"};
  }

  // "resource count", newest first.
  std::vector<std::string> Listed(const ListOptions& options = {}) {
    const auto reader = database().Read(kNever);
    EXPECT_THAT(reader, IsOk());
    const auto listed = List(**reader, options);
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> texts;
    for (const ListedRecord& one : *listed) {
      texts.push_back(absl::StrCat(one.record.resource, " ", one.record.count));
    }
    return texts;
  }

  std::atomic<absl::Time> now_ = absl::FromUnixSeconds(1'800'000'000);
};
INSTANTIATE_ON_BOTH_ENGINES(AccessLogTest);

TEST_P(AccessLogTest, WhatIsAddedIsOnDiskAfterAFlush) {
  const auto log = Open();
  ASSERT_THAT(log->Add(Read("grants/1"), kNever), IsOk());
  ASSERT_TRUE(log->Flush());
  const auto reader = database().Read(kNever);
  ASSERT_THAT(reader, IsOk());
  const auto listed = List(**reader, {});
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(*listed, SizeIs(1));
  const Record& record = listed->front().record;
  EXPECT_EQ(record.time, now_.load());
  EXPECT_EQ(record.kind, Kind::kPrivateRead);
  EXPECT_EQ(record.caller, "users/a");
  EXPECT_EQ(record.session, "sessions/s");
  EXPECT_EQ(record.method, "Service/Get");
  EXPECT_EQ(record.owner, "organizations/x");
  EXPECT_EQ(record.request_id, "r");
}

TEST_P(AccessLogTest, WhatRepeatsWithinTheWindowIsCountedAtItsEnd) {
  const auto log = Open();
  for (int i = 0; i < 5; ++i) ASSERT_THAT(log->Add(Read("grants/1"), kNever), IsOk());
  ASSERT_THAT(log->Add(Read("grants/2"), kNever), IsOk());
  log->Flush();
  EXPECT_THAT(Listed(), ElementsAre("grants/2 1", "grants/1 1"));
  now_ = now_.load() + absl::Minutes(9);
  log->CloseWindows(false);
  log->Flush();
  EXPECT_THAT(Listed(), SizeIs(2));
  now_ = now_.load() + absl::Minutes(2);
  log->CloseWindows(false);
  log->Flush();
  EXPECT_THAT(Listed(), ElementsAre("grants/1 4", "grants/2 1", "grants/1 1"));
  ASSERT_THAT(log->Add(Read("grants/1"), kNever), IsOk());
  log->Flush();
  EXPECT_THAT(Listed(), SizeIs(4));
}

TEST_P(AccessLogTest, AWindowThatIsOverBeginsAnewWithTheNextRecord) {
  const auto log = Open();
  for (int i = 0; i < 3; ++i) ASSERT_THAT(log->Add(Read("grants/1"), kNever), IsOk());
  now_ = now_.load() + absl::Minutes(11);
  for (int i = 0; i < 3; ++i) ASSERT_THAT(log->Add(Read("grants/1"), kNever), IsOk());
  log->Flush();
  EXPECT_THAT(Listed(), ElementsAre("grants/1 1", "grants/1 2", "grants/1 1"));
}

TEST_P(AccessLogTest, AFloodOfTheSameIsFewRecords) {
  const auto log = Open();
  for (int i = 0; i < 100'000; ++i) {
    Record refusal = Read("");
    refusal.kind = Kind::kRefusal;
    ASSERT_THAT(log->Add(refusal, kNever), IsOk());
  }
  log->Flush();
  EXPECT_THAT(Listed(), SizeIs(1));
}

TEST_P(AccessLogTest, AnEndingLogWritesEverything) {
  {
    const auto log = Open({.pause = absl::Hours(1)});
    for (int i = 0; i < 3000; ++i) {
      ASSERT_THAT(log->Add(Read(absl::StrCat("grants/", i)), kNever), IsOk());
    }
    ASSERT_THAT(log->Add(Read("grants/7"), kNever), IsOk());
  }
  const std::vector<std::string> listed = Listed({.limit = 5000});
  ASSERT_THAT(listed, SizeIs(3001));
  EXPECT_EQ(listed.front(), "grants/7 1");
}

TEST_P(AccessLogTest, AFullLogRefusesWhoDoesNotWaitAndLosesNothing) {
  const auto log = Open({.pause = absl::Hours(1), .waiting_max = 10});
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(log->Add(Read(absl::StrCat("grants/", i)), kNever), IsOk());
  }
  EXPECT_THAT(log->Add(Read("grants/10"), absl::InfinitePast()), HasReason("ACCESS_LOG_FULL"));
  std::thread waits(
      [&] { EXPECT_THAT(log->Add(Read("grants/11"), absl::Now() + absl::Minutes(5)), IsOk()); });
  log->Flush();
  waits.join();
  log->Flush();
  EXPECT_THAT(Listed(), SizeIs(11));
}

TEST_P(AccessLogTest, MoreThanIsRememberedIsWrittenAllTheSame) {
  const auto log = Open({.remembered_max = 16});
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 500; ++i) {
      ASSERT_THAT(log->Add(Read(absl::StrCat("grants/", i)), kNever), IsOk());
    }
  }
  log->Flush();
  EXPECT_GE(Listed({.limit = 5000}).size(), 500u + 500u - 16u);
}

TEST_P(AccessLogTest, ListsAreByOwnerAndGoOnBelowASequence) {
  const auto log = Open();
  for (int i = 0; i < 5; ++i) {
    Record record = Read(absl::StrCat("grants/", i));
    record.owner = i % 2 == 0 ? "organizations/x" : "organizations/y";
    ASSERT_THAT(log->Add(record, kNever), IsOk());
  }
  log->Flush();
  EXPECT_THAT(Listed({.owner = "organizations/y"}), ElementsAre("grants/3 1", "grants/1 1"));
  const auto reader = database().Read(kNever);
  const auto first = List(**reader, {.owner = "organizations/x", .limit = 1});
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Listed({.owner = "organizations/x", .below = first->front().sequence}),
              ElementsAre("grants/2 1", "grants/0 1"));
}

TEST_P(AccessLogTest, ItIsSealedAndAPurgeKeepsItVerifiable) {
  const auto log = Open();
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(log->Add(Read(absl::StrCat("grants/", i)), kNever), IsOk());
  }
  log->Flush();
  ASSERT_THAT(seal::SealNext(database(), SealedLog(), now_), IsOk());
  const auto later = now_.load() + absl::Hours(1);
  ASSERT_THAT(seal::Purge(database(), SealedLog(), later, later), testing::IsOkAndHolds(5));
  EXPECT_THAT(Listed(), IsEmpty());
  // What comes after it is numbered after what is gone.
  ASSERT_THAT(log->Add(Read("grants/5"), kNever), IsOk());
  log->Flush();
  ASSERT_THAT(seal::SealNext(database(), SealedLog(), later), testing::IsOkAndHolds(1));
  const auto reader = sql::OpenForReading(url());
  ASSERT_THAT(reader, IsOk());
  const auto report = seal::Verify(**reader, SealedLog(), {});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->findings_count, 0);
  EXPECT_EQ(report->rows, 1);
  EXPECT_EQ(report->rows_purged, 5);
}

TEST_P(AccessLogTest, ManyThreadsAddAtOnce) {
  const auto log = Open();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_THAT(log->Add(Read(absl::StrCat("grants/", thread % 2, "-", i)), kNever), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  log->CloseWindows(true);
  log->Flush();
  const auto reader = database().Read(kNever);
  const auto listed = List(**reader, {.limit = 10000});
  ASSERT_THAT(listed, IsOk());
  int64_t count = 0;
  for (const ListedRecord& one : *listed) count += one.record.count;
  EXPECT_EQ(count, 8 * 500);
  EXPECT_THAT(*listed, SizeIs(2 * 500 * 2));
}

}  // namespace
}  // namespace mostove::audit
