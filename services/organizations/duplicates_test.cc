#include "services/organizations/duplicates.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace mostove::organizations {
namespace {

using v1::DuplicatePair;

Profile Of(const std::string& text) {
  v1::Organization organization;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &organization)) << text;
  return ProfileOf(organization);
}
Profile Named(const std::string& name) { return Of("legal_name: '" + name + "'"); }

TEST(DuplicatesTest, NamesAreAlikeAcrossScriptsFormsAndOrder) {
  const struct {
    const char *a, *b;
  } kCases[] = {
      {"Фондация Помощ София", "Fondatsiya Pomosht Sofia"},
      {"Фондация Помощ София", "Pomosht Sofia Foundation"},
      {"Фондация „Помощ“ – София", "СДРУЖЕНИЕ ПОМОЩ СОФИЯ"},
      {"Фондация Надежда за Видин", "Надежда Видин"},
      {"Громадська організація Барвінок Чернігів", "Barvinok Chernihiv NGO"},
      {"Громадська організація Барвінок Чернігів", "Barvinok Chernigiv"},
      {"Сдружение Надежда", "Сдружение Надежад"},
      {"Сдружение Надежда Видин", "Сдружение Надежда Виден"},
      {"Сдружение Надежда", "Association Nadezda"},
  };
  for (const auto& c : kCases) {
    const auto likeness = Compare(Named(c.a), Named(c.b));
    ASSERT_TRUE(likeness.has_value()) << c.a << " | " << c.b;
    EXPECT_EQ(likeness->reason, DuplicatePair::SIMILAR_NAME);
  }
}

TEST(DuplicatesTest, OtherNamesAreNot) {
  const struct {
    const char *a, *b;
  } kCases[] = {
      {"Фондация Надежда Видин", "Фондация Надежда Варна"},
      {"Фондация Надежда", "Фондация Надежда Видин"},
      {"Училищно настоятелство 12", "Училищно настоятелство 13"},
      {"Сдружение Мост", "Фондация Мост"},  // four letters say too little
      {"Фондация", "Сдружение"},
      {"Сдружение Жажда", "Сдружение Пажда"},  // a short name with a typo is another
      {"Сдружение Станислав", "Фондация Станослав"},
      {"Надежда Виден Пловдив", "Надежад Видин Пловдив"},  // two typos
  };
  for (const auto& c : kCases) EXPECT_FALSE(Compare(Named(c.a), Named(c.b))) << c.a << " | " << c.b;
}

TEST(DuplicatesTest, NumbersDecide) {
  const std::string eik = "identifiers { scheme: 'BG-EIK' value: '204853663' }";
  const std::string other = "identifiers { scheme: 'BG-EIK' value: '131071587' }";
  const auto same = Compare(Of("legal_name: 'Надежда' " + eik), Of("legal_name: 'Искра' " + eik));
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->reason, DuplicatePair::SAME_IDENTIFIER);
  EXPECT_EQ(same->score, 1);
  EXPECT_FALSE(Compare(Of("legal_name: 'Надежда' " + eik), Of("legal_name: 'Надежда' " + other)));
  EXPECT_TRUE(Compare(Of("legal_name: 'Надежда' " + eik), Named("Надежда")));
}

TEST(DuplicatesTest, AnotherAreaMakesATypoAnotherName) {
  const std::string vidin = "seat { area { code: 'BG-05' } }";
  const std::string varna = "seat { area { code: 'BG-03' } }";
  EXPECT_FALSE(Compare(Of("legal_name: 'Надежда' " + vidin), Of("legal_name: 'Надежад' " + varna)));
  EXPECT_TRUE(Compare(Of("legal_name: 'Надежда' " + vidin), Of("legal_name: 'Надежад' " + vidin)));
  EXPECT_TRUE(Compare(Of("legal_name: 'Надежда' " + vidin), Of("legal_name: 'Надежда' " + varna)));
}

TEST(DuplicatesTest, DisplayNamesCountToo) {
  EXPECT_TRUE(Compare(
      Of("legal_name: 'Б-Н 2026' display_name { texts { key: 'en' value: 'Bridges of Hope' } }"),
      Named("Bridges Hope Foundation")));
}

TEST(DuplicatesTest, TheReportFindsWhatComparingEachWithEachDoes) {
  std::vector<Profile> profiles;
  const char* const kNames[] = {"Фондация Надежда Видин",
                                "Nadezhda Vidin",
                                "Сдружение Надежад Видин",
                                "Надежда Варна",
                                "Искра",
                                "Сдружение „Искра“",
                                "Светлина",
                                "Светлин",
                                "Светлинаа"};
  for (const char* name : kNames) profiles.push_back(Named(name));
  std::vector<std::pair<size_t, size_t>> each;
  for (size_t i = 0; i < profiles.size(); ++i) {
    for (size_t j = i + 1; j < profiles.size(); ++j) {
      if (Compare(profiles[i], profiles[j])) each.emplace_back(i, j);
    }
  }
  std::vector<std::pair<size_t, size_t>> found;
  for (const AlikePair& pair : FindAlike(profiles)) found.emplace_back(pair.first, pair.second);
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(each));
  EXPECT_THAT(each, ::testing::Contains(std::make_pair(size_t{0}, size_t{1})));
}

}  // namespace
}  // namespace mostove::organizations
