#include "libs/domain/oblasts.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace mostove::domain {
namespace {

TEST(OblastsTest, AreTwentyEightInTheOrderOfTheirCodes) {
  ASSERT_EQ(Oblasts().size(), 28u);
  for (int i = 0; i < 28; ++i) {
    EXPECT_EQ(std::string(Oblasts()[i].iso), absl::StrFormat("BG-%02d", i + 1));
  }
}

TEST(OblastsTest, EveryCodeStandsOnce) {
  std::set<std::string> codes;
  for (const Oblast& oblast : Oblasts()) {
    EXPECT_TRUE(codes.insert(std::string(oblast.nuts)).second) << oblast.nuts;
    EXPECT_TRUE(codes.insert(std::string(oblast.nsi)).second) << oblast.nsi;
    EXPECT_EQ(oblast.nuts.size(), 5u);
    EXPECT_EQ(oblast.nsi.size(), 3u);
    EXPECT_TRUE(absl::StartsWith(oblast.nuts, "BG")) << oblast.nuts;
  }
  EXPECT_EQ(codes.size(), 56u);
}

TEST(OblastsTest, TheCapitalIsNotTheOblastAroundIt) {
  EXPECT_EQ(FindOblastByIso("BG-22")->nuts, "BG411");
  EXPECT_EQ(FindOblastByNsi("SOF")->iso, "BG-22");
  EXPECT_EQ(FindOblastByNuts("BG412")->nsi, "SFO");
  EXPECT_EQ(FindOblastByIso("BG-23")->nsi, "SFO");
}

TEST(OblastsTest, AnUnknownCodeIsNotFound) {
  EXPECT_EQ(FindOblastByIso("BG-29"), nullptr);
  EXPECT_EQ(FindOblastByNsi(""), nullptr);
  EXPECT_EQ(FindOblastByNuts("BG41"), nullptr);
}

}  // namespace
}  // namespace mostove::domain
