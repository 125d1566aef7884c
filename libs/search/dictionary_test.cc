#include "libs/search/dictionary.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mostove::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint32_t kPublic = 1 << 4;
constexpr uint32_t kOwner = 1 << 2;

TEST(DictionaryTest, NearWordsComeByDistanceAndAlphabet) {
  Dictionary dictionary;
  for (const char* word : {"nadezhda", "nadezda", "nadejda", "nadia", "odezhda"}) {
    dictionary.Add(word, kPublic);
  }
  EXPECT_THAT(dictionary.Nearest("nadezhda", kPublic, 2, 9),
              ElementsAre("nadezda", "nadejda", "odezhda"));
  EXPECT_THAT(dictionary.Nearest("nadezhda", kPublic, 1, 9), ElementsAre("nadezda"));
  EXPECT_THAT(dictionary.Nearest("nadezhda", kPublic, 2, 1), ElementsAre("nadezda"));
  EXPECT_THAT(dictionary.Nearest("varna", kPublic, 1, 9), IsEmpty());
}

TEST(DictionaryTest, WordsOfOthersAreNotToldAndTakeNoPlace) {
  Dictionary dictionary;
  dictionary.Add("sekret", kOwner);
  dictionary.Add("sekrat", kPublic);
  EXPECT_THAT(dictionary.Nearest("sekres", kPublic, 2, 1), ElementsAre("sekrat"));
  EXPECT_THAT(dictionary.Nearest("sekres", kOwner, 2, 9), ElementsAre("sekret"));
  EXPECT_TRUE(dictionary.Has("sekret", kOwner));
  EXPECT_FALSE(dictionary.Has("sekret", kPublic));
  dictionary.Add("sekret", kPublic);
  EXPECT_TRUE(dictionary.Has("sekret", kPublic | kOwner));
  EXPECT_EQ(dictionary.size(), 2u);
}

TEST(DictionaryTest, WordsBeyondTheLongestAreLeftOut) {
  Dictionary dictionary;
  dictionary.Add(std::string(words::kWordLengthMax + 1, 'a'), kPublic);
  dictionary.Add("", kPublic);
  EXPECT_EQ(dictionary.size(), 0u);
  dictionary.Add(std::string(words::kWordLengthMax, 'a'), kPublic);
  EXPECT_EQ(dictionary.Nearest(std::string(words::kWordLengthMax, 'b'), kPublic, 2, 9).size(), 0u);
  EXPECT_EQ(dictionary.size(), 1u);
}

}  // namespace
}  // namespace mostove::search
