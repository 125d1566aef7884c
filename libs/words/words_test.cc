#include "libs/words/words.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mostove::words {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(WordsTest, OneNameInManyWritingsIsOneWord) {
  for (const char* name : {"Sofia", "София", "софия", "СОФИЯ", "Sofiya", "sofja", "Sofiia",
                           "Ｓｏｆｉａ", "So\u0301fia", "София\u0301"}) {
    EXPECT_THAT(Fold(name), ElementsAre("sofia")) << name;
  }
}

TEST(WordsTest, BulgarianGoesByTheLaw) {
  const struct {
    const char *word, *form;
  } kCases[] = {
      {"Фондация", "fondatsia"},    {"сдружение", "sdruzhenie"}, {"Пловдив", "plovdiv"},
      {"Търговище", "targovishte"}, {"Ямбол", "iambol"},         {"Шуменско", "shumensko"},
      {"Ихтиман", "ihtiman"},       {"Ikhtiman", "ihtiman"},     {"Кърджали", "kardzhali"},
      {"Цветелина", "tsvetelina"},  {"асьор", "asior"},          {"Хасково", "haskovo"},
  };
  for (const auto& c : kCases) EXPECT_EQ(FoldText(c.word), c.form) << c.word;
}

TEST(WordsTest, UkrainianIsFoundByBothTransliterations) {
  const struct {
    const char *word, *ukrainian, *bulgarian;
  } kCases[] = {
      {"Громада", "Hromada", "Gromada"},        {"Київ", "Kyiv", "Kiiv"},
      {"Чернігів", "Chernihiv", "Chernigiv"},   {"Запоріжжя", "Zaporizhzhia", "Zaporizhzhya"},
      {"Згурський", "Zghurskyi", "Zgurskyy"},   {"Єнакієве", "Yenakiieve", "Enakieve"},
      {"Харків", "Kharkiv", "Harkiv"},          {"Щастя", "Shchastia", "Shtastya"},
      {"Знам'янка", "Znamianka", "Znam’yanka"}, {"Ґалаґан", "Galagan", "Galagan"},
  };
  for (const auto& c : kCases) {
    for (const char* latin : {c.ukrainian, c.bulgarian}) {
      EXPECT_THAT(Fold(c.word), Contains(FoldText(latin))) << c.word << " as " << latin;
    }
  }
  EXPECT_EQ(Fold("Чернігів")[0], "chernihiv");  // і says which comes first
  EXPECT_EQ(Fold("Громада")[0], "gromada");
}

TEST(WordsTest, MarksGoAndOtherScriptsBecomeLatin) {
  EXPECT_THAT(Fold("Łódź"), ElementsAre("lodz"));
  EXPECT_THAT(Fold("straße"), ElementsAre("strase"));  // doubled letters are one
  EXPECT_THAT(Fold("Αθήνα"), ElementsAre("athena"));
  EXPECT_THAT(Fold("سلام"), SizeIs(1));
  EXPECT_THAT(Fold("\u0301"), IsEmpty());
}

TEST(WordsTest, DigitsAreNeverCollapsed) {
  EXPECT_THAT(Fold("2004466"), ElementsAre("2004466"));
  EXPECT_THAT(Fold("١٢٣"), ElementsAre("123"));
}

TEST(WordsTest, WordsKnowWhereTheyStand) {
  const std::string text = "„Помощ-София“, об'єднання (2026)";
  std::string found;
  for (const Word& word : Split(text, 100)) {
    found += text.substr(word.begin, word.end - word.begin) + "|";
  }
  EXPECT_EQ(found, "Помощ|София|об'єднання|2026|");
  EXPECT_THAT(Split(text, 2), SizeIs(2));
  EXPECT_THAT(Split("a\xff\xfe b", 9), SizeIs(2));
  EXPECT_THAT(Split("", 9), IsEmpty());
}

TEST(WordsTest, LongWordsAreCut) {
  const std::string folded = FoldText("абвгде" + std::string(300, '7'));
  EXPECT_EQ(folded.size(), kWordLengthMax);
}

TEST(WordsTest, DistanceCountsTypos) {
  const struct {
    const char *a, *b;
    int distance;
  } kCases[] = {
      {"", "", 0},
      {"sofia", "sofia", 0},
      {"sofia", "sofa", 1},
      {"sofia", "soffia", 1},
      {"sofia", "sfoia", 1},
      {"sofia", "sofka", 1},
      {"ab", "ba", 1},
      {"plovdiv", "povldiv", 2},
      {"plovdiv", "plvdi", 2},
      {"abc", "cab", 2},
      {"sdruzhenie", "sdruhzenei", 2},
      {"varna", "burgas", 3},
      {"a", "", 1},
      {"", "abc", 3},
      {"abcd", "bcda", 2},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Distance(c.a, c.b, 2), std::min(c.distance, 3)) << c.a << " " << c.b;
    EXPECT_EQ(Distance(c.b, c.a, 2), std::min(c.distance, 3)) << c.b << " " << c.a;
    EXPECT_EQ(Distance(c.a, c.b, 1), std::min(c.distance, 2)) << c.a << " " << c.b;
  }
}

// Against the plain table of all distances.
TEST(WordsTest, DistanceWithinABandIsTheDistance) {
  const auto plain = [](const std::string& a, const std::string& b) {
    std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
      for (size_t j = 0; j <= b.size(); ++j) {
        if (i == 0 || j == 0) {
          d[i][j] = static_cast<int>(i + j);
          continue;
        }
        d[i][j] = std::min(
            {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.size()][b.size()];
  };
  uint32_t state = 1;
  const auto word = [&] {
    std::string text;
    state = state * 1664525 + 1013904223;
    for (uint32_t left = state >> 29; left-- > 0;) {
      state = state * 1664525 + 1013904223;
      text += static_cast<char>('a' + (state >> 30));
    }
    return text;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string a = word();
    const std::string b = word();
    for (const int limit : {1, 2}) {
      ASSERT_EQ(Distance(a, b, limit), std::min(plain(a, b), limit + 1)) << a << " " << b;
    }
    const int differing = __builtin_popcountll((Letters(a) ^ Letters(b)));
    ASSERT_LE(differing, 2 * plain(a, b)) << a << " " << b;
  }
}

TEST(WordsTest, LegalFormsSayLittle) {
  for (const char* word : {"Фондация", "fondatsiya", "Foundation", "СДРУЖЕНИЕ", "фонд", "NGO"}) {
    EXPECT_TRUE(IsLegalForm(FoldText(word))) << word;
    EXPECT_TRUE(IsWeak(FoldText(word))) << word;
  }
  EXPECT_TRUE(IsWeak(FoldText("за")));
  EXPECT_FALSE(IsLegalForm(FoldText("за")));
  EXPECT_FALSE(IsWeak(FoldText("Надежда")));
}

}  // namespace
}  // namespace mostove::words
