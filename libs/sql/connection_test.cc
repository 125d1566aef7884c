// Statements, values and errors of a connection, the same on both engines.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "libs/sql/database.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"
#include "rapidcheck.h"

namespace mostove::sql {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConnectionTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(Script("CREATE TABLE thing (name TEXT PRIMARY KEY, number BIGINT NOT NULL,"
                       " ratio DOUBLE PRECISION, data BLOB,"
                       " parent TEXT REFERENCES thing (name), CHECK (number <> 13));"),
                IsOk());
  }

  absl::Status Script(const std::string& statements) {
    return database().Write(absl::InfiniteFuture(), [&](Transaction& transaction) {
      return transaction.connection().Script(statements);
    });
  }

  absl::StatusOr<int64_t> Execute(const std::string& statement, const std::vector<Value>& values) {
    int64_t changed = 0;
    const absl::Status written =
        database().Write(absl::InfiniteFuture(), [&](Transaction& transaction) {
          auto executed = transaction.connection().Execute(statement, values);
          if (executed.ok()) changed = *executed;
          return executed.status();
        });
    if (!written.ok()) return written;
    return changed;
  }

  // Writes text, number, double and blob, and reads them back.
  std::vector<Value> RoundTrip(const std::vector<Value>& values) {
    EXPECT_THAT(Script("DROP TABLE IF EXISTS kinds; CREATE TABLE kinds "
                       "(text TEXT, number BIGINT, ratio DOUBLE PRECISION, data BLOB)"),
                IsOk());
    EXPECT_THAT(Execute("INSERT INTO kinds VALUES (?1, ?2, ?3, ?4)", values), IsOkAndHolds(1));
    const auto rows = Query("SELECT text, number, ratio, data FROM kinds");
    EXPECT_THAT(rows, IsOk());
    return rows.ok() && rows->size() == 1 ? rows->front() : std::vector<Value>{};
  }

  absl::StatusOr<std::vector<std::vector<Value>>> Query(const std::string& statement,
                                                        const std::vector<Value>& values = {}) {
    auto reader = database().Read(absl::InfiniteFuture());
    if (!reader.ok()) return reader.status();
    std::vector<std::vector<Value>> rows;
    const absl::Status read = (*reader)->Query(statement, values, [&](const Row& row) {
      std::vector<Value>& values = rows.emplace_back();
      for (int i = 0; i < row.size(); ++i) values.push_back(row.Get(i));
      return true;
    });
    if (!read.ok()) return read;
    return rows;
  }
};
INSTANTIATE_ON_BOTH_ENGINES(ConnectionTest);

// Both engines write a double as it is, but SQLite keeps NaN as NULL.
rc::Gen<double> Doubles() {
  return rc::gen::suchThat(rc::gen::map(rc::gen::arbitrary<uint64_t>(),
                                        [](uint64_t bits) {
                                          double number;
                                          memcpy(&number, &bits, sizeof number);
                                          return number;
                                        }),
                           [](double number) { return !std::isnan(number); });
}

rc::Gen<std::string> Texts() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "a", "'", "\"", "?1", "$1", "\\", "\n", " ", "й", "ї", "漢", "🙂", "%", "\x7f")),
      [](const std::vector<std::string>& parts) {
        std::string text;
        for (const std::string& part : parts) text += part;
        return text;
      });
}

TEST_P(ConnectionTest, EveryValueComesBackAsItWasWritten) {
  EXPECT_TRUE(rc::check([&] {
    const std::vector<Value> values = {
        *Texts(), *rc::gen::arbitrary<int64_t>(), *Doubles(),
        Blob{*rc::gen::container<std::string>(rc::gen::arbitrary<char>())}};
    RC_ASSERT(RoundTrip(values) == values);
  }));
}

TEST_P(ConnectionTest, ExtremeValuesComeBackAsTheyWereWritten) {
  using Integer = std::numeric_limits<int64_t>;
  using Float = std::numeric_limits<double>;
  const std::vector<Value> rows[] = {
      {"", Integer::min(), -Float::infinity(), Blob{""}},
      {std::string(1 << 20, 'x'), Integer::max(), Float::denorm_min(), Blob{std::string(5, '\0')}},
      {"\x7f", int64_t{0}, Float::max(), Blob{std::string(3 << 20, '\xff')}},
      {Null{}, Null{}, Null{}, Null{}},
      {"x", int64_t{-1}, -0.0, Null{}},
  };
  for (const auto& values : rows) EXPECT_TRUE(RoundTrip(values) == values);
}

TEST_P(ConnectionTest, TextAndBytesAreSeenWithoutConversion) {
  ASSERT_THAT(Execute("INSERT INTO thing VALUES (?1, ?2, ?3, ?4, ?5)",
                      {"name", int64_t{-1}, 0.5, Blob{std::string("\0a\xff", 3)}, Null{}}),
              IsOkAndHolds(1));
  auto reader = database().Read(absl::InfiniteFuture());
  ASSERT_THAT(reader, IsOk());
  int rows = 0;
  EXPECT_THAT((*reader)->Query("SELECT * FROM thing", {},
                               [&](const Row& row) {
                                 ++rows;
                                 EXPECT_EQ(row.size(), 5);
                                 EXPECT_EQ(row.Text(0), "name");
                                 EXPECT_EQ(row.Int64(1), -1);
                                 EXPECT_EQ(row.Double(2), 0.5);
                                 EXPECT_EQ(row.Bytes(3), absl::string_view("\0a\xff", 3));
                                 EXPECT_FALSE(row.IsNull(3));
                                 EXPECT_TRUE(row.IsNull(4));
                                 return true;
                               }),
              IsOk());
  EXPECT_EQ(rows, 1);
}

TEST_P(ConnectionTest, ComparisonsAndCountsAreIntegers) {
  EXPECT_THAT(
      Query("SELECT 1 = 1, count(*), 7, EXISTS (SELECT 1 FROM thing) FROM thing"),
      IsOkAndHolds(ElementsAre(ElementsAre(int64_t{1}, int64_t{0}, int64_t{7}, int64_t{0}))));
}

TEST_P(ConnectionTest, AStatementTakesValuesOfOtherKindsThanBefore) {
  const char insert[] = "INSERT INTO thing (name, number, ratio, data) VALUES (?1, ?2, ?3, ?4)";
  EXPECT_THAT(Execute(insert, {"a", int64_t{1}, Null{}, Null{}}), IsOkAndHolds(1));
  EXPECT_THAT(Execute(insert, {"b", int64_t{1}, 0.5, Null{}}), IsOkAndHolds(1));
  EXPECT_THAT(Execute(insert, {"c", int64_t{1}, int64_t{2}, Blob{"x"}}), IsOkAndHolds(1));
  EXPECT_THAT(Execute(insert, {"d", int64_t{1}, Null{}, Blob{"y"}}), IsOkAndHolds(1));
  EXPECT_THAT(Query("SELECT ratio FROM thing ORDER BY name"),
              IsOkAndHolds(ElementsAre(ElementsAre(Null{}), ElementsAre(0.5), ElementsAre(2.0),
                                       ElementsAre(Null{}))));
}

TEST_P(ConnectionTest, ExecuteCountsTheRowsThatItChanged) {
  EXPECT_THAT(Execute("INSERT INTO thing (name, number) VALUES ('a', 1), ('b', 2)", {}),
              IsOkAndHolds(2));
  EXPECT_THAT(Execute("UPDATE thing SET number = 3 WHERE name = ?1", {"a"}), IsOkAndHolds(1));
  EXPECT_THAT(Execute("UPDATE thing SET number = 3 WHERE name = ?1", {"none"}), IsOkAndHolds(0));
  EXPECT_THAT(Execute("CREATE TABLE other (name TEXT)", {}), IsOkAndHolds(0));
  EXPECT_THAT(Execute("DELETE FROM thing WHERE number = 3", {}), IsOkAndHolds(1));
}

TEST_P(ConnectionTest, QueryStopsWhenEachAnswersFalse) {
  ASSERT_THAT(Execute("INSERT INTO thing (name, number) VALUES ('a', 1), ('b', 2)", {}), IsOk());
  auto reader = database().Read(absl::InfiniteFuture());
  ASSERT_THAT(reader, IsOk());
  for (int round = 0; round < 2; ++round) {
    int rows = 0;
    EXPECT_THAT((*reader)->Query("SELECT name FROM thing", {},
                                 [&](const Row&) {
                                   ++rows;
                                   return false;
                                 }),
                IsOk());
    EXPECT_EQ(rows, 1);
  }
}

TEST_P(ConnectionTest, AQueryMayRunItselfWithinItsRows) {
  ASSERT_THAT(Execute("INSERT INTO thing (name, number) VALUES ('a', 1), ('b', 2)", {}), IsOk());
  auto reader = database().Read(absl::InfiniteFuture());
  ASSERT_THAT(reader, IsOk());
  std::string seen;
  const char select[] = "SELECT name FROM thing ORDER BY name";
  EXPECT_THAT((*reader)->Query(select, {},
                               [&](const Row& outer) {
                                 EXPECT_THAT((*reader)->Query(select, {},
                                                              [&](const Row& inner) {
                                                                seen += std::string(outer.Text(0)) +
                                                                        std::string(inner.Text(0)) +
                                                                        " ";
                                                                return true;
                                                              }),
                                             IsOk());
                                 return true;
                               }),
              IsOk());
  EXPECT_EQ(seen, "aa ab ba bb ");
}

struct ErrorCase {
  const char* statement;
  absl::StatusCode code;
  const char* reason;
};

TEST_P(ConnectionTest, ErrorsAreAlikeOnBothEngines) {
  ASSERT_THAT(Execute("INSERT INTO thing (name, number) VALUES ('a', 1)", {}), IsOk());
  ASSERT_THAT(Script("CREATE TABLE single (number BIGINT, code TEXT);"
                     "CREATE UNIQUE INDEX single_code ON single (code);"
                     "INSERT INTO single VALUES (1, 'x');"),
              IsOk());
  const ErrorCase cases[] = {
      {"INSERT INTO thing (name, number) VALUES ('a', 2)", absl::StatusCode::kAlreadyExists,
       "UNIQUE_VIOLATION"},
      {"INSERT INTO single VALUES (2, 'x')", absl::StatusCode::kAlreadyExists, "UNIQUE_VIOLATION"},
      {"INSERT INTO thing (name, number) VALUES ('b', 13)", absl::StatusCode::kFailedPrecondition,
       "CHECK_VIOLATION"},
      {"INSERT INTO thing (name, number) VALUES ('b', NULL)", absl::StatusCode::kFailedPrecondition,
       "NOT_NULL_VIOLATION"},
      {"INSERT INTO thing (name, number, parent) VALUES ('b', 1, 'none')",
       absl::StatusCode::kFailedPrecondition, "FOREIGN_KEY_VIOLATION"},
      {"SELECT nothing FROM thing", absl::StatusCode::kInternal, "INTERNAL"},
      {"SELECT \"text\"", absl::StatusCode::kInternal, "INTERNAL"},
      {"no statement", absl::StatusCode::kInternal, "INTERNAL"},
      {"", absl::StatusCode::kInternal, "INTERNAL"},
      {"SELECT 1; SELECT 2", absl::StatusCode::kInternal, "INTERNAL"},
      {"SELECT ?1", absl::StatusCode::kInternal, "INTERNAL"},
  };
  for (const ErrorCase& error : cases) {
    EXPECT_THAT(Execute(error.statement, {}), StatusIs(error.code, HasReason(error.reason)))
        << error.statement;
  }
  EXPECT_THAT(Query("SELECT count(*) FROM thing"),
              IsOkAndHolds(ElementsAre(ElementsAre(int64_t{1}))));
}

TEST_P(ConnectionTest, TextThatOneEngineCannotHoldIsRefusedByBoth) {
  for (const std::string& text : {std::string("a\0b", 3), std::string("\xff")}) {
    EXPECT_THAT(Execute("INSERT INTO thing (name, number) VALUES (?1, 1)", {text}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasMessage(HasSubstr("text ?1"))));
  }
}

TEST_P(ConnectionTest, AReaderCannotWrite) {
  EXPECT_THAT(Query("INSERT INTO thing (name, number) VALUES ('a', 1)"),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Query("SELECT name FROM thing"), IsOkAndHolds(ElementsAre()));
}

TEST_P(ConnectionTest, MarksWithinQuotesAndCommentsStayText) {
  EXPECT_THAT(
      Query("SELECT '?1', 'it''s ?1', \"?1\", /* ?1 */ ?1 FROM (SELECT 'x' AS \"?1\") AS t -- ?1",
            {"value"}),
      IsOkAndHolds(ElementsAre(ElementsAre("?1", "it's ?1", "x", "value"))));
}

constexpr char kEndless[] =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
    "SELECT count(*) FROM n";

TEST_P(ConnectionTest, AStatementEndsAtItsDeadline) {
  const absl::Time start = absl::Now();
  auto reader = database().Read(start + absl::Milliseconds(200));
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT((*reader)->Query(kEndless, {}, [](const Row&) { return true; }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  (*reader)->SetDeadline(absl::Now());  // PostgreSQL's limit may end the statement a little early
  EXPECT_THAT((*reader)->Query("SELECT 1", {}, [](const Row&) { return true; }),
              StatusIs(absl::StatusCode::kDeadlineExceeded))
      << "no statement starts after it";
  (*reader)->SetDeadline(absl::InfiniteFuture());
  EXPECT_THAT((*reader)->Query("SELECT 1", {}, [](const Row&) { return true; }), IsOk());
}

TEST_P(ConnectionTest, AReaderStopsAtTheReadLimitWithoutADeadline) {
  DatabaseOptions options;
  options.read_limit = absl::Milliseconds(200);
  Reopen(options);
  EXPECT_THAT(Query(kEndless), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(ConnectionTest, MoreStatementsThanAreKeptAllWork) {
  for (int i = 0; i < 600; ++i) {
    EXPECT_THAT(Query("SELECT " + std::to_string(i)),
                IsOkAndHolds(ElementsAre(ElementsAre(int64_t{i}))));
  }
}

TEST_P(ConnectionTest, AReaderSeesANewSchema) {
  ASSERT_THAT(Execute("INSERT INTO thing (name, number) VALUES ('a', 1)", {}), IsOk());
  DatabaseOptions options;
  options.readers_max = 1;
  Reopen(options);
  ASSERT_THAT(Query("SELECT * FROM thing"), IsOk());
  ASSERT_THAT(Script("ALTER TABLE thing ADD COLUMN more TEXT"), IsOk());
  EXPECT_THAT(
      Query("SELECT * FROM thing"),
      IsOkAndHolds(ElementsAre(ElementsAre("a", int64_t{1}, Null{}, Null{}, Null{}, Null{}))));
}

}  // namespace
}  // namespace mostove::sql
