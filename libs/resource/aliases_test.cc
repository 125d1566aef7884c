#include "libs/resource/aliases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mostove::resource {
namespace {

using ::testing::ElementsAre;

TEST(AliasesTest, WithoutAnyEveryNameStandsForItself) {
  const Aliases aliases;
  EXPECT_TRUE(aliases.empty());
  EXPECT_EQ(aliases.Resolve("organizations/a"), "organizations/a");
  EXPECT_THAT(aliases.NamesOf("organizations/a"), ElementsAre("organizations/a"));
}

TEST(AliasesTest, ChainsLeadToTheLastOne) {
  Aliases aliases;
  aliases.Set("o/a", "o/b");
  aliases.Set("o/b", "o/c");
  EXPECT_EQ(aliases.Resolve("o/a"), "o/c");
  for (const char* name : {"o/a", "o/b", "o/c"}) {
    EXPECT_THAT(aliases.NamesOf(name), ElementsAre("o/c", "o/a", "o/b")) << name;
  }
  EXPECT_THAT(aliases.NamesOf("o/d"), ElementsAre("o/d"));
  aliases.Set("o/b", "");
  EXPECT_EQ(aliases.Resolve("o/a"), "o/b");
  EXPECT_EQ(aliases.Resolve("o/c"), "o/c");
}

TEST(AliasesTest, WhatIsBelowAnAliasIsNone) {
  Aliases aliases;
  aliases.Set("o/a", "o/b");
  EXPECT_EQ(aliases.Resolve("o/a/plans/x"), "o/a/plans/x");
}

TEST(AliasesTest, WideningAddsEachOtherNameOnce) {
  Aliases aliases;
  aliases.Set("o/a", "o/b");
  std::vector<std::string> names = {"o/b", "o/x", "o/a"};
  aliases.Widen(names);
  EXPECT_THAT(names, ElementsAre("o/b", "o/x", "o/a"));
  names = {"o/x", "o/a"};
  aliases.Widen(names);
  EXPECT_THAT(names, ElementsAre("o/x", "o/a", "o/b"));
}

TEST(AliasesTest, RowsThatGoInACircleEndSomewhere) {
  Aliases aliases;
  EXPECT_TRUE(aliases.SetAll({{"o/a", "o/b"}, {"o/b", "o/a"}}, 0));
  aliases.Resolve("o/a");
  EXPECT_FALSE(aliases.SetAll({{"o/a", "o/b"}, {"o/b", "o/a"}}, 0));
  EXPECT_TRUE(aliases.SetAll({}, 0));
  EXPECT_TRUE(aliases.empty());
}

TEST(AliasesTest, WhatWasReadBeforeALaterWordIsNotTakenOver) {
  Aliases aliases;
  const uint64_t before = aliases.settings();
  aliases.Set("o/a", "o/b");
  EXPECT_FALSE(aliases.SetAll({}, before));
  EXPECT_EQ(aliases.Resolve("o/a"), "o/b");
  EXPECT_TRUE(aliases.SetAll({}, aliases.settings()));
}

}  // namespace
}  // namespace mostove::resource
