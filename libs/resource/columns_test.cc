#include "libs/resource/columns.h"

#include <stdexcept>
#include <string>
#include <thread>

#include "google/protobuf/text_format.h"
#include "libs/resource/visibility.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace tv1 = ::mostove::testing::v1;

const ColumnInfo& Column(const char* path) {
  const ColumnInfo* const column = TypeOf(tv1::Shelf::descriptor())->FindColumn(path);
  if (column == nullptr) throw std::invalid_argument(path);
  return *column;
}

tv1::Shelf Shelf(const char* text) {
  tv1::Shelf shelf;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &shelf)) << text;
  return shelf;
}

struct Case {
  const char* path;
  const char* shelf;
  sql::Value value;
};

TEST(ColumnsTest, HaveTheValueThatTheirKindAsksFor) {
  const Case cases[] = {
      {"title", R"pb(title: "Poetry")pb", std::string("Poetry")},
      {"title", "", std::string()},
      {"capacity", "capacity: -3", int64_t{-3}},
      {"capacity", "", int64_t{0}},
      {"floor", "floor: 0", int64_t{0}},
      {"floor", "", sql::Null{}},
      {"accessible", "accessible: true", int64_t{1}},
      {"material", "material: METAL", int64_t{2}},
      {"height_meters", "height_meters: 1.5", 1.5},
      {"opening_time", "opening_time { seconds: 2 nanos: 3999 }", int64_t{2000003}},
      {"opening_time", "opening_time { seconds: -1 nanos: 500000000 }", int64_t{-500000}},
      {"opening_time", "", sql::Null{}},
      {"loan_duration", "loan_duration { seconds: -1 nanos: -500000000 }", int64_t{-1500000}},
      {"built_date", "built_date { year: 1876 month: 4 day: 20 }", int64_t{18760420}},
      {"built_date", "built_date { year: 1876 }", int64_t{18760000}},
      {"built_date", "", sql::Null{}},
      {"location.room", R"pb(location { room: "A" })pb", std::string("A")},
      {"location.room", "location {}", std::string()},
      {"location.room", "", sql::Null{}},
      {"location.spot.row", "location { spot { row: 4 } }", int64_t{4}},
      {"location.spot.row", "location {}", sql::Null{}},
      {"keeper_title", R"pb(keeper_title: "Ana")pb", std::string("Ana")},
      {"keeper_title", "keeper_number: 5", sql::Null{}},
  };
  for (const Case& c : cases) {
    EXPECT_TRUE(ColumnValue(Column(c.path), Shelf(c.shelf)) == c.value) << c.path << " " << c.shelf;
  }
}

TEST(ColumnsTest, TimesOutOfEveryRangeDoNotOverflow) {
  const auto value = ColumnValue(Column("opening_time"),
                                 Shelf("opening_time { seconds: 9223372036854775807 nanos: -1 }"));
  EXPECT_TRUE(std::holds_alternative<int64_t>(value));
}

TEST(ColumnsTest, RepeatedOnesHaveEachValueOnce) {
  EXPECT_THAT(RepeatedColumnValues(Column("tags"), Shelf(R"pb(tags: [ "b", "a", "b" ])pb")),
              ElementsAre(sql::Value("b"), sql::Value("a")));
  EXPECT_THAT(RepeatedColumnValues(Column("trims"), Shelf("trims: [ WOOD, GLASS ]")),
              ElementsAre(sql::Value(int64_t{1}), sql::Value(int64_t{3})));
  EXPECT_THAT(RepeatedColumnValues(Column("identifiers.value"),
                                   Shelf(R"pb(identifiers { value: "1" }
                                              identifiers { value: "2" })pb")),
              ElementsAre(sql::Value("1"), sql::Value("2")));
  EXPECT_THAT(RepeatedColumnValues(Column("tags"), Shelf("")), IsEmpty());
}

TEST(ColumnsTest, RepeatedOnesHaveAtMostAsManyValuesAsTheirLimit) {
  tv1::Shelf shelf;
  for (int i = 0; i < 500; ++i) {
    shelf.add_tags(std::to_string(i));
    shelf.add_years(i);
  }
  EXPECT_EQ(RepeatedColumnValues(Column("tags"), shelf).size(), 10u);
  EXPECT_EQ(RepeatedColumnValues(Column("years"), shelf).size(), 100u);
}

std::string KeyOf(absl::string_view text) { return std::get<sql::Blob>(SortKey(text)).bytes; }

TEST(ColumnsTest, SortKeysOrderAsPeopleRead) {
  const char* const sorted[] = {"",  "10",    "a",      "A",    "ab",   "Äbc",
                                "b", "Zebra", "Азбука", "азот", "Бряг", "її"};
  for (size_t i = 1; i < std::size(sorted); ++i) {
    EXPECT_LT(KeyOf(sorted[i - 1]), KeyOf(sorted[i])) << sorted[i - 1] << " < " << sorted[i];
  }
  EXPECT_LT(KeyOf(std::string(3000, 'x')).size(), 512u);
}

TEST(ColumnsTest, SortKeysAreTheSameOnEveryThread) {
  const std::string expected = KeyOf("Читалище „Надежда“");
  std::vector<std::thread> threads;
  std::vector<std::string> keys(4);
  for (std::string& key : keys) {
    threads.emplace_back([&key] {
      for (int i = 0; i < 100; ++i) key = KeyOf("Читалище „Надежда“");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(keys, ::testing::Each(expected));
}

}  // namespace
}  // namespace mostove::resource
