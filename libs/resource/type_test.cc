#include "libs/resource/type.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "libs/testing/matchers.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace tv1 = ::mostove::testing::v1;

std::unique_ptr<const Type> BuildType(const google::protobuf::Descriptor* descriptor) {
  auto type = Type::Build(descriptor);
  EXPECT_THAT(type, IsOk());
  return type.ok() ? *std::move(type) : nullptr;
}

TEST(TypeTest, EveryResourceOfTheProjectAndOfTheTestsIsSound) {
  for (const auto* descriptor :
       {organizations::v1::Organization::descriptor(), organizations::v1::Activity::descriptor(),
        tv1::Organization::descriptor(), tv1::Shelf::descriptor(), tv1::Book::descriptor(),
        tv1::Reader::descriptor(), tv1::Loan::descriptor()}) {
    EXPECT_THAT(Type::Build(descriptor), IsOk()) << descriptor->full_name();
  }
}

TEST(TypeTest, KnowsItsNames) {
  const auto shelf = BuildType(tv1::Shelf::descriptor());
  EXPECT_EQ(shelf->type(), "testing.mostove.bg/Shelf");
  EXPECT_EQ(shelf->singular(), "shelf");
  EXPECT_EQ(shelf->table(), "shelves");
  EXPECT_THAT(shelf->pattern(), ElementsAre("organizations", "", "shelves", ""));
  EXPECT_TRUE(shelf->has_parent());
  EXPECT_FALSE(BuildType(tv1::Loan::descriptor())->has_parent());
  EXPECT_EQ(BuildType(tv1::Reader::descriptor())->delete_time_field(), nullptr);
}

TEST(TypeTest, FindsColumnsByProtoAndJsonPath) {
  const auto shelf = BuildType(tv1::Shelf::descriptor());
  const ColumnInfo* const code = shelf->FindColumn("place.country_code");
  ASSERT_NE(code, nullptr);
  EXPECT_EQ(shelf->FindColumn("place.countryCode"), code);
  EXPECT_EQ(code->column, "place_country_code");
  EXPECT_TRUE(code->indexed);
  EXPECT_EQ(shelf->FindColumn("place"), nullptr);
  EXPECT_EQ(shelf->FindColumn("place.address"), nullptr);
  EXPECT_EQ(shelf->FindColumn(""), nullptr);
}

TEST(TypeTest, KnowsTheKindOfEachColumn) {
  const auto shelf = BuildType(tv1::Shelf::descriptor());
  const std::pair<const char*, ColumnKind> cases[] = {{"title", ColumnKind::kText},
                                                      {"capacity", ColumnKind::kInteger},
                                                      {"floor", ColumnKind::kInteger},
                                                      {"accessible", ColumnKind::kBool},
                                                      {"material", ColumnKind::kEnum},
                                                      {"height_meters", ColumnKind::kDouble},
                                                      {"opening_time", ColumnKind::kTimestamp},
                                                      {"loan_duration", ColumnKind::kDuration},
                                                      {"built_date", ColumnKind::kDate},
                                                      {"tags", ColumnKind::kText},
                                                      {"identifiers.value", ColumnKind::kText}};
  for (const auto& [path, kind] : cases) {
    ASSERT_NE(shelf->FindColumn(path), nullptr) << path;
    EXPECT_EQ(shelf->FindColumn(path)->kind, kind) << path;
  }
  EXPECT_TRUE(shelf->FindColumn("tags")->repeated);
  EXPECT_TRUE(shelf->FindColumn("identifiers.value")->repeated);
  EXPECT_FALSE(shelf->FindColumn("title")->repeated);
}

TEST(TypeTest, AColumnIsAsVisibleAsTheNarrowestFieldOfItsPath) {
  const auto shelf = BuildType(tv1::Shelf::descriptor());
  EXPECT_EQ(shelf->FindColumn("location.room")->visibility, v1::PUBLIC);
  EXPECT_EQ(shelf->FindColumn("location.key_number")->visibility, v1::OWNER);
  EXPECT_EQ(shelf->FindColumn("survey.score")->visibility, v1::OWNER);
  EXPECT_EQ(shelf->FindColumn("network_note")->visibility, v1::NETWORK);
  EXPECT_EQ(shelf->FindColumn("administrator_note")->visibility, v1::ADMINISTRATOR);
  EXPECT_EQ(shelf->FindColumn("plain_note")->visibility, v1::OWNER);
  const auto* const descriptor = tv1::Shelf::descriptor();
  EXPECT_EQ(shelf->FieldVisibility(descriptor->FindFieldByName("delete_time")), v1::OWNER);
  EXPECT_EQ(shelf->FieldVisibility(descriptor->FindFieldByName("title")), v1::PUBLIC);
}

// A sound resource; `fields`, `options` and `resource` are put in its place.
struct Fault {
  const char* what;
  const char* fields = "";
  const char* options = R"([mostove.resource.v1.resource] { owners: "name" })";
  const char* resource =
      R"(type: "x/Thing" pattern: "things/{thing}" singular: "thing" plural: "things")";
  const char* sentence = "";
};

constexpr char kName[] =
    R"(field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL })";

absl::Status StatusOfThing(const Fault& fault) {
  // The pool underneath knows the types that fields name.
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  google::protobuf::FileDescriptorProto file;
  const std::string text = absl::StrCat(
      R"(name: "fault.proto" package: "fault" syntax: "proto3"
         dependency: "google/protobuf/timestamp.proto" dependency: "google/type/date.proto"
         dependency: "mostove/common/v1/place.proto" dependency: "mostove/testing/v1/shelf.proto"
         message_type { name: "Thing" )",
      absl::StrContains(fault.fields, "name: \"name\"") ? "" : kName, fault.fields,
      " options { [google.api.resource] { ", fault.resource, " } ", fault.options, " } }");
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &file)) << text;
  const auto* const built = pool.BuildFile(file);
  if (built == nullptr) return absl::InternalError("the pool refuses the file");
  return Type::Build(built->message_type(0)).status();
}

#define FIELD(name, type, rest) "field { name: \"" name "\" number: 9 type: " type " " rest " }"
#define ONE "label: LABEL_OPTIONAL "
#define MANY "label: LABEL_REPEATED "
#define COLUMN(column) "options { [mostove.resource.v1.column] { " column " } }"
#define PLACE "type_name: \".mostove.common.v1.Place\" "

TEST(TypeTest, RefusesAnnotationsThatContradictEachOther) {
  ASSERT_THAT(StatusOfThing({"sound"}), IsOk());
  const Fault faults[] = {
      {.what = "no option", .options = "", .sentence = "lacks the option"},
      {.what = "name is a number",
       .fields = FIELD("name", "TYPE_INT32", ONE),
       .sentence = "has to have a field `string name`"},
      {.what = "type of another message",
       .resource =
           R"(type: "x/Other" pattern: "things/{thing}" singular: "thing" plural: "things")",
       .sentence = "has to be <service>/Thing"},
      {.what = "pattern of another collection",
       .resource =
           R"(type: "x/Thing" pattern: "objects/{thing}" singular: "thing" plural: "things")",
       .sentence = "to end in things/{thing}"},
      {.what = "pattern that ends in the collection",
       .resource = R"(type: "x/Thing" pattern: "a/{a}/things" singular: "thing" plural: "things")",
       .sentence = "to end in things/{thing}"},
      {.what = "two patterns",
       .resource =
           R"(type: "x/Thing" pattern: "things/{thing}" pattern: "a/{a}/things/{thing}" singular: "thing" plural: "things")",
       .sentence = "one pattern"},
      {.what = "create_time that clients set",
       .fields =
           FIELD("create_time", "TYPE_MESSAGE", ONE "type_name: \".google.protobuf.Timestamp\""),
       .sentence = "fault.Thing.create_time: has to be OUTPUT_ONLY"},
      {.what = "create_time that is a date",
       .fields = FIELD("create_time", "TYPE_MESSAGE", ONE "type_name: \".google.type.Date\""),
       .sentence = "has to be a google.protobuf.Timestamp"},
      {.what = "unknown owner",
       .options = R"([mostove.resource.v1.resource] { owners: "donor" })",
       .sentence = "owners names \"donor\", which is no string field"},
      {.what = "owner that is a number",
       .fields = FIELD("x", "TYPE_INT32", ONE),
       .options = R"([mostove.resource.v1.resource] { owners: "x" })",
       .sentence = "owners names \"x\""},
      {.what = "unknown order",
       .options = R"([mostove.resource.v1.resource] { default_order: "height" })",
       .sentence = "cannot be ordered by"},
      {.what = "order by what fewer see",
       .fields =
           R"(field { name: "seen" number: 8 type: TYPE_STRING label: LABEL_OPTIONAL
                      options { [mostove.resource.v1.visibility]: PUBLIC } })" FIELD(
               "height", "TYPE_INT32", ONE COLUMN("sortable: true")),
       .options = R"([mostove.resource.v1.resource] { default_order: "height" })",
       .sentence = "default_order names height, which fewer see"},
      {.what = "column path that names nothing",
       .fields = FIELD("x", "TYPE_MESSAGE", ONE PLACE COLUMN("path: \"street\"")),
       .sentence = "fault.Thing.x: column path \"street\" names no field"},
      {.what = "column path of a scalar",
       .fields = FIELD("x", "TYPE_STRING", ONE COLUMN("path: \"street\"")),
       .sentence = "column path \"street\" names no field"},
      {.what = "column of a whole message",
       .fields = FIELD("x", "TYPE_MESSAGE", ONE PLACE COLUMN("")),
       .sentence = "has a type that no column holds"},
      {.what = "column of bytes",
       .fields = FIELD("x", "TYPE_BYTES", ONE COLUMN("")),
       .sentence = "no column holds"},
      {.what = "column beyond a BIGINT",
       .fields = FIELD("x", "TYPE_UINT64", ONE COLUMN("")),
       .sentence = "no column holds"},
      {.what = "order by a repeated field",
       .fields = FIELD("x", "TYPE_INT32", MANY COLUMN("sortable: true")),
       .sentence = "is repeated, so that nothing can be ordered by it"},
      {.what = "collated number",
       .fields = FIELD("x", "TYPE_INT32", ONE COLUMN("sortable: true collated: true")),
       .sentence = "collated, which asks for a text"},
      {.what = "collated without sortable",
       .fields = FIELD("x", "TYPE_STRING", ONE COLUMN("collated: true")),
       .sentence = "collated, which asks for a text that is sortable"},
      {.what = "long text to order by",
       .fields = FIELD("x", "TYPE_STRING", ONE COLUMN("sortable: true")),
       .sentence = "asks for a max_length of at most 500"},
      {.what = "the same column twice",
       .fields =
           FIELD("x", "TYPE_INT32",
                 ONE "options { [mostove.resource.v1.column] {} [mostove.resource.v1.column] {} }"),
       .sentence = "column name \"x\" is taken"},
      {.what = "column of every table",
       .fields = FIELD("revision", "TYPE_INT32", ONE COLUMN("")),
       .sentence = "has the name of a column of every table"},
      {.what = "personal column",
       .fields = FIELD("x", "TYPE_STRING",
                       ONE "options { [mostove.resource.v1.personal]: true "
                           "[mostove.resource.v1.column] {} }"),
       .sentence = "is of personal data"},
      {.what = "public personal data",
       .fields = FIELD("x", "TYPE_STRING",
                       ONE "options { [mostove.resource.v1.personal]: true "
                           "[mostove.resource.v1.visibility]: NETWORK }"),
       .sentence = "personal data cannot have a visibility wider than OWNER"},
      {.what = "published by nothing",
       .fields = FIELD("x", "TYPE_MESSAGE",
                       ONE PLACE "options { [mostove.resource.v1.published_by]: \"shown\" }"),
       .sentence = "published_by names \"shown\", which is no bool field"},
      {.what = "published by a text",
       .fields = FIELD("x", "TYPE_MESSAGE",
                       ONE PLACE "options { [mostove.resource.v1.published_by]: \"address\" }"),
       .sentence = "published_by names \"address\""},
      {.what = "pattern that does not compile",
       .fields = FIELD("x", "TYPE_STRING",
                       ONE "options { [mostove.resource.v1.limits] { pattern: \"[a\" } }"),
       .sentence = "fault.Thing.x: pattern does not compile"},
      {.what = "pattern without words",
       .fields = FIELD("x", "TYPE_STRING",
                       ONE "options { [mostove.resource.v1.limits] { pattern: \"a\" } }"),
       .sentence = "pattern_hint"},
      {.what = "length of a number",
       .fields = FIELD("x", "TYPE_INT32",
                       ONE "options { [mostove.resource.v1.limits] { max_length: 3 } }"),
       .sentence = "max_length on a field that is neither text nor bytes"},
      {.what = "items of a text",
       .fields = FIELD("x", "TYPE_STRING",
                       ONE "options { [mostove.resource.v1.limits] { max_items: 3 } }"),
       .sentence = "limits of items on a field that is not repeated"},
      {.what = "minimum of a text",
       .fields =
           FIELD("x", "TYPE_STRING", ONE "options { [mostove.resource.v1.limits] { minimum: 3 } }"),
       .sentence = "minimum or maximum on a field that is no number"},
      {.what = "limits crosswise",
       .fields = FIELD("x", "TYPE_INT32",
                       ONE "options { [mostove.resource.v1.limits] { minimum: 3 maximum: 2 } }"),
       .sentence = "a lower limit is above the upper one"},
      {.what = "end of a text",
       .fields = FIELD("x", "TYPE_STRING",
                       ONE "options { [mostove.resource.v1.limits] { end_of: \"name\" } }"),
       .sentence = "end_of stands on a field that is neither a Date nor a Timestamp"},
      {.what = "end of another type",
       .fields = FIELD("x", "TYPE_MESSAGE",
                       ONE "type_name: \".google.type.Date\" "
                           "options { [mostove.resource.v1.limits] { end_of: \"name\" } }"),
       .sentence = "end_of names \"name\", which is no field of the same type"},
      {.what = "required number",
       .fields = FIELD("x", "TYPE_INT32", ONE "options { [google.api.field_behavior]: REQUIRED }"),
       .sentence = "has to be optional"},
  };
  for (const Fault& fault : faults) {
    const absl::Status status = StatusOfThing(fault);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << fault.what;
    EXPECT_THAT(std::string(status.message()), HasSubstr("fault.Thing")) << fault.what;
    EXPECT_THAT(std::string(status.message()), HasSubstr(fault.sentence)) << fault.what;
  }
}

}  // namespace
}  // namespace mostove::resource
