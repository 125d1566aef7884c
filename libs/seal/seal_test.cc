#include "libs/seal/seal.h"

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/seal/sealer.h"
#include "libs/seal/verify.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::seal {
namespace {

using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Time kNever = absl::InfiniteFuture();
const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

class SealTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(Install(database()), IsOk());
    Script("CREATE TABLE diary (sequence BIGINT PRIMARY KEY, word TEXT NOT NULL, bytes BLOB)");
  }

  void Script(const std::string& statements) {
    ASSERT_THAT(database().Write(kNever,
                                 [&](sql::Transaction& transaction) {
                                   return transaction.connection().Script(statements);
                                 }),
                IsOk());
  }

  void AddRows(int first, int last) {
    for (int i = first; i <= last; ++i) {
      Script(absl::StrCat("INSERT INTO diary VALUES (", i * 10, ", 'word ", i, "', NULL)"));
    }
  }

  void SealAll(absl::Time now = kStart) {
    while (true) {
      const auto sealed = SealNext(database(), log_, now);
      ASSERT_THAT(sealed, IsOk());
      if (*sealed == 0) return;
    }
  }

  Report Verified(const std::vector<std::string>& heads = {}) {
    const auto reader = sql::OpenForReading(url());
    EXPECT_THAT(reader, IsOk());
    auto report = Verify(**reader, log_, {.heads = heads});
    EXPECT_THAT(report, IsOk());
    return report.ok() ? *std::move(report) : Report();
  }

  std::vector<std::string> Findings() {
    std::vector<std::string> texts;
    for (const Finding& finding : Verified().findings) texts.push_back(finding.ToString());
    return texts;
  }

  // Ten rows in three seals: 1 to 4, 5 to 7, 8 to 10.
  void MakeThreeSeals() {
    AddRows(1, 4);
    SealAll();
    AddRows(5, 7);
    SealAll();
    AddRows(8, 10);
    SealAll();
  }

  const Log log_ = {"diary", {"sequence", "word", "bytes"}, 1, ""};
};
INSTANTIATE_ON_BOTH_ENGINES(SealTest);

TEST_P(SealTest, AnUntouchedLogVerifies) {
  MakeThreeSeals();
  AddRows(11, 12);
  const Report report = Verified();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.seals, 3);
  EXPECT_EQ(report.rows, 10);
  EXPECT_EQ(report.rows_unsealed, 2);
  EXPECT_THAT(report.head, SizeIs(64));
}

TEST_P(SealTest, AnEmptyLogVerifies) {
  SealAll();
  const Report report = Verified();
  EXPECT_EQ(report.findings_count, 0);
  EXPECT_EQ(report.seals, 0);
  EXPECT_EQ(report.head, "");
}

struct Tampering {
  const char* what;
  const char* statement;
  std::vector<std::string> findings;
};

TEST_P(SealTest, WhatWasDoneToTheLogIsNamed) {
  const std::vector<Tampering> cases = {
      {"a changed text",
       "UPDATE diary SET word = 'other' WHERE sequence = 60",
       {"row 60 was changed (seal 2)"}},
      {"NULL is not the same as nothing",
       "UPDATE diary SET bytes = CAST('' AS BLOB) WHERE sequence = 10",
       {"row 10 was changed (seal 1)"}},
      {"a removed row", "DELETE FROM diary WHERE sequence = 100", {"row 100 was removed (seal 3)"}},
      {"a removed seal's worth of rows",
       "DELETE FROM diary WHERE sequence BETWEEN 50 AND 70",
       {"row 50 was removed (seal 2)", "row 60 was removed (seal 2)",
        "row 70 was removed (seal 2)"}},
      {"an inserted row",
       "INSERT INTO diary VALUES (65, 'more', NULL)",
       {"row 65 was inserted (seal 2)"}},
      {"a row before all others",
       "INSERT INTO diary VALUES (1, 'more', NULL)",
       {"row 1 was inserted (seal 1)"}},
      {"a row between two seals",
       "INSERT INTO diary VALUES (45, 'more', NULL)",
       {"row 45 was inserted (seal 2)"}},
      {"a moved row",
       "UPDATE diary SET sequence = 61 WHERE sequence = 60",
       {"row 60 was removed (seal 2)", "row 61 was inserted (seal 2)"}},
      {"two rows exchanged",
       "UPDATE diary SET word = CASE sequence WHEN 10 THEN 'word 2' ELSE 'word 1' END "
       "WHERE sequence IN (10, 20)",
       {"row 10 was changed (seal 1)", "row 20 was changed (seal 1)"}},
      {"a removed seal", "DELETE FROM log_seal WHERE ordinal = 2", {"seal 2 was removed"}},
      {"the first seal removed", "DELETE FROM log_seal WHERE ordinal = 1", {"seal 1 was removed"}},
      {"a changed count",
       "UPDATE log_seal SET row_count = 2 WHERE ordinal = 2",
       {"seal 2 was changed"}},
      {"other leaves",
       "UPDATE log_seal SET leaves = CAST('' AS BLOB) WHERE ordinal = 1",
       {"seal 1 was changed"}},
      {"rows gone as if they were purged",
       "DELETE FROM diary WHERE sequence <= 40; "
       "UPDATE log_seal SET leaves = CAST('' AS BLOB), kept = 0 WHERE ordinal = 1",
       {"seal 1 was changed"}},
  };
  MakeThreeSeals();
  Script("CREATE TABLE diary_copy AS SELECT * FROM diary");
  Script("CREATE TABLE seal_copy AS SELECT * FROM log_seal");
  for (const Tampering& tampering : cases) {
    SCOPED_TRACE(tampering.what);
    Script(tampering.statement);
    EXPECT_EQ(Findings(), tampering.findings);
    Script(
        "DELETE FROM diary; INSERT INTO diary SELECT * FROM diary_copy;"
        "DELETE FROM log_seal; INSERT INTO log_seal SELECT * FROM seal_copy");
    EXPECT_THAT(Findings(), IsEmpty());
  }
}

TEST_P(SealTest, AHeadThatWasNotedEarlierIsFoundUntilTheChainIsMadeAnew) {
  AddRows(1, 4);
  SealAll();
  const std::string noted = Verified().head;
  AddRows(5, 8);
  SealAll();
  EXPECT_THAT(Verified({noted}).heads_found, ElementsAre(noted));
  // Who can write everything makes a chain that holds by itself.
  Script("UPDATE diary SET word = 'other' WHERE sequence = 20; DELETE FROM log_seal");
  SealAll();
  const Report report = Verified({noted});
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.heads_found, IsEmpty());
}

TEST_P(SealTest, APurgedLogVerifiesAndKeepsItsHeads) {
  AddRows(1, 4);
  SealAll(kStart);
  const std::string first = Verified().head;
  AddRows(5, 7);
  SealAll(kStart + absl::Hours(48));
  EXPECT_THAT(Purge(database(), log_, kStart, kStart), IsOkAndHolds(0));
  EXPECT_THAT(Purge(database(), log_, kStart + absl::Hours(1), kStart + absl::Hours(50)),
              IsOkAndHolds(4));
  EXPECT_THAT(Purge(database(), log_, kStart + absl::Hours(1), kStart + absl::Hours(50)),
              IsOkAndHolds(0));
  AddRows(8, 9);
  SealAll(kStart + absl::Hours(51));
  const Report report = Verified({first});
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.rows_purged, 4);
  EXPECT_EQ(report.rows, 5);
  EXPECT_EQ(report.seals, 4);
  EXPECT_THAT(report.heads_found, ElementsAre(first));
  Script("INSERT INTO diary VALUES (15, 'late', NULL)");
  EXPECT_THAT(Findings(), ElementsAre("row 15 was inserted (seal 1)"));
}

TEST_P(SealTest, OfCopiesThatSealAtOnceOneMakesEachLink) {
  AddRows(1, 5);
  for (int round = 0; round < 20; ++round) {
    AddRows(round * 10 + 6, round * 10 + 8);
    std::vector<std::thread> copies;
    for (int i = 0; i < 4; ++i) {
      copies.emplace_back([&] { EXPECT_THAT(SealNext(database(), log_, kStart), IsOk()); });
    }
    for (std::thread& copy : copies) copy.join();
  }
  SealAll();
  const Report report = Verified();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.rows, 65);
}

TEST_P(SealTest, MoreRowsThanOneSealTakes) {
  Script(
      "INSERT INTO diary WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
      "2500) SELECT i, 'word', NULL FROM n");
  SealAll();
  const Report report = Verified();
  EXPECT_EQ(report.seals, 3);
  EXPECT_EQ(report.rows, 2500);
  EXPECT_THAT(report.findings, IsEmpty());
}

TEST_P(SealTest, TheSealerSealsWhatIsThereWhenItEnds) {
  AddRows(1, 3);
  { const Sealer sealer({{"diary", &database(), log_}}, absl::Hours(1)); }
  EXPECT_EQ(Verified().rows, 3);
}

}  // namespace
}  // namespace mostove::seal
