#include "libs/html/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mostove::html {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Html, TextCannotBecomeMarkupNorLeaveItsAttribute) {
  EXPECT_EQ(Escape("<a href='x'>\"&amp;\"</a> Помощ"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;&quot;&lt;/a&gt; Помощ");
  const std::string field =
      Field({.name = "q", .label = "<b>", .value = "\"><script>", .hint = "<i>", .max_length = 9});
  for (const char* markup : {"<b>", "<script>", "<i>"}) EXPECT_THAT(field, Not(HasSubstr(markup)));
  EXPECT_THAT(Hidden("to", "\"><x>"), Not(HasSubstr("<x>")));
  EXPECT_THAT(Alert("<x>"), HasSubstr("role=\"alert\"><p>&lt;x&gt;"));
}

TEST(Html, AFieldIsNamedByItsLabelAndDescribedByItsHint) {
  const std::string field = Field({.name = "token",
                                   .label = "Code",
                                   .hint = "From the invitation",
                                   .max_length = 200,
                                   .focused = true,
                                   .wrong = true});
  EXPECT_THAT(field, HasSubstr("<label for=\"token\">Code</label>\n<input id=\"token\""));
  EXPECT_THAT(field, HasSubstr("aria-describedby=\"token-hint\""));
  EXPECT_THAT(field, HasSubstr("id=\"token-hint\">From the invitation</p>"));
  EXPECT_THAT(field, HasSubstr("aria-invalid=\"true\" autofocus>"));
}

}  // namespace
}  // namespace mostove::html
