#include "libs/resource/validate.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"
#include "mostove/testing/v1/shelves_service.pb.h"

namespace mostove::resource {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
namespace tv1 = ::mostove::testing::v1;

tv1::Shelf Shelf(const std::string& text) {
  tv1::Shelf shelf;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &shelf)) << text;
  if (shelf.title().empty()) shelf.set_title("Poetry");
  return shelf;
}

// "field: REASON" of every violation.
std::vector<std::string> Faults(const google::protobuf::Message& message,
                                const ValidateOptions& options = {}) {
  status::Violations violations;
  Validate(message, options, "", violations);
  std::vector<std::string> faults;
  for (const auto& violation : violations.all()) {
    faults.push_back(violation.field + ": " + violation.reason);
  }
  return faults;
}

std::string TextOf(const google::protobuf::Message& message) {
  status::Violations violations;
  Validate(message, {}, "shelf", violations);
  return violations.empty() ? "" : violations.all()[0].description;
}

struct Case {
  const char* shelf;
  const char* fault;  // "" where nothing is wrong
};

TEST(ValidateTest, ChecksEveryKindOfValue) {
  const Case cases[] = {
      {"", ""},
      {R"pb(code: "PO-12")pb", ""},
      {R"pb(code: "po-12")pb", "code: PATTERN"},
      {R"pb(code: "PO-12\n")pb", "code: PATTERN"},
      {R"pb(code: "PO-12345678901234567890")pb", "code: TOO_LONG"},
      {R"pb(title: "a\0b")pb", "title: NUL"},
      {"capacity: 1000", ""},
      {"capacity: -1", "capacity: TOO_SMALL"},
      {"capacity: 1001", "capacity: TOO_LARGE"},
      {"height_meters: 9.5", ""},
      {"height_meters: 9.51", "height_meters: TOO_LARGE"},
      {"height_meters: nan", "height_meters: NOT_FINITE"},
      {"scalars { float_value: inf }", "scalars.float_value: NOT_FINITE"},
      {"repeated_scalars { double_values: [ 1, -inf ] }",
       "repeated_scalars.double_values[1]: NOT_FINITE"},
      {R"pb(maps { uint64_doubles { key: 7 value: nan } })pb", "maps.uint64_doubles.7: NOT_FINITE"},
      {"opening_time { seconds: 253402300799 nanos: 999999999 }", ""},
      {"opening_time { seconds: 253402300800 }", "opening_time: TIMESTAMP"},
      {"opening_time { seconds: -62135596800 }", ""},
      {"opening_time { seconds: -62135596801 }", "opening_time: TIMESTAMP"},
      {"opening_time { nanos: -1 }", "opening_time: TIMESTAMP"},
      {"opening_time { nanos: 1000000000 }", "opening_time: TIMESTAMP"},
      {"loan_duration { seconds: 315576000000 }", ""},
      {"loan_duration { seconds: 315576000001 }", "loan_duration: DURATION"},
      {"loan_duration { seconds: 1 nanos: -1 }", "loan_duration: DURATION"},
      {"built_date { year: 2024 month: 2 day: 29 }", ""},
      {"built_date { year: 2023 month: 2 day: 29 }", "built_date: DATE"},
      {"built_date { year: 2023 month: 2 }", ""},
      {"built_date { year: 2023 }", ""},
      {"built_date { year: 2023 day: 1 }", "built_date: DATE"},
      {"built_date { year: 2023 month: 13 }", "built_date: DATE"},
      {"built_date { year: 2023 month: 1 day: 257 }", "built_date: DATE"},
      {"built_date { year: 10000 }", "built_date: DATE"},
      {"built_date { month: 2 day: 3 }", "built_date: DATE"},
      {"built_date {}", "built_date: DATE"},
      {"opening_time { seconds: 5 } closing_time { seconds: 5 nanos: 1 }", ""},
      {"opening_time { seconds: 5 } closing_time { seconds: 5 }", "closing_time: END_BEFORE_START"},
      {"opening_time { seconds: 5 } closing_time { seconds: 4 nanos: 9 }",
       "closing_time: END_BEFORE_START"},
      {"closing_time { seconds: 5 }", ""},
      {"opening_time { nanos: -1 } closing_time { seconds: -5 }", "opening_time: TIMESTAMP"},
      {"removal_date { year: 2024 }", ""},
      {"built_date { year: 2024 } removal_date { year: 2024 }", ""},
      {"built_date { year: 2024 month: 5 } removal_date { year: 2024 }", ""},
      {"built_date { year: 2024 month: 5 day: 2 } removal_date { year: 2024 month: 5 }", ""},
      {"built_date { year: 2024 month: 5 day: 2 } removal_date { year: 2024 month: 5 day: 2 }", ""},
      {"built_date { year: 2024 month: 5 day: 2 } removal_date { year: 2024 month: 5 day: 1 }",
       "removal_date: END_BEFORE_START"},
      {"built_date { year: 2024 } removal_date { year: 2023 month: 12 }",
       "removal_date: END_BEFORE_START"},
      {"built_date { year: 2024 month: 5 } removal_date { year: 2024 month: 4 }",
       "removal_date: END_BEFORE_START"},
      {"built_date { year: 2024 month: 13 } removal_date { year: 2020 }", "built_date: DATE"},
      {"place { point { latitude: 90 longitude: -180 } }", ""},
      {"place { point { latitude: 90.1 } }", "place.point: LATLNG"},
      {R"pb(tags: [ "a", "b" ])pb", ""},
      {R"pb(tags: [ "a", "b", "a" ])pb", "tags[2]: DUPLICATE"},
      {R"pb(tags: [ "a", "B" ])pb", "tags[1]: PATTERN"},
      {R"pb(tags: [ "a", "" ])pb", "tags[1]: PATTERN"},
      {"bindings { title: 'a' }", "bindings: TOO_FEW"},
      {"bindings { title: 'a' } bindings {}", "bindings[1].title: REQUIRED"},
      {"binding { title: 'a' inner {} }", "binding.inner.title: REQUIRED"},
      {"rooms { key: 'left' value { spot { row: 1 } } }", ""},
      {R"pb(labels { key: "x" value: "a\0" })pb", "labels.x: NUL"},
      {R"pb(labels { key: "x y`" value: "a\0" })pb", "labels.`x y```: NUL"},
      {R"pb(labels { key: "\0" value: "a" })pb", "labels: NUL"},
      {R"pb(identifiers { scheme: "BG-EIK" })pb", "identifiers[0].value: REQUIRED"},
  };
  for (const Case& c : cases) {
    const auto faults = Faults(Shelf(c.shelf));
    if (*c.fault == '\0') {
      EXPECT_THAT(faults, IsEmpty()) << c.shelf;
    } else {
      EXPECT_THAT(faults, ::testing::ElementsAre(c.fault)) << c.shelf;
    }
  }
}

TEST(ValidateTest, RefusesEnumNumbersWithoutAName) {
  tv1::Shelf shelf = Shelf("");
  shelf.set_state(static_cast<tv1::State>(99));
  shelf.add_trims(static_cast<tv1::Shelf::Material>(-1));
  (*shelf.mutable_maps()->mutable_string_states())["a"] = static_cast<tv1::State>(77);
  EXPECT_THAT(Faults(shelf),
              UnorderedElementsAre("state: ENUM", "trims[0]: ENUM", "maps.string_states.a: ENUM"));
}

TEST(ValidateTest, RefusesTextThatIsNotUtf8EvenAsAKey) {
  tv1::Shelf shelf = Shelf("");
  shelf.set_owner_note("\xff");
  (*shelf.mutable_labels())["\xc3"] = "a";
  EXPECT_THAT(Faults(shelf), UnorderedElementsAre("owner_note: UTF8", "labels: UTF8"));
}

TEST(ValidateTest, CountsCodePointsAndNotBytes) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "ж";
  tv1::Shelf shelf = Shelf("");
  shelf.set_title(text);
  EXPECT_THAT(Faults(shelf), IsEmpty());
  shelf.set_title(text + "ж");
  EXPECT_THAT(Faults(shelf), ::testing::ElementsAre("title: TOO_LONG"));
  EXPECT_EQ(TextOf(shelf), "has to be at most 300 characters, has 301");
}

TEST(ValidateTest, EveryTextBytesAndListHasALimitWithoutAnnotation) {
  tv1::Shelf shelf = Shelf("");
  shelf.set_plain_note(std::string(1000, 'x'));
  shelf.mutable_scalars()->set_bytes_value(std::string(1 << 20, 'x'));
  for (int i = 0; i < 100; ++i) {
    shelf.add_years(i);
    (*shelf.mutable_maps()->mutable_int32_strings())[i] = "x";
  }
  EXPECT_THAT(Faults(shelf), IsEmpty());
  shelf.mutable_plain_note()->push_back('x');
  shelf.mutable_scalars()->mutable_bytes_value()->push_back('x');
  shelf.add_years(100);
  (*shelf.mutable_maps()->mutable_int32_strings())[100] = "x";
  EXPECT_THAT(Faults(shelf),
              UnorderedElementsAre("plain_note: TOO_LONG", "scalars.bytes_value: TOO_LONG",
                                   "years: TOO_MANY", "maps.int32_strings: TOO_MANY"));
}

TEST(ValidateTest, ReportsEverythingThatIsWrongAtOnceByItsPath) {
  tv1::CreateShelfRequest request;
  request.mutable_shelf()->set_capacity(-1);
  request.mutable_shelf()->add_contacts()->set_email("none");
  EXPECT_THAT(Faults(request),
              UnorderedElementsAre("parent: REQUIRED", "shelf.title: REQUIRED",
                                   "shelf.capacity: TOO_SMALL", "shelf.contacts[0].title: REQUIRED",
                                   "shelf.contacts[0].email: PATTERN"));
  EXPECT_THAT(Faults(tv1::BatchGetShelvesRequest()),
              UnorderedElementsAre("parent: REQUIRED", "names: REQUIRED"));
}

TEST(ValidateTest, TheResourceOfAnUpdateIsLeftToTheStore) {
  tv1::CreateShelfRequest request;
  request.mutable_shelf()->set_capacity(-1);
  EXPECT_THAT(Faults(request, {.skip_resources = true}),
              ::testing::ElementsAre("parent: REQUIRED"));
}

TEST(ValidateTest, TextsSayWhatWouldBeRightAndNeverTheWrongValue) {
  EXPECT_EQ(TextOf(Shelf(R"pb(code: "secret")pb")),
            "has to be two capital letters, a hyphen and a number such as PO-12");
  EXPECT_EQ(TextOf(Shelf("capacity: 123456")), "has to be 1000 or less");
  for (const char* text : {R"pb(code: "secret")pb", R"pb(tags: "Secret")pb", "capacity: 123456",
                           R"pb(contacts { title: "x" email: "secret" })pb"}) {
    EXPECT_THAT(TextOf(Shelf(text)), Not(HasSubstr("ecret"))) << text;
    EXPECT_THAT(TextOf(Shelf(text)), Not(HasSubstr("123456"))) << text;
  }
}

TEST(ValidateTest, RunsTheChecksOfATypeWhereverItStands) {
  TypeChecks checks;
  checks["mostove.testing.v1.Location"] = [](const google::protobuf::Message& message,
                                             absl::string_view path,
                                             status::Violations& violations) {
    if (dynamic_cast<const tv1::Location&>(message).room().empty()) {
      violations.Add(absl::StrCat(path, ".room"), "EMPTY", "has to be given");
    }
  };
  const ValidateOptions options{.checks = &checks};
  EXPECT_THAT(
      Faults(
          Shelf("location {} rooms { key: 'a' value {} } rooms { key: 'b' value { room: 'x' } }"),
          options),
      UnorderedElementsAre("location.room: EMPTY", "rooms.a.room: EMPTY"));
}

TEST(ValidateTest, BoundsTheWorkOnAListThatIsFarTooLong) {
  tv1::Shelf shelf = Shelf("");
  for (int i = 0; i < 200000; ++i) shelf.add_tags("NOT GOOD");
  EXPECT_THAT(Faults(shelf), ::testing::ElementsAre("tags: TOO_MANY"));
}

}  // namespace
}  // namespace mostove::resource
