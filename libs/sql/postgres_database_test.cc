// What only PostgreSQL has: a server that can go away, and a collation.
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "libs/sql/database.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"
#include "libs/testing/postgres_server.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::PostgresServer;
using ::mostove::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Time kNever = absl::InfiniteFuture();
constexpr char kKillOthers[] =
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()";

class PostgresTest : public testing::DatabaseTest {
 protected:
  static absl::Status Insert(Transaction& transaction) {
    return transaction.connection().Execute("INSERT INTO t VALUES (1)", {}).status();
  }

  // What `ask` answers when it is no longer UNAVAILABLE; tries for long.
  static absl::Status Await(const std::function<absl::Status()>& ask) {
    const absl::Time limit = absl::Now() + absl::Seconds(30);
    while (true) {
      absl::Status answer = ask();
      if (!absl::IsUnavailable(answer) || absl::Now() > limit) return answer;
      absl::SleepFor(absl::Milliseconds(20));
    }
  }

  // Through a database of its own, which kills the connections of all others.
  void KillAll() {
    DatabaseOptions options;
    options.url = url();
    auto own = Database::Open(options);
    ASSERT_THAT(own, IsOk());
    ASSERT_THAT((*own)->Write(kNever,
                              [](Transaction& transaction) {
                                return transaction.connection().Query(
                                    kKillOthers, {}, [](const Row&) { return true; });
                              }),
                IsOk());
  }
};
INSTANTIATE_TEST_SUITE_P(On, PostgresTest, ::testing::Values(Engine::kPostgres),
                         testing::EngineName);

TEST_P(PostgresTest, KilledConnectionsAreReplaced) {
  ASSERT_THAT(database().Migrate("test", {{1, "t", "CREATE TABLE t (n BIGINT)"}}), IsOk());
  for (int round = 0; round < 3; ++round) {
    KillAll();
    EXPECT_THAT(database().Write(kNever, Insert), IsOk());
    KillAll();
    auto reader = database().Read(kNever);
    ASSERT_THAT(reader, IsOk());
    EXPECT_THAT((*reader)->Query("SELECT n FROM t", {}, [](const Row&) { return true; }), IsOk());
  }
}

TEST_P(PostgresTest, AConnectionLostWithinAChangeIsUnavailable) {
  EXPECT_THAT(database().Write(kNever,
                               [&](Transaction& transaction) {
                                 KillAll();
                                 return transaction.connection().Query(
                                     "SELECT 1", {}, [](const Row&) { return true; });
                               }),
              StatusIs(absl::StatusCode::kUnavailable, HasReason("DATABASE_UNAVAILABLE")));
}

TEST_P(PostgresTest, AConnectionLostBeforeTheAnswerToCommitLeavesTheOutcomeUnknown) {
  EXPECT_THAT(database().Write(kNever,
                               [&](Transaction&) {
                                 KillAll();
                                 return absl::OkStatus();
                               }),
              StatusIs(absl::StatusCode::kUnavailable, HasReason("OUTCOME_UNKNOWN")));
  EXPECT_THAT(database().Write(kNever, [](Transaction&) { return absl::OkStatus(); }), IsOk());
}

TEST_P(PostgresTest, WritesGoOnByThemselvesWhenAStoppedServerIsBack) {
  ASSERT_THAT(database().Migrate("test", {{1, "t", "CREATE TABLE t (n BIGINT)"}}), IsOk());
  const auto server = PostgresServer::Get();
  ASSERT_THAT(server, IsOk());
  for (const Extent extent : {Extent::kAny, Extent::kShort}) {
    const auto write = [&] { return database().Write(kNever, Insert, extent); };
    ASSERT_THAT(write(), IsOk());
    (*server)->Stop();
    EXPECT_THAT(write(), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(database().Read(kNever).status(), StatusIs(absl::StatusCode::kUnavailable));
    ASSERT_THAT((*server)->StartAgain(), IsOk());
    EXPECT_THAT(Await(write), IsOk());
    EXPECT_THAT(Await([&] { return database().Read(kNever).status(); }), IsOk());
  }
}

TEST_P(PostgresTest, NobodyWaitsLongForAServerThatDoesNotAnswer) {
  ASSERT_THAT(database().Migrate("test", {{1, "t", "CREATE TABLE t (n BIGINT)"}}), IsOk());
  const auto server = PostgresServer::Get();
  ASSERT_THAT(server, IsOk());
  for (const Extent extent : {Extent::kAny, Extent::kShort}) {
    const auto write = [&](absl::Time deadline) {
      return database().Write(deadline, Insert, extent);
    };
    ASSERT_THAT(write(kNever), IsOk());
    (*server)->Pause();
    EXPECT_THAT(write(absl::Now() + absl::Milliseconds(200)), Not(IsOk()));
    // From now on nobody waits at all, though they might.
    EXPECT_THAT(write(kNever), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(database().Read(kNever).status(), StatusIs(absl::StatusCode::kUnavailable));
    (*server)->Resume();
    EXPECT_THAT(Await([&] { return write(kNever); }), IsOk());
    EXPECT_THAT(Await([&] { return database().Read(kNever).status(); }), IsOk());
  }
}

TEST_P(PostgresTest, AStatementThatIsSlowIsWaitedFor) {
  auto reader = database().Read(kNever);
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT((*reader)->Query("SELECT 1 FROM pg_sleep(1.6)", {}, [](const Row&) { return true; }),
              IsOk());
}

// Nobody's deadline would ever end these: the server's silence does.
TEST_P(PostgresTest, ASilentServerEndsWhatWaitsForIt) {
  const auto server = PostgresServer::Get();
  ASSERT_THAT(server, IsOk());
  ASSERT_THAT(database().Migrate("test", {{1, "t", "CREATE TABLE t (n BIGINT)"}}), IsOk());
  auto reader = database().Read(kNever);
  ASSERT_THAT(reader, IsOk());
  std::vector<std::function<absl::Status()>> callers = {
      [&] { return (*reader)->Query("SELECT n FROM t", {}, [](const Row&) { return true; }); },
      [&] { return database().Read(kNever).status(); },
      [&] { return database().Write(kNever, Insert, Extent::kAny); },
      [&] { return database().Write(kNever, Insert, Extent::kShort); },
  };
  (*server)->Pause();
  for (const auto& caller : callers) {
    absl::Status answer = caller();
    // An idle connection is lent before the silence is noticed.
    while (answer.ok()) answer = caller();
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable));
  }
  (*server)->Resume();
  EXPECT_THAT(Await([&] { return database().Write(kNever, Insert); }), IsOk());
}

TEST_P(PostgresTest, AServerThatIsAwayIsUnavailable) {
  DatabaseOptions options;
  options.url = absl::StrReplaceAll(url(), {{"host=", "password=secret&host=/nowhere"}});
  EXPECT_THAT(Database::Open(options),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasMessage(AllOf(HasSubstr("/nowhere"), Not(HasSubstr("secret"))))));
}

TEST_P(PostgresTest, AnotherCollationOrEncodingIsRefused) {
  const auto server = PostgresServer::Get();
  ASSERT_THAT(server, IsOk());
  for (const char* settings : {"LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", "ENCODING 'LATIN1'"}) {
    ASSERT_THAT((*server)->Run(absl::StrCat("CREATE DATABASE other TEMPLATE template0 ", settings)),
                IsOk());
    DatabaseOptions options;
    options.url = (*server)->Url("other");
    EXPECT_THAT(Database::Open(options), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                  AllOf(HasReason("DATABASE_COLLATION"),
                                                        HasMessage(HasSubstr("LOCALE 'C'")))));
    ASSERT_THAT((*server)->Run("DROP DATABASE other WITH (FORCE)"), IsOk());
  }
}

TEST_P(PostgresTest, ADeadlockIsSettledByRunningOneAgain) {
  ASSERT_THAT(database().Migrate("test", {{1, "t",
                                           "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT);"
                                           "INSERT INTO t VALUES (1, 0), (2, 0);"}}),
              IsOk());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int round = 0; round < 5; ++round) {
        EXPECT_THAT(database().Write(kNever,
                                     [&](Transaction& transaction) -> absl::Status {
                                       for (const int64_t id : {1 + i % 2, 2 - i % 2}) {
                                         const auto updated = transaction.connection().Execute(
                                             "UPDATE t SET n = n + 1 WHERE id = ?1", {int64_t{id}});
                                         if (!updated.ok()) return updated.status();
                                       }
                                       return absl::OkStatus();
                                     }),
                    IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto reader = database().Read(kNever);
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT((*reader)->Query("SELECT n FROM t", {},
                               [](const Row& row) {
                                 EXPECT_EQ(row.Int64(0), 40);
                                 return true;
                               }),
              IsOk());
}

TEST_P(PostgresTest, AResultOfAnUnknownTypeIsNamed) {
  auto reader = database().Read(kNever);
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT((*reader)->Query("SELECT 1.5 AS ratio", {}, [](const Row&) { return true; }),
              StatusIs(absl::StatusCode::kInternal, HasMessage(HasSubstr("ratio"))));
}

}  // namespace
}  // namespace mostove::sql
