#include "libs/references/cache.h"

#include <algorithm>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mostove::references {
namespace {

constexpr absl::Duration kTimeToLive = absl::Seconds(3);
const absl::Time kNow = absl::FromUnixSeconds(1800000000);

TEST(CacheTest, AnAnswerHoldsForItsTimeAndForCallersWhoSeeTheSame) {
  Cache cache(10, kTimeToLive);
  cache.Add("network", {"organizations/a"}, kNow, cache.generation());
  EXPECT_TRUE(cache.Has("network", "organizations/a", kNow));
  EXPECT_TRUE(cache.Has("network", "organizations/a", kNow + kTimeToLive - absl::Seconds(1)));
  EXPECT_FALSE(cache.Has("network", "organizations/a", kNow + kTimeToLive));
  EXPECT_FALSE(cache.Has("anybody", "organizations/a", kNow));
  EXPECT_FALSE(cache.Has("network", "organizations/b", kNow));
  EXPECT_EQ(cache.hits(), 2);
  EXPECT_EQ(cache.misses(), 3);
}

TEST(CacheTest, WhatIsDroppedIsForgottenForAllCallers) {
  Cache cache(10, kTimeToLive);
  cache.Add("network", {"organizations/a", "organizations/b"}, kNow, cache.generation());
  cache.Add("anybody", {"organizations/a"}, kNow, cache.generation());
  cache.Drop({"organizations/a", "organizations/never"});
  EXPECT_FALSE(cache.Has("network", "organizations/a", kNow));
  EXPECT_FALSE(cache.Has("anybody", "organizations/a", kNow));
  EXPECT_TRUE(cache.Has("network", "organizations/b", kNow));
}

TEST(CacheTest, AnAnswerThatWasUnderWayWhenSomethingChangedIsNotKept) {
  Cache cache(10, kTimeToLive);
  const uint64_t asked = cache.generation();
  cache.Drop({"organizations/a"});
  cache.Add("network", {"organizations/a"}, kNow, asked);
  EXPECT_FALSE(cache.Has("network", "organizations/a", kNow));
}

TEST(CacheTest, TheNameThatWasAskedForLongestAgoGivesWay) {
  Cache cache(2, kTimeToLive);
  cache.Add("network", {"organizations/a", "organizations/b"}, kNow, cache.generation());
  EXPECT_TRUE(cache.Has("network", "organizations/a", kNow));
  cache.Add("network", {"organizations/c"}, kNow, cache.generation());
  EXPECT_TRUE(cache.Has("network", "organizations/a", kNow));
  EXPECT_FALSE(cache.Has("network", "organizations/b", kNow));
  EXPECT_TRUE(cache.Has("network", "organizations/c", kNow));
}

TEST(CacheTest, OneNameIsKeptForFewKindsOfCallers) {
  Cache cache(10, kTimeToLive);
  for (int i = 0; i < 1000; ++i) {
    cache.Add(std::to_string(i), {"organizations/a"}, kNow, cache.generation());
  }
  int kept = 0;
  for (int i = 0; i < 1000; ++i) kept += cache.Has(std::to_string(i), "organizations/a", kNow);
  EXPECT_EQ(kept, 16);
  EXPECT_TRUE(cache.Has("999", "organizations/a", kNow));
}

TEST(CacheTest, CallersWhoSeeTheSameShareTheirAnswersAndNobodyElse) {
  const call::Caller administrator{.name = "a", .administrator = true, .network = true};
  const call::Caller member{.name = "b", .network = true};
  const call::Caller owner{
      .name = "c", .network = true, .organizations = {"organizations/x", "organizations/y"}};
  call::Caller same_owner = owner;
  same_owner.name = "d";
  std::reverse(same_owner.organizations.begin(), same_owner.organizations.end());
  EXPECT_EQ(call::VisibilityOf(owner), call::VisibilityOf(same_owner));
  const std::set<std::string> kinds = {
      call::VisibilityOf(administrator), call::VisibilityOf(member), call::VisibilityOf(owner),
      call::VisibilityOf({}), call::VisibilityOf({.organizations = {"organizations/x"}})};
  EXPECT_EQ(kinds.size(), 5u);
}

}  // namespace
}  // namespace mostove::references
