#include "libs/domain/localized_text.h"

#include "gmock/gmock.h"
#include "libs/domain/violations_of.h"

namespace mostove::domain {
namespace {

using common::v1::LocalizedText;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(LocalizedTextTest, NeedsTextsInKnownTongues) {
  const Case cases[] = {
      {R"(texts { key: "bg" value: "а" })", {}},
      {R"(source_language: "bg" texts { key: "bg" value: "а" } texts { key: "uk" value: "б" })",
       {}},
      {R"(source_language: "zh-Hant-TW" texts { key: "zh-Hant-TW" value: "橋" })", {}},
      {"", {"x.texts REQUIRED"}},
      {R"(source_language: "bg")", {"x.texts REQUIRED"}},
      {R"(texts { key: "bg" value: "" })", {"x.texts.bg REQUIRED"}},
      {R"(texts { key: "bg" value: " \n" })", {"x.texts.bg REQUIRED"}},
      {R"(texts { key: "bg" value: "а" } texts { key: "uk" value: "б" })",
       {"x.source_language REQUIRED"}},
      {R"(source_language: "en" texts { key: "bg" value: "а" })",
       {"x.source_language SOURCE_LANGUAGE"}},
      {R"(source_language: "b g" texts { key: "bg" value: "а" })",
       {"x.source_language LANGUAGE_TAG"}},
      {R"(texts { key: "bulgarian language" value: "а" })", {"x.texts LANGUAGE_TAG"}},
      {R"(source_language: "bg" texts { key: "bg" value: "а" } texts { key: "" value: "б" })",
       {"x.texts LANGUAGE_TAG"}},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ViolationsOf<LocalizedText>(message), expected) << message;
  }
}

TEST(LocalizedTextTest, CaseDoesNotTellLanguagesApart) {
  const auto found = ViolationsOf<LocalizedText>(
      R"(source_language: "bg" texts { key: "bg" value: "а" } texts { key: "BG" value: "б" })");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0], testing::AnyOf("x.texts.bg DUPLICATE", "x.texts.BG DUPLICATE"));
}

TEST(LanguageTagTest, HasToBeWellFormed) {
  for (const char* tag : {"bg", "uk", "BG", "und", "zh-Hant-TW", "sr-Latn", "ar", "x-dialect"}) {
    EXPECT_TRUE(IsLanguageTag(tag)) << tag;
  }
  for (const char* tag : {"", "x", "en-", "en_US", "b g", "toolonglang", "-", "български"}) {
    EXPECT_FALSE(IsLanguageTag(tag)) << tag;
  }
  EXPECT_FALSE(IsLanguageTag(absl::string_view("bg\0x", 4)));
  EXPECT_FALSE(IsLanguageTag(std::string("en") + std::string(40, 'x')));
}

class CompleteLocalizedTextTest : public testing::Test {
 protected:
  static LocalizedText Text(const std::string& bg, const std::string& uk) {
    LocalizedText text;
    text.set_source_language("bg");
    (*text.mutable_texts())["bg"] = bg;
    (*text.mutable_texts())["uk"] = uk;
    return text;
  }
};

TEST_F(CompleteLocalizedTextTest, TheOnlyLanguageIsTheSource) {
  LocalizedText text;
  (*text.mutable_texts())["uk"] = "міст";
  CompleteLocalizedText(nullptr, text);
  EXPECT_EQ(text.source_language(), "uk");
  EXPECT_THAT(text.source_hashes(), IsEmpty());
}

TEST_F(CompleteLocalizedTextTest, ATranslationRemembersItsSource) {
  LocalizedText text = Text("мост", "міст");
  CompleteLocalizedText(nullptr, text);
  // printf мост | sha256sum | head -c 16
  EXPECT_THAT(text.source_hashes(), UnorderedElementsAre(testing::Pair("uk", "16526a97c2577a4e")));
}

TEST_F(CompleteLocalizedTextTest, AnUntouchedTranslationOfAChangedSourceIsStale) {
  LocalizedText before = Text("мост", "міст");
  CompleteLocalizedText(nullptr, before);
  LocalizedText after = Text("мостове", "міст");
  CompleteLocalizedText(&before, after);
  EXPECT_EQ(after.source_hashes().at("uk"), before.source_hashes().at("uk"));

  LocalizedText renewed = Text("мостове", "мости");
  CompleteLocalizedText(&after, renewed);
  EXPECT_NE(renewed.source_hashes().at("uk"), before.source_hashes().at("uk"));
}

TEST_F(CompleteLocalizedTextTest, HashesOfWhatIsGoneAreGone) {
  LocalizedText text = Text("мост", "міст");
  CompleteLocalizedText(nullptr, text);
  text.mutable_texts()->erase("uk");
  const LocalizedText before = text;
  CompleteLocalizedText(&before, text);
  EXPECT_THAT(text.source_hashes(), IsEmpty());
}

}  // namespace
}  // namespace mostove::domain
