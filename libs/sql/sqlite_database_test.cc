// What only SQLite has: the file, its lock, the group commit.
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "libs/sql/database.h"
#include "libs/sql/group_writer.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"
#include "libs/testing/temporary_folder.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;
using ::mostove::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

class SqliteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryFolder::Make("sqlite");
    ASSERT_THAT(folder, IsOk());
    folder_ = std::make_unique<TemporaryFolder>(*std::move(folder));
    path_ = (folder_->path() / "test.db").string();
    options_.url = "sqlite:" + path_;
  }

  std::unique_ptr<TemporaryFolder> folder_;
  std::string path_;
  DatabaseOptions options_;
};

TEST_F(SqliteTest, AReaderThatCannotBeOpenedLaterIsNoFaultOfTheCaller) {
  const auto database = Database::Open(options_);
  ASSERT_THAT(database, IsOk());
  std::filesystem::rename(path_, path_ + ".away");
  EXPECT_THAT((*database)->Read(absl::Now() + absl::Seconds(60)).status(),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SqliteTest, ASecondOpeningIsRefusedAndNamesTheFileAndTheProcess) {
  auto first = Database::Open(options_);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Database::Open(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasReason("DATABASE_IN_USE"), HasMessage(HasSubstr(path_)),
                             HasMessage(HasSubstr("process " + std::to_string(getpid()))))));
  first->reset();
  EXPECT_THAT(Database::Open(options_), IsOk());
}

TEST_F(SqliteTest, AFileThatIsNoDatabaseOrCannotBeMadeIsRefusedByName) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_THAT(Database::Open(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasMessage(HasSubstr(path_))));
  options_.url = "sqlite:" + path_ + "/below/a/file.db";
  EXPECT_THAT(Database::Open(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasMessage(HasSubstr("/below/a/"))));
}

TEST_F(SqliteTest, ChangesThatWaitAreCommittedTogether) {
  auto connection = SqliteConnection::Open(path_, SqliteConnection::Mode::kWriter,
                                           absl::InfiniteDuration(), nullptr);
  ASSERT_THAT(connection, IsOk());
  ASSERT_THAT((*connection)->Script("CREATE TABLE t (n BIGINT)"), IsOk());
  Figures figures;
  GroupWriter writer(*std::move(connection), /*group_max=*/40, figures);
  absl::Notification running, finish;
  std::vector<std::thread> threads;
  // The first one holds the writer until the others wait.
  threads.emplace_back([&] {
    EXPECT_THAT(writer.Write(absl::InfiniteFuture(),
                             [&](Transaction&) {
                               if (!running.HasBeenNotified()) running.Notify();
                               finish.WaitForNotification();
                               return absl::OkStatus();
                             }),
                IsOk());
  });
  running.WaitForNotification();
  std::atomic<int> first_ordinals = 0;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&] {
      EXPECT_THAT(
          writer.Write(
              absl::InfiniteFuture(),
              [&](Transaction& transaction) {
                // A transaction begins its ordinals at 0.
                if (transaction.NextOrdinal() == 0) ++first_ordinals;
                return transaction.connection().Execute("INSERT INTO t VALUES (1)", {}).status();
              }),
          IsOk());
    });
  }
  while (writer.waiting() < 64) std::this_thread::yield();
  finish.Notify();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first_ordinals, 2) << "64 changes in groups of at most 40";
}

TEST_F(SqliteTest, AChangeThatAsksForAnotherWriteIsToldSo) {
  auto database = Database::Open(options_);
  ASSERT_THAT(database, IsOk());
  EXPECT_THAT((*database)->Write(absl::InfiniteFuture(),
                                 [&](Transaction&) {
                                   return (*database)->Write(
                                       absl::InfiniteFuture(),
                                       [](Transaction&) { return absl::OkStatus(); });
                                 }),
              StatusIs(absl::StatusCode::kInternal, HasMessage(HasSubstr("own transaction"))));
}

TEST_F(SqliteTest, TheLogIsEmptiedWhileReadersComeAndGo) {
  auto database = Database::Open(options_);
  ASSERT_THAT(database, IsOk());
  const auto write = [&](const char* statement) {
    return (*database)->Write(absl::InfiniteFuture(), [&](Transaction& transaction) {
      return transaction.connection()
          .Execute(statement, {Blob{std::string(1 << 20, 'x')}})
          .status();
    });
  };
  ASSERT_THAT(
      (*database)->Write(absl::InfiniteFuture(),
                         [](Transaction& transaction) {
                           return transaction.connection().Script(
                               "CREATE TABLE t (n BIGINT, d BLOB); INSERT INTO t (n) VALUES (1);");
                         }),
      IsOk());
  // 100 MB of log if nothing emptied it.
  for (int i = 0; i < 100; ++i) {
    auto reader = (*database)->Read(absl::InfiniteFuture());
    ASSERT_THAT(reader, IsOk());
    ASSERT_THAT((*reader)->Query("SELECT n FROM t", {}, [](const Row&) { return true; }), IsOk());
    ASSERT_THAT(write("UPDATE t SET d = ?1"), IsOk());
  }
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 40 << 20);
}

}  // namespace
}  // namespace mostove::sql
