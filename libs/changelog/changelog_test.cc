#include "libs/changelog/changelog.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::changelog {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Time kNever = absl::InfiniteFuture();

class ChangeLogTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(Install(database()), IsOk());
  }

  int64_t Add(const std::string& name, int64_t revision) {
    Entry entry;
    entry.name = name;
    entry.revision = revision;
    int64_t sequence = 0;
    EXPECT_THAT(database().Write(kNever,
                                 [&](sql::Transaction& transaction) {
                                   const auto appended = Append(transaction, entry, 0);
                                   if (appended.ok()) sequence = *appended;
                                   return appended.status();
                                 }),
                IsOk());
    return sequence;
  }

  absl::StatusOr<Page> ReadAfter(const Position& after, int limit = 1000) {
    auto reader = database().Read(kNever);
    if (!reader.ok()) return reader.status();
    return Read(**reader, after, limit);
  }

  // "name@revision" of what comes after.
  std::vector<std::string> NamesAfter(const Position& after) {
    const auto page = ReadAfter(after);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> names;
    if (!page.ok()) return names;
    for (const Entry& entry : page->entries) {
      names.push_back(absl::StrCat(entry.name, "@", entry.revision));
    }
    return names;
  }

  void Script(const std::string& statements) {
    ASSERT_THAT(database().Write(kNever,
                                 [&](sql::Transaction& transaction) {
                                   return transaction.connection().Script(statements);
                                 }),
                IsOk());
  }
};
INSTANTIATE_ON_BOTH_ENGINES(ChangeLogTest);

TEST_P(ChangeLogTest, AnEntryComesBackAsItWasAppended) {
  Entry entry;
  entry.time = absl::FromUnixMicros(1'700'000'000'123'456);
  entry.caller = "users/1";
  entry.request_id = "r";
  entry.resource_type = "mostove.bg/Organization";
  entry.name = "organizations/a";
  entry.revision = 3;
  entry.kind = Kind::kDeleted;
  entry.payload = std::string("\0\xff", 2);
  entry.personal_paths = {"contact.name", "contact.phone"};
  ASSERT_THAT(database().Write(kNever,
                               [&](sql::Transaction& transaction) {
                                 const auto appended = Append(transaction, entry, 0);
                                 if (appended.ok()) entry.sequence = *appended;
                                 return appended.status();
                               }),
              IsOk());
  const auto page = ReadAfter({});
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->entries.size(), 1);
  const Entry& read = page->entries[0];
  EXPECT_GT(read.sequence, 0);
  EXPECT_EQ(read.sequence, entry.sequence);
  EXPECT_EQ(read.time, entry.time);
  EXPECT_EQ(read.caller, entry.caller);
  EXPECT_EQ(read.request_id, entry.request_id);
  EXPECT_EQ(read.resource_type, entry.resource_type);
  EXPECT_EQ(read.name, entry.name);
  EXPECT_EQ(read.revision, entry.revision);
  EXPECT_EQ(read.kind, entry.kind);
  EXPECT_EQ(read.payload, entry.payload);
  EXPECT_EQ(read.personal_paths, entry.personal_paths);
}

TEST_P(ChangeLogTest, PagesJoinToTheWholeLog) {
  for (int i = 1; i <= 10; ++i) Add("a", i);
  std::vector<int64_t> revisions;
  Position position;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = ReadAfter(position, 3);
    ASSERT_THAT(page, IsOk());
    for (const Entry& entry : page->entries) revisions.push_back(entry.revision);
    position = page->next;
  }
  EXPECT_THAT(revisions, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(NamesAfter(position), IsEmpty());
}

TEST_P(ChangeLogTest, AnEmptyLogHasAPositionToReadOnFrom) {
  const auto page = ReadAfter({});
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(page->entries, IsEmpty());
  Add("a", 1);
  EXPECT_THAT(NamesAfter(page->next), ElementsAre("a@1"));
}

TEST_P(ChangeLogTest, PositionsOutliveAReopening) {
  Add("a", 1);
  const auto page = ReadAfter({});
  ASSERT_THAT(page, IsOk());
  Reopen();
  ASSERT_THAT(Install(database()), IsOk());
  Add("a", 2);
  EXPECT_THAT(NamesAfter(page->next), ElementsAre("a@2"));
}

TEST_P(ChangeLogTest, APositionOfAnotherEpochIsRefused) {
  Add("a", 1);
  const auto page = ReadAfter({});
  ASSERT_THAT(page, IsOk());
  Script("DELETE FROM change_epoch");
  ASSERT_THAT(Install(database()), IsOk());
  EXPECT_THAT(ReadAfter(page->next),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("EPOCH_CHANGED")));
  EXPECT_THAT(NamesAfter({}), ElementsAre("a@1"));
}

TEST_P(ChangeLogTest, APositionBeyondTheEndHasNothingNewer) {
  const auto page = ReadAfter({});
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(NamesAfter({page->next.epoch, int64_t{1} << 60}), IsEmpty());
}

TEST_P(ChangeLogTest, HistoryIsNewestFirstAndOfOneResource) {
  for (int i = 1; i <= 4; ++i) {
    Add("a", i);
    Add("b", i);
  }
  auto reader = database().Read(kNever);
  ASSERT_THAT(reader, IsOk());
  const auto revisions = [&](int64_t below, int limit) {
    std::vector<int64_t> revisions;
    const auto history = History(**reader, "a", below, limit);
    EXPECT_THAT(history, IsOk());
    for (const Entry& entry : *history) {
      EXPECT_EQ(entry.name, "a");
      revisions.push_back(entry.revision);
    }
    return revisions;
  };
  EXPECT_THAT(revisions(0, 10), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(revisions(4, 2), ElementsAre(3, 2));
  EXPECT_THAT(revisions(1, 2), IsEmpty());
}

TEST_P(ChangeLogTest, AnUndoneChangeLeavesNoEntry) {
  Entry entry;
  entry.name = "a";
  EXPECT_THAT(database().Write(kNever,
                               [&](sql::Transaction& transaction) -> absl::Status {
                                 EXPECT_THAT(Append(transaction, entry, 0), IsOk());
                                 return absl::CancelledError("undo");
                               }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(NamesAfter({}), IsEmpty());
}

class RestoredChangeLogTest : public ChangeLogTest {};
INSTANTIATE_TEST_SUITE_P(On, RestoredChangeLogTest, ::testing::Values(sql::Engine::kPostgres),
                         testing::EngineName);

// As when a dump of an old server is restored on a new one, whose transactions
// are numbered from the beginning.
TEST_P(RestoredChangeLogTest, SequencesGoOnRisingInANewEpoch) {
  const int64_t before = Add("a", 1);
  const auto page = ReadAfter({});
  ASSERT_THAT(page, IsOk());
  Script("UPDATE change_epoch SET base = base - 1000000");
  ASSERT_THAT(Install(database()), IsOk());
  EXPECT_GT(Add("a", 2), before);
  EXPECT_THAT(NamesAfter({}), ElementsAre("a@1", "a@2"));
  EXPECT_THAT(ReadAfter(page->next), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(RestoredChangeLogTest, AnotherServerOrDatabaseIsANewEpoch) {
  const auto page = ReadAfter({});
  ASSERT_THAT(page, IsOk());
  Script("UPDATE change_epoch SET home = 'elsewhere'");
  ASSERT_THAT(Install(database()), IsOk());
  EXPECT_THAT(ReadAfter(page->next),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("EPOCH_CHANGED")));
}

}  // namespace
}  // namespace mostove::changelog
