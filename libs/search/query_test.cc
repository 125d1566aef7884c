#include "libs/search/query.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"

namespace mostove::search {
namespace {

using ::mostove::testing::EqualsProto;
using ::testing::Gt;

constexpr Strictness kExact;
constexpr Strictness kTypos = {.typos = true};
constexpr Strictness kOneMissing = {.typos = true, .missing = 1};

// "Фондация Помощ София", "Help Foundation Sofia", and what it does.
constexpr char kHelp[] =
    "Nfondatsia pomosht/pomoshch sofia\nNhelp foundation sofia\nTbezhantsi lagera podkrepa";

double Rank(const char* query, const Strictness& strictness, const char* words = kHelp) {
  return Query::Parse(query).Rank(words, strictness);
}

TEST(QueryTest, TheWholeNameIsTheBest) {
  EXPECT_EQ(Rank("Фондация Помощ София", kExact), 1);
  EXPECT_EQ(Rank("фондация помощ софия", kTypos), 1);
  EXPECT_THAT(Rank("Помощ София", kExact), Gt(Rank("София", kExact)));
  EXPECT_THAT(Rank("София", kExact), Gt(Rank("Соф", kExact)));
  EXPECT_THAT(Rank("Соф", kExact), Gt(Rank("подкрепа", kExact)));
  EXPECT_THAT(Rank("подкрепа", kExact), Gt(0));
}

TEST(QueryTest, EveryWordHasToBeFound) {
  EXPECT_EQ(Rank("Помощ Варна", kExact), 0);
  EXPECT_EQ(Rank("Помощ Варна", kTypos), 0);
  EXPECT_THAT(Rank("Помощ Варна", kOneMissing), Gt(0));
  EXPECT_EQ(Rank("Варна", kOneMissing, "Nburgas"), 0.0);
  EXPECT_EQ(Rank("Помощ за София", kExact), 0);
  EXPECT_THAT(Rank("Помощ за София", kTypos), Gt(0)) << "small words may be missing then";
}

TEST(QueryTest, TyposAreWorthLessThanWordsAsTheyAre) {
  EXPECT_EQ(Rank("помащ софия", kExact), 0);
  EXPECT_THAT(Rank("помащ софия", kTypos), Gt(0));
  EXPECT_THAT(Rank("помощ софия", kTypos), Gt(Rank("помащ софиа", kTypos)));
  EXPECT_EQ(Rank("204466", kTypos, "N204467"), 0) << "another number is another number";
}

TEST(QueryTest, TheLastWordMayBeABeginning) {
  EXPECT_THAT(Rank("помощ соф", kExact), Gt(0));
  EXPECT_EQ(Rank("пом софия", kExact), 0);
  EXPECT_EQ(Rank("с", kExact), 0);
}

TEST(QueryTest, QueriesWithoutWordsHaveNone) {
  for (const char* text : {"", " ", "…!?", "\u0301"}) {
    EXPECT_TRUE(Query::Parse(text).words().empty()) << text;
  }
  EXPECT_EQ(Query::Parse("a b c d e f g h i j k l m").words().size(), kQueryWordsMax);
}

TEST(QueryTest, HighlightsCutTheTextAtWhatWasFound) {
  const Field name = {"legal_name"};
  EXPECT_THAT(Query::Parse("sofia pomost").Highlight({&name, "", "Фондация „Помощ“ София"}),
              EqualsProto(R"pb(
                field: "legal_name"
                parts { text: "Фондация „" }
                parts { text: "Помощ" match: true }
                parts { text: "“ " }
                parts { text: "София" match: true }
              )pb"));
  EXPECT_EQ(Query::Parse("варна").Highlight({&name, "", "Фондация"}).parts_size(), 0);
}

TEST(QueryTest, HighlightsOfLongTextsAreAPiece) {
  const Field text = {"description", Weight::kText};
  std::string before, after;
  for (int i = 0; i < 100; ++i) before += "преди ", after += " после";
  const v1::Highlight highlight =
      Query::Parse("помощ").Highlight({&text, "bg", before + "помощ" + after});
  ASSERT_EQ(highlight.parts_size(), 3);
  EXPECT_EQ(highlight.language(), "bg");
  EXPECT_EQ(highlight.parts(0).text().rfind("… преди", 0), 0u);
  EXPECT_EQ(highlight.parts(1).text(), "помощ");
  EXPECT_TRUE(highlight.parts(1).match());
  EXPECT_LT(highlight.parts(2).text().size(), 100u);
  EXPECT_EQ(highlight.parts(2).text().substr(highlight.parts(2).text().size() - 3), "…");
}

}  // namespace
}  // namespace mostove::search
