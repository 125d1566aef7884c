#include "services/dashboard/capacity_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mostove::dashboard {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Capacity Sample() {
  Capacity capacity{.framework_html = "Academy"};
  capacity.self_date.set_year(2026);
  capacity.before_date.set_year(2025);
  capacity.domains = {
      {.title_html = "Donors", .self = 2.5, .facilitated = 2.0, .before = 2.0},
      {.title_html = "Coalitions", .self = 1.0, .before = 1.75},
      {.title_html = "Law", .self = 4.0, .before = 3.96},
      {.title_html = "Goals", .facilitated = 3.0},
  };
  return capacity;
}

TEST(CapacityPicture, TheTableSaysWhatThePictureShows) {
  const std::string html = CapacitySection(Sample(), "en");
  EXPECT_THAT(
      html,
      AllOf(HasSubstr("<th scope=\"row\">Donors</th><td class=\"n\">2.5</td><td class=\"n\">2.0"
                      "</td><td class=\"n\">+0.5</td>"),
            HasSubstr(">Coalitions</th><td class=\"n\">1.0</td><td class=\"n\">–</td><td "
                      "class=\"n\">−0.8</td>"),
            HasSubstr(">Law</th><td class=\"n\">4.0</td><td class=\"n\">–</td><td "
                      "class=\"n\">0.0</td>"),
            HasSubstr(">Goals</th><td class=\"n\">–</td><td class=\"n\">3.0</td><td "
                      "class=\"n\">–</td>"),
            HasSubstr(
                "<br>Self-assessment: 2026<br>Change since the self-assessment: 2025</caption>")));
  EXPECT_THAT(CapacitySection(Sample(), "bg"), HasSubstr("<td class=\"n\">+0,5</td>"));
}

TEST(CapacityPicture, LevelsStandWhereTheyAreOnTheAxis) {
  const std::string html = CapacitySection(Sample(), "en");
  EXPECT_THAT(html, HasSubstr("d=\"M14.0 14H306.0\""));
  EXPECT_THAT(html, HasSubstr("class=\"self\" r=\"9\" cy=\"14\" cx=\"160.0\""));
  EXPECT_THAT(html, HasSubstr("class=\"together\" r=\"4\" cy=\"14\" cx=\"111.3\""));
  EXPECT_THAT(html, HasSubstr("class=\"change\" d=\"M111.3 14H160.0\""));
  EXPECT_THAT(html, Not(HasSubstr("style=")));  // which the policy of the pages would not apply
}

TEST(CapacityPicture, WithoutAnAssessmentThereIsNone) {
  EXPECT_EQ(CapacitySection({.framework_html = "Academy"}, "en"), "");
}

}  // namespace
}  // namespace mostove::dashboard
