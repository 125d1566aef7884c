#include "services/organizations/capacity_readings.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/testing/rule_cases.h"
#include "services/organizations/assessment_rules.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::Parse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Assessment;

constexpr absl::CivilDay kToday(2026, 11, 29);
constexpr char kName[] = "capacityFrameworks/f-1";

Frameworks OneFramework() {
  return {{kName, Parse<v1::CapacityFramework>(R"(name: "capacityFrameworks/f-1"
      domains { code: "x" criteria { code: "x1" topics: "topics/donors"
          levels { texts { key: "en" value: "one" } } levels { texts { key: "en" value: "two" } }
          levels { texts { key: "en" value: "three" } } levels { texts { key: "en" value: "four" } } }
        criteria { code: "x2" } }
      domains { code: "y" criteria { code: "y1" topics: [ "topics/coalitions", "topics/donors" ] } })")}};
}

// Levels of x1, x2, y1; 0 is not answered.
Assessment Make(const std::string& organization, const std::string& id, Assessment::Kind kind,
                absl::CivilDay day, std::vector<int> levels) {
  Assessment assessment;
  assessment.set_name(absl::StrCat("organizations/", organization, "/assessments/", id));
  assessment.set_framework(kName);
  assessment.set_kind(kind);
  assessment.set_state(Assessment::SUBMITTED);
  assessment.mutable_assess_date()->set_year(static_cast<int>(day.year()));
  assessment.mutable_assess_date()->set_month(day.month());
  assessment.mutable_assess_date()->set_day(day.day());
  const char* const codes[] = {"x1", "x2", "y1"};
  for (size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] == 0) continue;
    v1::Answer& answer = *assessment.add_answers();
    answer.set_criterion(codes[i]);
    answer.set_level(levels[i]);
  }
  ScoreAssessment(OneFramework().at(kName), assessment);
  return assessment;
}

std::vector<std::string> NamesOf(const std::vector<const Assessment*>& assessments) {
  std::vector<std::string> names;
  for (const Assessment* assessment : assessments) {
    names.push_back(assessment->name().substr(assessment->name().rfind('/') + 1));
  }
  return names;
}

TEST(LatestOfEachTest, IsTheLastThatSpeaksOfADayOrTheDaysBefore) {
  Assessments all = {
      Make("a", "a-march", Assessment::SELF, absl::CivilDay(2026, 3, 1), {1}),
      Make("a", "a-june", Assessment::SELF, absl::CivilDay(2026, 6, 1), {2}),
      Make("a", "a-together", Assessment::FACILITATED, absl::CivilDay(2026, 5, 1), {1}),
      Make("b", "b-may", Assessment::SELF, absl::CivilDay(2026, 5, 1), {3}),
      Make("b", "b-may-again", Assessment::SELF, absl::CivilDay(2026, 5, 1), {3}),
  };
  all[3].mutable_submit_time()->set_seconds(200);
  all[4].mutable_submit_time()->set_seconds(100);
  struct Case {
    absl::CivilDay day;
    Assessment::Kind kind;
    std::vector<std::string> names;
  };
  for (const auto& [day, kind, names] : std::vector<Case>{
           {kToday, Assessment::SELF, {"a-june", "b-may"}},
           {absl::CivilDay(2026, 6, 1), Assessment::SELF, {"a-june", "b-may"}},
           {absl::CivilDay(2026, 5, 31), Assessment::SELF, {"a-march", "b-may"}},
           {absl::CivilDay(2026, 4, 30), Assessment::SELF, {"a-march"}},
           {absl::CivilDay(2026, 2, 28), Assessment::SELF, {}},
           {kToday, Assessment::FACILITATED, {"a-together"}},
           {absl::CivilDay(2026, 5, 31), Assessment::KIND_UNSPECIFIED, {"a-together", "b-may"}},
           {kToday, Assessment::DONOR_LED, {}}}) {
    EXPECT_EQ(NamesOf(LatestOfEach(all, day, kind)), names) << day << " " << kind;
  }
}

TEST(LatestCapacityTest, OfAGroupIsTheMeanOfItsOrganizations) {
  const Assessments all = {
      Make("a", "x", Assessment::SELF, absl::CivilDay(2026, 3, 1), {1, 3, 0}),
      Make("b", "x", Assessment::SELF, absl::CivilDay(2026, 3, 1), {4, 4, 1}),
      Make("b", "y", Assessment::FACILITATED, absl::CivilDay(2026, 3, 2), {2, 2, 2})};
  const auto latest = LatestCapacity(all, kToday);
  ASSERT_EQ(latest.readings_size(), 2);
  EXPECT_EQ(latest.readings(0).organizations(), 2);
  EXPECT_DOUBLE_EQ(latest.readings(0).score().mean(), 2.5);  // of 2 and 3
  EXPECT_EQ(latest.readings(0).score().answered(), 5);
  EXPECT_EQ(latest.readings(0).score().criteria(), 6);
  EXPECT_DOUBLE_EQ(latest.readings(0).domain_scores(0).mean(), 3);
  EXPECT_DOUBLE_EQ(latest.readings(0).domain_scores(1).mean(), 1);  // of the one that answered
  EXPECT_EQ(latest.readings(1).kind(), Assessment::FACILITATED);
  EXPECT_THAT(latest.readings(1).assessments(), ElementsAre("organizations/b/assessments/y"));
  EXPECT_EQ(LatestCapacity({}, kToday).readings_size(), 0);
}

std::vector<std::string> RowsOf(const v1::CapacityDifference& difference) {
  std::vector<std::string> rows;
  for (const auto& row : difference.rows()) {
    rows.push_back(absl::StrCat(row.domain(), ".", row.criterion(), " ", row.before(), " -> ",
                                row.after(), ", ", row.difference(), " of ", row.organizations()));
  }
  return rows;
}

TEST(DifferencesTest, AreOfWhatBothHaveAnswered) {
  const Assessments all = {
      Make("a", "self", Assessment::SELF, absl::CivilDay(2026, 3, 1), {4, 2, 0}),
      Make("a", "both", Assessment::FACILITATED, absl::CivilDay(2026, 4, 1), {2, 2, 1}),
      Make("b", "self", Assessment::SELF, absl::CivilDay(2026, 3, 1), {4, 4, 4})};
  const auto differences =
      Differences(LatestOfEach(all, kToday, Assessment::SELF),
                  LatestOfEach(all, kToday, Assessment::FACILITATED), OneFramework());
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences[0].organizations(), 1);
  EXPECT_THAT(RowsOf(differences[0]),
              ElementsAre(". 3 -> 1.66667, -1.33333 of 1", "x. 3 -> 2, -1 of 1",
                          "x.x1 4 -> 2, -2 of 1", "x.x2 2 -> 2, 0 of 1"));
}

TEST(DifferencesTest, WithoutAnswersOnlyTheScoresAreCompared) {
  Assessments all = {Make("a", "first", Assessment::SELF, absl::CivilDay(2025, 3, 1), {1, 1, 1}),
                     Make("a", "second", Assessment::SELF, absl::CivilDay(2026, 3, 1), {2, 2, 2})};
  all[1].clear_answers();
  const auto differences =
      Differences(LatestOfEach(all, absl::CivilDay(2025, 12, 31), Assessment::SELF),
                  LatestOfEach(all, kToday, Assessment::SELF), OneFramework());
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_THAT(RowsOf(differences[0]),
              ElementsAre(". 1 -> 2, 1 of 1", "x. 1 -> 2, 1 of 1", "y. 1 -> 2, 1 of 1"));
}

TEST(GapsTest, NameTheTopicsThatAnswerThemWidestFirst) {
  const Assessments all = {Make("a", "x", Assessment::SELF, absl::CivilDay(2026, 3, 1), {2, 3, 1}),
                           Make("b", "x", Assessment::SELF, absl::CivilDay(2026, 3, 1), {1, 4, 3})};
  const auto gaps = Gaps(LatestOfEach(all, kToday, Assessment::SELF), OneFramework(), 3);
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].criterion(), "x1");
  EXPECT_EQ(gaps[0].organizations(), 2);
  EXPECT_EQ(gaps[0].answered(), 2);
  EXPECT_DOUBLE_EQ(gaps[0].level(), 1.5);
  EXPECT_EQ(gaps[0].next_level().texts().at("en"), "two");
  EXPECT_THAT(gaps[0].topics(), ElementsAre("topics/donors"));
  EXPECT_EQ(gaps[1].criterion(), "y1");
  EXPECT_THAT(gaps[1].topics(), ElementsAre("topics/coalitions", "topics/donors"));
  EXPECT_THAT(Gaps(LatestOfEach(all, kToday, Assessment::SELF), OneFramework(), 1), IsEmpty());
  EXPECT_EQ(Gaps(LatestOfEach(all, kToday, Assessment::SELF), OneFramework(), 4).size(), 3u);
}

}  // namespace
}  // namespace mostove::organizations
