#include "libs/transcoding/json_reader.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::transcoding {
namespace {

using ::mostove::testing::EqualsProto;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::v1::Maps;
using ::mostove::testing::v1::OptionalScalars;
using ::mostove::testing::v1::RepeatedScalars;
using ::mostove::testing::v1::Scalars;
using ::mostove::testing::v1::Shelf;
using ::mostove::testing::v1::Tree;
using ::mostove::testing::v1::WellKnown;
using organizations::v1::Organization;
using ::testing::HasSubstr;
using ::testing::Not;

template <class T>
void ExpectReads(const std::string& json, const std::string& expected) {
  T message;
  EXPECT_THAT(ReadJson(json, message), IsOk()) << json;
  EXPECT_THAT(message, EqualsProto(expected)) << json;
}

template <class T>
absl::Status Read(absl::string_view json) {
  T message;
  return ReadJson(json, message);
}

TEST(JsonReaderTest, TakesJsonNamesAndProtoNames) {
  ExpectReads<Scalars>(R"({"int32Value": 1, "int64_value": "2", "otherName": "a"})",
                       R"pb(int32_value: 1 int64_value: 2 renamed_value: "a")pb");
  ExpectReads<Scalars>(R"({"renamed_value": "a"})", R"pb(renamed_value: "a")pb");
}

TEST(JsonReaderTest, TakesNumbersInEveryProto3Form) {
  ExpectReads<Scalars>(R"({"int32Value": 1e3, "int64Value": "-9223372036854775808",
                           "uint32Value": "4294967295", "uint64Value": 18446744073709551615,
                           "sint32Value": 1.0, "sint64Value": "1e2", "fixed32Value": -0,
                           "floatValue": "1.5", "doubleValue": "-Infinity"})",
                       R"pb(int32_value: 1000
                            int64_value: -9223372036854775808
                            uint32_value: 4294967295
                            uint64_value: 18446744073709551615
                            sint32_value: 1
                            sint64_value: 100
                            float_value: 1.5
                            double_value: -inf)pb");
}

TEST(JsonReaderTest, NullMeansAbsent) {
  ExpectReads<Shelf>(R"({"title": null, "place": null, "tags": null, "labels": null,
                         "openingTime": null, "keeperTitle": null, "keeperNumber": 3})",
                     "keeper_number: 3");
}

TEST(JsonReaderTest, NullIsAValueWhereTheTypeHasOne) {
  ExpectReads<WellKnown>(R"({"jsonValue": null, "listValue": [null], "structValue": {"a": null}})",
                         R"pb(json_value { null_value: NULL_VALUE }
                              list_value { values { null_value: NULL_VALUE } }
                              struct_value {
                                fields {
                                  key: "a"
                                  value { null_value: NULL_VALUE }
                                }
                              })pb");
}

TEST(JsonReaderTest, TakesEnumsByNameAndNumber) {
  ExpectReads<RepeatedScalars>(R"({"enumValues": ["DRAFT", 2, 0, "3"]})",
                               "enum_values: [DRAFT, LISTED, STATE_UNSPECIFIED, ARCHIVED]");
}

TEST(JsonReaderTest, TakesBothBase64Alphabets) {
  ExpectReads<RepeatedScalars>(R"({"bytesValues": ["AP/+", "AP_-", "YQ==", "YQ", ""]})",
                               R"pb(bytes_values: "\000\377\376"
                                    bytes_values: "\000\377\376"
                                    bytes_values: "a"
                                    bytes_values: "a"
                                    bytes_values: "")pb");
}

TEST(JsonReaderTest, ReadsWellKnownTypes) {
  ExpectReads<WellKnown>(
      R"({"timestampValue": "2026-01-31T10:00:00.000000001+02:00", "durationValue": "-0.5s",
          "fieldMaskValue": "displayName.texts.uk-UA,seat", "emptyValue": {},
          "wrappedInt64": "5", "wrappedBool": false, "wrappedBytes": "YQ==",
          "structValue": {"a": [1, "x", {"b": true}]},
          "anyValue": {"label": "x", "@type": "type.googleapis.com/mostove.testing.v1.Tree"},
          "anyValues": [{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"},
                        {}]})",
      R"pb(timestamp_value { seconds: 1769846400 nanos: 1 }
           duration_value { nanos: -500000000 }
           field_mask_value { paths: "display_name.texts.uk-UA" paths: "seat" }
           empty_value {}
           wrapped_int64 { value: 5 }
           wrapped_bool { value: false }
           wrapped_bytes { value: "a" }
           struct_value {
             fields {
               key: "a"
               value {
                 list_value {
                   values { number_value: 1 }
                   values { string_value: "x" }
                   values {
                     struct_value {
                       fields {
                         key: "b"
                         value { bool_value: true }
                       }
                     }
                   }
                 }
               }
             }
           }
           any_value {
             [type.googleapis.com/mostove.testing.v1.Tree] { label: "x" }
           }
           any_values {
             [type.googleapis.com/google.protobuf.Duration] { seconds: 1 }
           }
           any_values {})pb");
}

TEST(JsonReaderTest, ReadsMapsOfEveryKeyKind) {
  ExpectReads<Maps>(R"({"stringStrings": {"": "e", "ж": "z"}, "int32Strings": {"-1": "a"},
                        "uint64Doubles": {"18446744073709551615": 1},
                        "boolStrings": {"true": "t"}, "stringTrees": {"k": {"label": "x"}}})",
                    R"pb(string_strings { key: "" value: "e" }
                         string_strings { key: "ж" value: "z" }
                         int32_strings { key: -1 value: "a" }
                         uint64_doubles { key: 18446744073709551615 value: 1 }
                         bool_strings { key: true value: "t" }
                         string_trees {
                           key: "k"
                           value { label: "x" }
                         })pb");
}

struct Refusal {
  std::string json;
  std::string field;
  std::string reason;
};

template <class T>
void ExpectRefusals(const std::vector<Refusal>& refusals) {
  for (const auto& [json, field, reason] : refusals) {
    EXPECT_THAT(Read<T>(json), HasViolation(field, reason)) << json;
  }
}

TEST(JsonReaderTest, RefusesWhatIsNotJson) {
  const std::string texts[] = {"",
                               " ",
                               "{",
                               "{\"label\": \"x\",}",
                               "{'label': 'x'}",
                               "{label: \"x\"}",
                               "{\"label\": \"x\"} x",
                               "{} {}",
                               std::string("{}\0", 3),
                               "\xEF\xBB\xBF{}",
                               "{\"label\": \"\xC3(\"}",
                               "{\"label\": \"\\ud800\"}",
                               "{\"label\": \"\\udc00x\"}",
                               "{\"label\": \"a\nb\"}",
                               "{\"label\": \"\\x41\"}",
                               "{\"label\": tru}",
                               "{\"label\": 01}",
                               "{\"label\": 1e999}",
                               "{\"label\": NaN}",
                               "{\"label\": /* x */ \"y\"}",
                               "[1 2]"};
  for (const std::string& text : texts) {
    EXPECT_THAT(Read<Tree>(text), HasViolation("body", "MALFORMED_JSON")) << text;
  }
}

TEST(JsonReaderTest, SaysWhereJsonIsMalformed) {
  EXPECT_THAT(std::string(Read<Tree>("{\n  \"label\": tru\n}").message()), HasSubstr("line 2"));
}

TEST(JsonReaderTest, RefusesWrongTypes) {
  ExpectRefusals<Shelf>({
      {R"([])", "", "WRONG_TYPE"},
      {R"("x")", "", "WRONG_TYPE"},
      {R"(null)", "", "WRONG_TYPE"},
      {R"({"title": 1})", "title", "WRONG_TYPE"},
      {R"({"title": ["x"]})", "title", "WRONG_TYPE"},
      {R"({"accessible": "true"})", "accessible", "WRONG_TYPE"},
      {R"({"accessible": 1})", "accessible", "WRONG_TYPE"},
      {R"({"capacity": true})", "capacity", "WRONG_TYPE"},
      {R"({"capacity": 1.5})", "capacity", "WRONG_TYPE"},
      {R"({"capacity": "x"})", "capacity", "WRONG_TYPE"},
      {R"({"capacity": " 1"})", "capacity", "WRONG_TYPE"},
      {R"({"capacity": "0x1"})", "capacity", "WRONG_TYPE"},
      {R"({"capacity": ""})", "capacity", "WRONG_TYPE"},
      {R"({"heightMeters": "nan"})", "height_meters", "WRONG_TYPE"},
      {R"({"tags": "x"})", "tags", "WRONG_TYPE"},
      {R"({"tags": ["x", null]})", "tags[1]", "WRONG_TYPE"},
      {R"({"place": []})", "place", "WRONG_TYPE"},
      {R"({"place": {"area": 3}})", "place.area", "WRONG_TYPE"},
      {R"({"labels": []})", "labels", "WRONG_TYPE"},
      {R"({"labels": {"a": null}})", "labels.a", "WRONG_TYPE"},
      {R"({"labels": {"a b": 1}})", "labels[0]", "WRONG_TYPE"},
      {R"({"rooms": {"hall": {"room": 5}}})", "rooms.hall.room", "WRONG_TYPE"},
      {R"({"identifiers": [{}, {"value": 1}]})", "identifiers[1].value", "WRONG_TYPE"},
      {R"({"openingTime": 5})", "opening_time", "WRONG_TYPE"},
      {R"({"maps": {"int32Strings": {"01": "x"}}})", "maps.int32_strings.01", "WRONG_TYPE"},
      {R"({"maps": {"int32Strings": {"1.0": "x"}}})", "maps.int32_strings[0]", "WRONG_TYPE"},
      {R"({"maps": {"boolStrings": {"TRUE": "x"}}})", "maps.bool_strings.TRUE", "WRONG_TYPE"},
  });
}

TEST(JsonReaderTest, RefusesWhatIsOutOfRange) {
  ExpectRefusals<Scalars>({
      {R"({"int32Value": 2147483648})", "int32_value", "OUT_OF_RANGE"},
      {R"({"int32Value": -2147483649})", "int32_value", "OUT_OF_RANGE"},
      {R"({"int32Value": 1e10})", "int32_value", "OUT_OF_RANGE"},
      {R"({"uint32Value": -1})", "uint32_value", "OUT_OF_RANGE"},
      {R"({"uint32Value": 4294967296})", "uint32_value", "OUT_OF_RANGE"},
      {R"({"int64Value": 9223372036854775808})", "int64_value", "OUT_OF_RANGE"},
      {R"({"int64Value": "9223372036854775808"})", "int64_value", "OUT_OF_RANGE"},
      {R"({"int64Value": "99999999999999999999999"})", "int64_value", "OUT_OF_RANGE"},
      {R"({"int64Value": 9007199254740994.0})", "int64_value", "OUT_OF_RANGE"},
      {R"({"uint64Value": "-1"})", "uint64_value", "OUT_OF_RANGE"},
      {R"({"floatValue": 3.5e38})", "float_value", "OUT_OF_RANGE"},
      {R"({"doubleValue": "1e999"})", "double_value", "OUT_OF_RANGE"},
      {R"({"enumValue": "NO_SUCH_STATE"})", "enum_value", "UNKNOWN_ENUM"},
      {R"({"enumValue": "draft"})", "enum_value", "UNKNOWN_ENUM"},
      {R"({"enumValue": 77})", "enum_value", "UNKNOWN_ENUM"},
      {R"({"enumValue": 99999999999})", "enum_value", "UNKNOWN_ENUM"},
      {R"({"bytesValue": "!"})", "bytes_value", "INVALID_VALUE"},
      {R"({"bytesValue": "YQ= ="})", "bytes_value", "INVALID_VALUE"},
      {R"({"bytesValue": "+_"})", "bytes_value", "INVALID_VALUE"},
  });
  ExpectRefusals<WellKnown>({
      {R"({"timestampValue": "2026-02-30T00:00:00Z"})", "timestamp_value", "OUT_OF_RANGE"},
      {R"({"timestampValue": "0000-01-01T00:00:00Z"})", "timestamp_value", "OUT_OF_RANGE"},
      {R"({"timestampValue": "2026-02-01T00:00:00"})", "timestamp_value", "INVALID_VALUE"},
      {R"({"timestampValue": "2026-02-01 00:00:00Z"})", "timestamp_value", "INVALID_VALUE"},
      {R"({"timestampValue": "2026-02-01T00:00:00.0123456789Z"})", "timestamp_value",
       "INVALID_VALUE"},
      {R"({"durationValue": "315576000001s"})", "duration_value", "OUT_OF_RANGE"},
      {R"({"durationValue": "1"})", "duration_value", "INVALID_VALUE"},
      {R"({"durationValue": "1.s"})", "duration_value", "INVALID_VALUE"},
      {R"({"fieldMaskValue": "a,,b"})", "field_mask_value", "INVALID_VALUE"},
      {R"({"anyValue": {"label": "x"}})", "any_value.@type", "INVALID_VALUE"},
      {R"({"anyValue": {"@type": "type.googleapis.com/no.Such"}})", "any_value.@type",
       "INVALID_VALUE"},
      {R"({"anyValue": {"@type": "type.googleapis.com/google.protobuf.Duration"}})",
       "any_value.value", "REQUIRED"},
      {R"({"anyValue": {"@type": "type.googleapis.com/mostove.testing.v1.Tree", "labl": 1}})",
       "any_value.labl", "UNKNOWN_FIELD"},
      {R"({"wrappedInt32": "x"})", "wrapped_int32", "WRONG_TYPE"},
  });
}

TEST(JsonReaderTest, RefusesUnknownAndDoubledMembers) {
  ExpectRefusals<Shelf>({
      {R"({"titel": "x"})", "titel", "UNKNOWN_FIELD"},
      {R"({"identifiers": [{"valeu": "x"}]})", "identifiers[0].valeu", "UNKNOWN_FIELD"},
      {R"({"title": "a", "title": "a"})", "title", "DUPLICATE_KEY"},
      {R"({"openingTime": null, "opening_time": null})", "opening_time", "DUPLICATE_KEY"},
      {R"({"labels": {"a": "1", "a": "2"}})", "labels.a", "DUPLICATE_KEY"},
      {R"({"wellKnown": {"structValue": {"a": 1, "a": 2}}})", "well_known.struct_value.a",
       "DUPLICATE_KEY"},
      {R"({"keeperTitle": "a", "keeperNumber": 1})", "keeper_number", "ONEOF"},
  });
  EXPECT_THAT(std::string(Read<Organization>(R"({"legalNme": "x"})").message()),
              HasSubstr("did you mean legalName?"));
}

TEST(JsonReaderTest, RefusesNul) {
  ExpectRefusals<Shelf>({
      {R"({"title": "a\u0000b"})", "title", "NUL"},
      {R"({"labels": {"a\u0000": "x"}})", "labels[0]", "NUL"},
      {R"({"labels": {"a": "\u0000"}})", "labels.a", "NUL"},
      {R"({"a\u0000": "x"})", "", "NUL"},
      {R"({"wellKnown": {"structValue": {"a": "\u0000"}}})", "well_known.struct_value.a", "NUL"},
  });
}

TEST(JsonReaderTest, RefusesMoreThanAHundredLevels) {
  const auto nested = [](int levels) {
    std::string json;
    for (int i = 1; i < levels; ++i) json += R"({"next":)";
    json += "{}";
    for (int i = 1; i < levels; ++i) json += "}";
    return json;
  };
  EXPECT_THAT(Read<Tree>(nested(100)), IsOk());
  EXPECT_THAT(Read<Tree>(nested(101)), HasViolation("body", "DEPTH"));
  EXPECT_THAT(Read<Tree>(std::string(100'000, '[')), Not(IsOk()));
}

TEST(JsonReaderTest, ReportsEverythingAtOnceUpToAHundred) {
  const absl::Status status =
      Read<Shelf>(R"({"title": 1, "capacity": "x", "nope": 2, "place": {"area": []}})");
  EXPECT_THAT(status, HasViolation("title", "WRONG_TYPE"));
  EXPECT_THAT(status, HasViolation("capacity", "WRONG_TYPE"));
  EXPECT_THAT(status, HasViolation("nope", "UNKNOWN_FIELD"));
  EXPECT_THAT(status, HasViolation("place.area", "WRONG_TYPE"));

  std::string many = R"({"tags": [0)";
  for (int i = 0; i < 1'000; ++i) many += ",0";
  EXPECT_EQ(status::FieldViolations(Read<Shelf>(many + "]}")).size(), 100u);
}

TEST(JsonReaderTest, PathsBeginAtTheRoot) {
  Tree tree;
  EXPECT_THAT(ReadJson(R"({"children": [{"label": 1}]})", tree, {.root = "request.tree"}),
              HasViolation("request.tree.children[0].label", "WRONG_TYPE"));
  EXPECT_THAT(ReadJson("{", tree, {.root = "tree"}), HasViolation("tree", "MALFORMED_JSON"));
}

TEST(JsonReaderTest, NeverRepeatsAValueOrAStrangeName) {
  const std::string secret = "8001011234";
  for (const std::string json :
       {R"({"capacity": "8001011234"})", R"({"state": "8001011234"})",
        R"({"openingTime": "8001011234"})", R"({"8001011234 Ivan": 1})",
        R"({"labels": {"8001011234 Ivan": 1}})", R"({"title": 8001011234})",
        R"({"title": "8001011234)", R"({"wellKnown": {"anyValue": {"@type": "8001011234"}}})"}) {
    const absl::Status status = Read<Shelf>(json);
    EXPECT_THAT(status, Not(IsOk())) << json;
    EXPECT_THAT(status.ToString(), Not(HasSubstr(secret))) << json;
  }
}

TEST(JsonReaderTest, AParserThatFailedReadsOn) {
  EXPECT_THAT(Read<Tree>("{"), Not(IsOk()));
  EXPECT_THAT(Read<Tree>(R"({"label": "x"})"), IsOk());
  EXPECT_THAT(Read<Tree>(absl::StrCat(R"({"label": ")", std::string(2 << 20, 'x'), R"("})")),
              IsOk());
}

TEST(JsonReaderTest, ThreadsReadAtTheSameTime) {
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (int& failure_count : failures) {
    threads.emplace_back([&failure_count] {
      for (int i = 0; i < 500; ++i) {
        Shelf shelf;
        if (!ReadJson(R"({"title": "x", "labels": {"a": "b"}})", shelf).ok()) ++failure_count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(failures, ::testing::Each(0));
}

}  // namespace
}  // namespace mostove::transcoding
