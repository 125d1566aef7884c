// The promise that everything else stands on: a reader that polls while many
// write sees every entry once, in order, and the changes of a row in theirs.
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/changelog/changelog.h"
#include "libs/status/macros.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::changelog {
namespace {

using ::mostove::testing::IsOk;

constexpr absl::Time kNever = absl::InfiniteFuture();
constexpr int kWriters = 16;
constexpr int kRows = 5;
constexpr int kChangesEach = 60;
constexpr int kBatchMax = 4;

class ChangeLogOrderTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    sql::DatabaseOptions options;
    options.writers_max = kWriters;
    Reopen(options);
    ASSERT_THAT(Install(database()), IsOk());
    ASSERT_THAT(database().Migrate("test", {{1, "item", R"sql(
                  CREATE TABLE item (
                    id BIGINT PRIMARY KEY, revision BIGINT NOT NULL, sequence BIGINT NOT NULL
                  ))sql"}}),
                IsOk());
    ASSERT_THAT(database().Write(kNever,
                                 [](sql::Transaction& transaction) -> absl::Status {
                                   for (int64_t id = 0; id < kRows; ++id) {
                                     RETURN_IF_ERROR(
                                         transaction.connection()
                                             .Execute("INSERT INTO item VALUES (?1, 0, 0)", {id})
                                             .status());
                                   }
                                   return absl::OkStatus();
                                 }),
                IsOk());
  }

  // As a store does it: lock the row, append, keep the sequence in the row.
  static absl::Status Change(sql::Transaction& transaction, int64_t id) {
    sql::Connection& connection = transaction.connection();
    int64_t revision = 0, sequence = 0;
    RETURN_IF_ERROR(connection.Query(
        "UPDATE item SET revision = revision + 1 WHERE id = ?1 RETURNING revision, sequence", {id},
        [&](const sql::Row& row) {
          revision = row.Int64(0);
          sequence = row.Int64(1);
          return true;
        }));
    Entry entry;
    entry.name = absl::StrCat("items/", id);
    entry.revision = revision;
    ASSIGN_OR_RETURN(const int64_t appended, Append(transaction, entry, sequence));
    return connection.Execute("UPDATE item SET sequence = ?2 WHERE id = ?1", {id, appended})
        .status();
  }

  // Gives its transaction a number before it has any row, the worst case.
  static absl::Status TakeNumber(sql::Connection& connection) {
    if (connection.engine() == sql::Engine::kSqlite) return absl::OkStatus();
    return connection.Query("SELECT pg_current_xact_id()::text", {},
                            [](const sql::Row&) { return true; });
  }

  void WriteMany(int seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < kChangesEach; ++i) {
      std::set<int64_t> batch;  // in order of id, so that batches do not deadlock
      const size_t size = 1 + random() % kBatchMax;
      while (batch.size() < size) batch.insert(random() % kRows);
      const bool number_first = random() % 2 == 0;
      const absl::Status written =
          database().Write(kNever, [&](sql::Transaction& transaction) -> absl::Status {
            if (number_first) RETURN_IF_ERROR(TakeNumber(transaction.connection()));
            for (const int64_t id : batch) RETURN_IF_ERROR(Change(transaction, id));
            return absl::OkStatus();
          });
      ASSERT_THAT(written, IsOk());
      appended_ += static_cast<int>(batch.size());
    }
  }

  std::atomic<int> appended_ = 0;
};
INSTANTIATE_ON_BOTH_ENGINES(ChangeLogOrderTest);

TEST_P(ChangeLogOrderTest, AReaderThatPollsSeesEveryEntryOnceAndInOrder) {
  std::atomic<bool> finished = false;
  std::vector<Entry> seen;
  std::thread reader([&] {
    Position position;
    // One more round after the last write.
    for (bool last_round = false; !last_round;) {
      last_round = finished;
      while (true) {
        auto connection = database().Read(kNever);
        ASSERT_THAT(connection, IsOk());
        const auto page = Read(**connection, position, 7);
        ASSERT_THAT(page, IsOk());
        position = page->next;
        seen.insert(seen.end(), page->entries.begin(), page->entries.end());
        if (page->entries.empty()) break;
      }
    }
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) writers.emplace_back([this, i] { WriteMany(i); });
  for (std::thread& writer : writers) writer.join();
  finished = true;
  reader.join();

  EXPECT_EQ(seen.size(), appended_) << "every entry once";
  int64_t last_sequence = 0;
  std::map<std::string, int64_t> revisions;
  for (const Entry& entry : seen) {
    EXPECT_GT(entry.sequence, last_sequence);
    last_sequence = entry.sequence;
    EXPECT_EQ(entry.revision, ++revisions[entry.name]) << entry.name;
  }
  EXPECT_EQ(revisions.size(), kRows);
}

}  // namespace
}  // namespace mostove::changelog
