#include "libs/resource/order.h"

#include "libs/resource/visibility.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
namespace tv1 = ::mostove::testing::v1;

struct Case {
  const char* text;
  const char* path;  // "" is by name
  bool descending;
};

TEST(OrderTest, TakesOneSortableFieldAndADirection) {
  const Type& shelf = *TypeOf(tv1::Shelf::descriptor());
  const Case cases[] = {
      {"", "create_time", true},
      {"title", "title", false},
      {"title asc", "title", false},
      {"  title   desc ", "title", true},
      {"builtDate desc", "built_date", true},
      {"name", "", false},
      {"name desc", "", true},
      {"title,name", "title", false},
      {"title desc, name desc", "title", true},
  };
  for (const Case& c : cases) {
    const auto order = ParseOrder(shelf, c.text, "order_by");
    ASSERT_THAT(order, IsOk()) << c.text;
    EXPECT_EQ(order->column == nullptr ? "" : order->column->path, c.path) << c.text;
    EXPECT_EQ(order->descending, c.descending) << c.text;
  }
}

TEST(OrderTest, RefusesEverythingElseWithAListOfWhatThereIs) {
  const Type& shelf = *TypeOf(tv1::Shelf::descriptor());
  for (const char* text :
       {"code", "tags", "height", "title up", "title desc desc", ",", "title,", "title,code",
        "title desc,name", "name,title", "name,name", "title;name", "desc", "Title"}) {
    const auto order = ParseOrder(shelf, text, "order_by");
    EXPECT_THAT(order, HasViolation("order_by", "ORDER")) << text;
    EXPECT_THAT(std::string(order.status().message()), ::testing::HasSubstr("title, "));
  }
}

TEST(OrderTest, WithoutADefaultIsByName) {
  const auto order = ParseOrder(*TypeOf(tv1::Organization::descriptor()), "", "order_by");
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->column, nullptr);
  EXPECT_FALSE(order->descending);
}

}  // namespace
}  // namespace mostove::resource
