#include "services/dashboard/words.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "libs/domain/oblasts.h"
#include "services/dashboard/dashboard.h"
#include "services/dashboard/labels.h"
#include "services/dashboard/oblast_map.h"

namespace mostove::dashboard {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <class Message>
Message Make(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(Words, ATextIsInTheVisitorsLanguageElseInTheSourcesElseInOneOfOurs) {
  const auto choose = [](const std::string& text, absl::string_view language) {
    const auto message = Make<common::v1::LocalizedText>(text);
    const Chosen chosen = Choose(message, language);
    return absl::StrCat(chosen.tag, ":", chosen.text);
  };
  const std::string both =
      "source_language: 'bg' texts {key: 'bg' value: 'Помощ'} texts {key: 'uk' value: 'Допомога'}";
  EXPECT_EQ(choose(both, "uk"), "uk:Допомога");
  EXPECT_EQ(choose(both, "en"), "bg:Помощ");
  EXPECT_EQ(choose("texts {key: 'en-GB' value: 'Help'}", "en"), "en-GB:Help");
  EXPECT_EQ(choose("texts {key: 'ar' value: 'x'} texts {key: 'fa' value: 'y'}", "bg"), "ar:x");
  EXPECT_EQ(choose("texts {key: 'bg' value: ''} texts {key: 'en' value: 'Help'}", "bg"), "en:Help");
  EXPECT_EQ(choose("", "bg"), ":");
}

TEST(Words, ForeignTextSaysItsLanguageAndNoTextIsMarkup) {
  EXPECT_EQ(HtmlOf({"Помощ", "bg"}, "bg"), "Помощ");
  EXPECT_EQ(HtmlOf({"Help", "en-GB"}, "en"), "Help");
  EXPECT_EQ(HtmlOf({"مساعدة", "ar"}, "bg"), "<span lang=\"ar\" dir=\"auto\">مساعدة</span>");
  EXPECT_EQ(HtmlOf({"<b>", "\"><script>"}, "bg"),
            "<span lang=\"&quot;&gt;&lt;script&gt;\" dir=\"auto\">&lt;b&gt;</span>");
}

TEST(Words, AnOrganizationIsCalledAsPeopleKnowItElseAsItIsRegistered) {
  auto organization = Make<organizations::v1::Organization>("legal_name: 'Сдружение Помощ'");
  EXPECT_EQ(NameOf(organization, "en").text, "Сдружение Помощ");
  (*organization.mutable_display_name()->mutable_texts())["en"] = "Help";
  EXPECT_EQ(NameOf(organization, "en").text, "Help");
}

TEST(Words, DatesAreAsExactAsIsKnown) {
  const auto say = [](const std::string& text, absl::string_view language) {
    return DateText(Make<google::type::Date>(text), language);
  };
  EXPECT_EQ(say("year: 2026 month: 3 day: 5", "bg"), "5 март 2026\u202fг.");
  EXPECT_EQ(say("year: 2026 month: 3 day: 5", "uk"), "5 березня 2026\u202fр.");
  EXPECT_EQ(say("year: 2026 month: 3 day: 5", "en"), "5 March 2026");
  EXPECT_EQ(say("year: 2026 month: 3", "en"), "March 2026");
  EXPECT_EQ(say("year: 2016", "en"), "2016");
  EXPECT_EQ(say("year: 2016 month: 12 day: 31", "en"), "31 December 2016");
  EXPECT_EQ(say("", "en"), "");
}

TEST(Words, NumbersAreWrittenAsTheLanguageWritesThem) {
  EXPECT_EQ(DecimalText(2.5, "bg"), "2,5");
  EXPECT_EQ(DecimalText(3, "en"), "3.0");
  EXPECT_EQ(NumberText(12345, "en"), "12,345");
  EXPECT_EQ(PercentText(0.6, "en"), "60%");
  EXPECT_EQ(LanguageText("uk", "bg"), "украински");
  EXPECT_EQ(LanguageText("ar", "uk"), "арабська");
}

TEST(Words, PlacesHaveTheNameOfTheOblastAndACountryWhereItIsAnother) {
  const auto say = [](const std::string& text, absl::string_view language) {
    return PlaceText(Make<common::v1::Place>(text), language);
  };
  EXPECT_EQ(say("country_code: 'BG' area {scheme: ISO3166_2 code: 'BG-05' name: 'Vidin'}", "bg"),
            "Видин");
  EXPECT_EQ(say("country_code: 'BG' area {scheme: EKATTE code: '10971' name: 'Видин'}", "en"),
            "Видин");
  EXPECT_EQ(say("country_code: 'BG'", "uk"), "Болгарія");
  EXPECT_EQ(say("country_code: 'MD' area {name: 'Кишинів'}", "en"), "Кишинів, Moldova");
  EXPECT_EQ(say("country_name: 'Mali Situation'", "en"), "Mali Situation");
  EXPECT_EQ(say("", "en"), "");
}

TEST(Words, AShortenedTextEndsAtASpaceAndNeverWithinALetter) {
  EXPECT_EQ(Shortened("Помощ за бежанци", 20), "Помощ за бежанци");
  EXPECT_EQ(Shortened("Помощ за бежанци", 10), "Помощ за…");
  EXPECT_EQ(Shortened("Помощ", 3), "Пом…");
}

TEST(Labels, EveryValueThatIsKnownHasANameInEveryLanguage) {
  using organizations::v1::Organization;
  std::vector<Text> labels;
  const auto add = [&](const google::protobuf::EnumDescriptor* type, auto label_of) {
    for (int i = 0; i < type->value_count(); ++i) {
      if (const int number = type->value(i)->number(); number != 0)
        labels.push_back(label_of(number));
    }
  };
  add(Organization::OrganizationKind_descriptor(),
      [](int n) { return LabelOf(static_cast<Organization::OrganizationKind>(n)); });
  add(Organization::LegalForm_descriptor(),
      [](int n) { return LabelOf(static_cast<Organization::LegalForm>(n)); });
  add(Organization::BenefitStatus_descriptor(),
      [](int n) { return LabelOf(static_cast<Organization::BenefitStatus>(n)); });
  add(Organization::State_descriptor(),
      [](int n) { return LabelOf(static_cast<Organization::State>(n)); });
  add(organizations::v1::TargetGroup_descriptor(),
      [](int n) { return LabelOf(static_cast<organizations::v1::TargetGroup>(n)); });
  add(organizations::v1::Phase_descriptor(),
      [](int n) { return LabelOf(static_cast<organizations::v1::Phase>(n)); });
  for (const domain::Oblast& oblast : domain::Oblasts()) labels.push_back(LabelOf(oblast));
  EXPECT_GT(labels.size(), 60u);
  for (const Text& label : labels) {
    for (const char* language : {"bg", "uk", "en"}) EXPECT_NE(label.In(language), "") << label.en;
  }
}

TEST(OblastMap, HasEveryOblastOnceAndTellsTheTwoSofiasApart) {
  Visit visit{.path = "/", .query = {{"kind", "LOCAL"}, {"page", "token"}}, .language = "bg"};
  const std::string map =
      OblastMap(visit, {{"BG-22", {.count = 31}}, {"BG-23", {.count = 10'000, .at_least = true}}});
  for (const domain::Oblast& oblast : domain::Oblasts()) {
    EXPECT_THAT(map, HasSubstr(absl::StrCat("href=\"/?kind=LOCAL&amp;oblast=", oblast.iso, "\"")));
  }
  EXPECT_THAT(map, HasSubstr("<li class=\"BG-22 s4\">"));
  EXPECT_THAT(map, HasSubstr("София (столица)</span> <b>31</b>"));
  EXPECT_THAT(map, HasSubstr("Софийска област</span> <b>≥"));
  EXPECT_THAT(map, HasSubstr("<li class=\"BG-05 s0\">"));
  EXPECT_THAT(map, Not(HasSubstr("aria-current")));
  visit.query["oblast"] = "BG-05";
  EXPECT_THAT(OblastMap(visit, {}), HasSubstr("oblast=BG-05\" aria-current=\"true\""));
}

TEST(Dashboard, PagesAreTheFirstOneAndThoseOfOrganizations) {
  EXPECT_EQ(TemplateOf("/"), "/");
  EXPECT_EQ(TemplateOf("/organizations/sofia-help"), "/organizations/{id}");
  for (const char* path : {"/organizations/", "/organizations/a/b", "/organizations/A",
                           "/organizations/%61", "/v1/organizations", "/organizations", ""}) {
    EXPECT_EQ(TemplateOf(path), "") << path;
  }
}

}  // namespace
}  // namespace mostove::dashboard
