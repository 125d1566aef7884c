#include "libs/domain/localized_text.h"

#include "gmock/gmock.h"
#include "libs/domain/violations_of.h"

namespace mostove::domain {
namespace {

using common::v1::LocalizedText;

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

}  // namespace
}  // namespace mostove::domain
