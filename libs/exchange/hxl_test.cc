#include "libs/exchange/hxl.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mostove::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(HxlTagTest, TagsAndAttributesAreParsed) {
  struct Case {
    const char* cell;
    const char* tag;  // "" for none
  };
  for (const Case& c :
       {Case{"#org", "#org"}, Case{" #ORG +Name + en ", "#org+name+en"},
        Case{"#sector/en", "#sector+en"}, Case{"#adm1+code+v_pcode", "#adm1+code+v_pcode"},
        Case{"org", ""}, Case{"", ""}, Case{"#", ""}, Case{"#1", ""}, Case{"#org name", ""},
        Case{"#org+", ""}, Case{"#org++en", ""}}) {
    const auto tag = ParseHxlTag(c.cell);
    EXPECT_EQ(tag ? tag->ToString() : "", c.tag) << c.cell;
  }
}

std::optional<HxlLayout> Layout(const char* text) {
  const auto table = ReadCsv(text, ',');
  EXPECT_TRUE(table.ok()) << table.status();
  return FindHxlLayout(*table);
}

TEST(HxlLayoutTest, HashtagRowIsFoundUnderHeadersOrWithoutThem) {
  const auto bare = Layout("#org,#adm1\nA,B\n");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->first_data_row, 1u);
  EXPECT_THAT(bare->headers, ElementsAre("", ""));

  const auto third = Layout("Junk,Junk,Junk\nOrg,Note,Area\n#org,,#adm1\nA,x,B\n");
  ASSERT_TRUE(third);
  EXPECT_EQ(third->first_data_row, 3u);
  EXPECT_THAT(third->headers, ElementsAre("Org", "Note", "Area"));
  EXPECT_FALSE(third->columns[1]);
  EXPECT_EQ(third->columns[2]->tag, "#adm1");
}

TEST(HxlLayoutTest, RowWithOtherTextIsNoHashtagRow) {
  EXPECT_FALSE(Layout("No.,#org\n1,A\n"));
  EXPECT_FALSE(Layout("a,b\n,sector+es\n"));
  EXPECT_FALSE(Layout("#1,#2\n"));
  EXPECT_FALSE(Layout(""));
}

TEST(HxlLayoutTest, HashtagRowIsSoughtInTheFirst25Rows) {
  std::string text;
  for (int i = 0; i < 24; ++i) text += "title,x\n";
  EXPECT_TRUE(Layout((text + "#org,#adm1\n").c_str()));
  EXPECT_FALSE(Layout((text + "title,x\n#org,#adm1\n").c_str()));
}

TEST(HxlLayoutTest, OldTagsAreReadWithANote) {
  const auto layout = Layout("#org,#lat_deg,#period_date,#org id\n");
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->columns[1]->ToString(), "#geo+lat");
  EXPECT_EQ(layout->columns[2]->ToString(), "#date");
  EXPECT_FALSE(layout->columns[3]);
  EXPECT_THAT(layout->notes, ElementsAre(HasSubstr("read as #geo+lat"), HasSubstr("read as #date"),
                                         HasSubstr("'#org id' is no hashtag")));
}

}  // namespace
}  // namespace mostove::exchange
