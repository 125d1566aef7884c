#include "libs/resource/mask.h"

#include <random>

#include "google/protobuf/text_format.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace tv1 = ::mostove::testing::v1;

tv1::Shelf Shelf(const std::string& text) {
  tv1::Shelf shelf;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &shelf)) << text;
  return shelf;
}

google::protobuf::FieldMask Paths(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

struct Applied {
  tv1::Shelf target;
  std::vector<std::string> faults;  // "field: REASON"
};

Applied Apply(const std::vector<std::string>& paths, const std::string& patch_text,
              const std::string& target_text) {
  const tv1::Shelf patch = Shelf(patch_text);
  Applied applied{.target = Shelf(target_text)};
  status::Violations violations;
  const Mask mask = Mask::Build(Paths(paths), "update_mask", patch, violations);
  mask.Apply(patch, applied.target, "shelf", violations);
  for (const auto& violation : violations.all()) {
    applied.faults.push_back(violation.field + ": " + violation.reason);
  }
  return applied;
}

struct Case {
  std::vector<std::string> paths;
  const char* patch;
  const char* target;
  const char* result;
};

TEST(MaskTest, CopiesWhatItNamesAndNothingElse) {
  const Case cases[] = {
      {{"title"}, "title: 'a' capacity: 1", "title: 'b' floor: 2", "title: 'a' floor: 2"},
      {{"title"}, "capacity: 1", "title: 'b' floor: 2", "floor: 2"},
      {{"built_date"}, "built_date { year: 2 }", "", "built_date { year: 2 }"},
      {{"builtDate"}, "built_date { year: 2 }", "", "built_date { year: 2 }"},
      {{"location.room"},
       "location { room: 'a' spot { row: 1 } }",
       "location { room: 'b' spot { row: 2 } }",
       "location { room: 'a' spot { row: 2 } }"},
      {{"location.spot.row"}, "location { spot { row: 1 } }", "", "location { spot { row: 1 } }"},
      // What comes into being only to be empty stays unset.
      {{"location.spot.row"}, "", "", ""},
      {{"location.spot.row"}, "location { room: 'a' }", "", ""},
      {{"location.room"}, "", "location { room: 'b' }", "location {}"},
      {{"location"}, "location {}", "", "location {}"},
      {{"location"}, "", "location { room: 'b' }", ""},
      {{"tags"}, "tags: ['a']", "tags: ['b', 'c']", "tags: ['a']"},
      {{"tags"}, "", "tags: ['b', 'c']", ""},
      // Map values by key.
      {{"labels.x"},
       "labels { key: 'x' value: '1' } labels { key: 'y' value: '1' }",
       "labels { key: 'z' value: '2' }",
       "labels { key: 'x' value: '1' } labels { key: 'z' value: '2' }"},
      {{"labels.x"},
       "labels { key: 'x' value: '1' }",
       "labels { key: 'x' value: '2' }",
       "labels { key: 'x' value: '1' }"},
      {{"labels.x"},
       "",
       "labels { key: 'x' value: '2' } labels { key: 'z' value: '2' }",
       "labels { key: 'z' value: '2' }"},
      {{"labels.`a.b``c`"},
       "labels { key: 'a.b`c' value: '1' }",
       "",
       "labels { key: 'a.b`c' value: '1' }"},
      {{"description.texts.bg"},
       "description { texts { key: 'bg' value: '1' } }",
       "description { source_language: 'en' }",
       "description { source_language: 'en' texts { key: 'bg' value: '1' } }"},
      {{"rooms.a.room"},
       "rooms { key: 'a' value { room: '1' } }",
       "rooms { key: 'a' value { spot { row: 2 } } }",
       "rooms { key: 'a' value { room: '1' spot { row: 2 } } }"},
      {{"rooms.a.room"},
       "rooms { key: 'a' value { room: '1' } }",
       "",
       "rooms { key: 'a' value { room: '1' } }"},
      {{"rooms.a.room"}, "", "", ""},
      {{"rooms.a"}, "rooms { key: 'a' value {} }", "", "rooms { key: 'a' value {} }"},
      {{"maps.int32_strings.-7"},
       "maps { int32_strings { key: -7 value: 'a' } }",
       "",
       "maps { int32_strings { key: -7 value: 'a' } }"},
      {{"maps.bool_strings.true"},
       "maps { bool_strings { key: true value: 'a' } }",
       "maps { bool_strings { key: true value: 'b' } bool_strings { key: false value: 'c' } }",
       "maps { bool_strings { key: true value: 'a' } bool_strings { key: false value: 'c' } }"},
      // Members of a oneof.
      {{"keeper_title"}, "keeper_number: 3", "keeper_title: 'a'", ""},
      {{"keeper_title"}, "keeper_number: 3", "keeper_number: 4", "keeper_number: 4"},
      {{"keeper_title"}, "keeper_title: 'b'", "keeper_number: 4", "keeper_title: 'b'"},
      {{"keeper_title", "keeper_number"},
       "keeper_number: 3",
       "keeper_title: 'a'",
       "keeper_number: 3"},
      {{"keeper_contact.title", "keeper_title"}, "keeper_title: 'b'", "", "keeper_title: 'b'"},
      // One path above another.
      {{"location", "location.room"},
       "location { room: 'a' }",
       "location { room: 'b' }",
       "location { room: 'a' }"},
      {{"location.room", "location", "location"},
       "location { room: 'a' }",
       "location { room: 'b' }",
       "location { room: 'a' }"},
      {{"labels.x", "labels"},
       "labels { key: 'y' value: '1' }",
       "labels { key: 'x' value: '2' }",
       "labels { key: 'y' value: '1' }"},
      // An empty mask is what is set; "*" everything.
      {{},
       "title: 'a' labels { key: 'y' value: '1' }",
       "title: 'b' capacity: 3",
       "title: 'a' labels { key: 'y' value: '1' } capacity: 3"},
      {{"*"}, "title: 'a'", "title: 'b' capacity: 3", "title: 'a'"},
      // What the system sets stays.
      {{},
       "name: 'x' create_time { seconds: 1 } book_count: 5",
       "name: 'y' book_count: 4",
       "name: 'y' book_count: 4"},
      {{"*"},
       "name: 'x' book_count: 5",
       "name: 'y' create_time { seconds: 1 } book_count: 4",
       "name: 'y' create_time { seconds: 1 } book_count: 4"},
      {{"binding"},
       "binding { title: 'a' stamp: 'client' inner { stamp: 'client' } }",
       "binding { title: 'b' stamp: 'system' }",
       "binding { title: 'a' stamp: 'system' inner {} }"},
      {{"binding"}, "binding { title: 'a' stamp: 'client' }", "", "binding { title: 'a' }"},
      {{"bindings"},
       "bindings { title: 'b' } bindings { title: 'a' stamp: 'client' } bindings { title: 'n' "
       "stamp: 'client' }",
       "bindings { title: 'a' stamp: '1' } bindings { title: 'b' stamp: '2' }",
       "bindings { title: 'b' stamp: '2' } bindings { title: 'a' stamp: '1' } bindings { title: "
       "'n' }"},
  };
  for (const Case& c : cases) {
    const Applied applied = Apply(c.paths, c.patch, c.target);
    EXPECT_THAT(applied.faults, IsEmpty()) << c.patch;
    EXPECT_THAT(applied.target, EqualsProto(std::string(c.result)))
        << ::testing::PrintToString(c.paths) << " of " << c.patch << " onto " << c.target;
  }
}

TEST(MaskTest, RefusesWhatIsNoPath) {
  for (const char* path : {"",
                           ".",
                           "title.",
                           ".title",
                           "none",
                           "Title",
                           "title.x",
                           "title..x",
                           "tags.0",
                           "tags.x",
                           "identifiers.value",
                           "name",
                           "create_time",
                           "createTime.seconds",
                           "book_count",
                           "bookCount",
                           "binding.stamp",
                           "labels.x.y",
                           "labels.`x",
                           "labels.``x``y",
                           "labels.a b",
                           "maps.int32_strings.x",
                           "maps.int32_strings.007",
                           "maps.bool_strings.1",
                           "location.none",
                           "rooms.a.none",
                           "rooms..room",
                           "description.source_hashes",
                           "title title",
                           "location.*"}) {
    EXPECT_THAT(Apply({path}, "title: 'a'", "").faults, ElementsAre("update_mask: MASK")) << path;
  }
  EXPECT_THAT(Apply({"*", "title"}, "", "").faults, ElementsAre("update_mask: MASK"));
  EXPECT_THAT(Apply({"none", "neither"}, "", "").faults,
              ElementsAre("update_mask: MASK", "update_mask: MASK"));
}

TEST(MaskTest, ImmutableFieldsMayBeNamedButNotChanged) {
  const std::string one = "code: 'PO-1' binding { maker: 'x' }";
  for (const auto& paths :
       std::vector<std::vector<std::string>>{{}, {"*"}, {"code"}, {"binding"}, {"binding.maker"}}) {
    const Applied applied = Apply(paths, one, one);
    EXPECT_THAT(applied.faults, IsEmpty());
    EXPECT_THAT(applied.target, EqualsProto(one));
  }
  EXPECT_THAT(Apply({"code"}, "code: 'PO-2'", one).faults, ElementsAre("shelf.code: IMMUTABLE"));
  EXPECT_THAT(Apply({"code"}, "", one).faults, ElementsAre("shelf.code: IMMUTABLE"));
  EXPECT_THAT(Apply({}, "code: 'PO-2'", "").faults, ElementsAre("shelf.code: IMMUTABLE"));
  EXPECT_THAT(Apply({"binding"}, "binding { maker: 'y' }", one).faults,
              ElementsAre("shelf.binding.maker: IMMUTABLE"));
  EXPECT_THAT(Apply({"binding.maker"}, "binding { maker: 'y' }", one).faults,
              ElementsAre("shelf.binding.maker: IMMUTABLE"));
  EXPECT_THAT(Apply({"binding"}, "binding { maker: 'y' }", "").faults, IsEmpty());
  EXPECT_THAT(Apply({"binding.maker"}, "binding { maker: 'y' }", "").faults, IsEmpty());
  const Applied refused = Apply({"code"}, "code: 'PO-2'", one);
  EXPECT_THAT(refused.target, EqualsProto(one));
}

TEST(MaskTest, KnowsWhatItTouches) {
  const tv1::Shelf patch;
  status::Violations violations;
  const Mask mask =
      Mask::Build(Paths({"title", "location.spot", "labels.x"}), "m", patch, violations);
  for (const char* path :
       {"title", "location", "location.spot", "location.spot.row", "labels", "labels.x"}) {
    EXPECT_TRUE(mask.Touches(path)) << path;
  }
  for (const char* path : {"capacity", "location.room", "labels.y", "titles", "", "tit"}) {
    EXPECT_FALSE(mask.Touches(path)) << path;
  }
}

// Some shelf without fields of the system and without immutable ones.
tv1::Shelf Random(std::mt19937& random) {
  const auto flip = [&random] { return random() % 2 == 0; };
  const auto word = [&random] { return std::string(1 + random() % 3, 'a' + random() % 3); };
  tv1::Shelf shelf;
  if (flip()) shelf.set_title(word());
  if (flip()) shelf.set_floor(random() % 3);
  if (flip()) shelf.mutable_location()->set_room(word());
  if (flip()) shelf.mutable_location()->mutable_spot();
  if (flip()) shelf.add_tags(word());
  if (flip()) (*shelf.mutable_labels())[word()] = word();
  if (flip()) (*shelf.mutable_rooms())[word()].set_room(word());
  if (flip()) shelf.mutable_binding()->set_title(word());
  if (flip()) shelf.mutable_binding()->mutable_inner()->set_title(word());
  if (flip()) shelf.add_bindings()->set_title(word());
  if (flip()) (*shelf.mutable_description()->mutable_texts())[word()] = word();
  if (flip()) {
    shelf.set_keeper_number(random() % 2);
  } else if (flip()) {
    shelf.set_keeper_title(word());
  }
  if (flip()) shelf.mutable_tree()->add_children()->set_label(word());
  return shelf;
}

TEST(MaskTest, EverythingMakesTheTargetEqualToThePatchButForTheSystemsFields) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const tv1::Shelf patch = Random(random);
    tv1::Shelf target = Random(random);
    target.set_name("organizations/a/shelves/b");
    target.set_book_count(7);
    status::Violations violations;
    const Mask mask = Mask::Build(Paths({"*"}), "update_mask", patch, violations);
    mask.Apply(patch, target, "shelf", violations);
    ASSERT_TRUE(violations.empty());
    tv1::Shelf expected = patch;
    expected.set_name("organizations/a/shelves/b");
    expected.set_book_count(7);
    ASSERT_THAT(target, EqualsProto(expected)) << i;
  }
}

TEST(MaskTest, ToApplyTwiceIsToApplyOnce) {
  const std::vector<std::string> all = {
      "title",         "floor",        "location",     "location.room",
      "location.spot", "tags",         "labels",       "labels.a",
      "labels.bb",     "rooms.a",      "rooms.b.room", "binding",
      "binding.inner", "bindings",     "description",  "description.texts.a",
      "keeper_number", "keeper_title", "tree",         "tree.children"};
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    const tv1::Shelf patch = Random(random);
    tv1::Shelf target = Random(random);
    std::vector<std::string> paths;
    for (const std::string& path : all) {
      if (random() % 4 == 0) paths.push_back(path);
    }
    status::Violations violations;
    const Mask mask = Mask::Build(Paths(paths), "update_mask", patch, violations);
    mask.Apply(patch, target, "shelf", violations);
    const tv1::Shelf once = target;
    mask.Apply(patch, target, "shelf", violations);
    ASSERT_TRUE(violations.empty());
    ASSERT_THAT(target, EqualsProto(once)) << ::testing::PrintToString(paths);
  }
}

TEST(MaskTest, CreateIgnoresWhatTheSystemSets) {
  tv1::Shelf shelf = Shelf(
      "name: 'x' etag: 'e' title: 'a' create_time {} book_count: 3 binding { title: 'b' stamp: 's' "
      "inner { stamp: 's' } } bindings { stamp: 's' } "
      "description { source_hashes { key: 'bg' value: 'x' } }");
  ClearOutputOnly(shelf);
  EXPECT_THAT(shelf, EqualsProto("etag: 'e' title: 'a' binding { title: 'b' inner {} } bindings {} "
                                 "description {}"));
}

}  // namespace
}  // namespace mostove::resource
