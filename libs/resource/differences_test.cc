#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "libs/resource/visibility.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

namespace tv1 = ::mostove::testing::v1;

tv1::Shelf Shelf(const char* text) {
  tv1::Shelf shelf;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &shelf)) << text;
  return shelf;
}

std::vector<std::string> Paths(const std::vector<FieldDifference>& differences) {
  std::vector<std::string> paths;
  for (const FieldDifference& difference : differences) {
    paths.push_back(absl::StrJoin(difference.path, ".", [](std::string* out, const auto* field) {
      out->append(field->name());
    }));
  }
  return paths;
}

struct Case {
  const char* before;
  const char* after;
  std::vector<std::string> paths;
};

TEST(DifferencesTest, GoDownToTheLeavesThatDiffer) {
  const Case cases[] = {
      {"", "", {}},
      {"title: 'a' capacity: 1", "title: 'b' capacity: 1", {"title"}},
      {"", "floor: 0", {"floor"}},
      {"location { room: 'a' }",
       "location { room: 'b' spot { row: 1 } }",
       {"location.room", "location.spot.row"}},
      {"", "location { room: 'b' }", {"location.room"}},
      {"location { room: 'b' }", "", {"location.room"}},
      {"", "location {}", {"location"}},
      {"", "location { spot {} }", {"location.spot"}},
      {"tags: 'a'", "tags: 'a' tags: 'b'", {"tags"}},
      {"bindings { title: 'a' }", "bindings { title: 'b' }", {"bindings"}},
      {"labels { key: 'a' value: '1' } labels { key: 'b' value: '2' }",
       "labels { key: 'b' value: '2' } labels { key: 'a' value: '1' }",
       {}},
      {"labels { key: 'a' value: '1' }", "labels { key: 'a' value: '2' }", {"labels"}},
      {"built_date { year: 1 }", "built_date { year: 2 }", {"built_date"}},
      {"opening_time { seconds: 1 }", "", {"opening_time"}},
      {"keeper_title: 'a'", "keeper_number: 1", {"keeper_title", "keeper_number"}},
      {"name: 'a' etag: 'a' create_time {} update_time {} book_count: 1",
       "name: 'b' etag: 'b'",
       {}},
      {"", "delete_time { seconds: 1 }", {"delete_time"}},
      {"binding { stamp: 'a' }", "binding { stamp: 'b' }", {"binding.stamp"}},
  };
  const Type& type = *TypeOf(tv1::Shelf::descriptor());
  for (const Case& c : cases) {
    EXPECT_EQ(Paths(Differences(type, Shelf(c.before), Shelf(c.after))), c.paths)
        << c.before << " -> " << c.after;
  }
}

}  // namespace
}  // namespace mostove::resource
