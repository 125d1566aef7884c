// Holds our JSON against protobuf's own, on random messages and in a table of
// the differences that are meant.
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/random_message.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::Message;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageToJsonString;
using ::mostove::testing::EqualsProto;
using ::mostove::testing::IsOk;
using ::mostove::testing::v1::Shelf;

constexpr uint32_t kMessages = 400;

template <class T>
class JsonOracleTest : public ::testing::Test {};
using Types = ::testing::Types<Shelf, organizations::v1::Organization>;
TYPED_TEST_SUITE(JsonOracleTest, Types);

TYPED_TEST(JsonOracleTest, WhatWeWriteProtobufReadsAsAnEqualMessage) {
  for (uint32_t seed = 0; seed < kMessages; ++seed) {
    TypeParam message;
    RandomMessage(seed).Fill(message);
    std::string json;
    WriteJson(message, json);
    TypeParam read;
    const auto status = JsonStringToMessage(json, &read);
    ASSERT_TRUE(status.ok()) << seed << ": " << status.ToString() << "\n" << json;
    ASSERT_THAT(read, EqualsProto(message)) << seed;
  }
}

TYPED_TEST(JsonOracleTest, WhatProtobufWritesWeReadAsAnEqualMessage) {
  for (uint32_t seed = 0; seed < kMessages; ++seed) {
    TypeParam message;
    RandomMessage(seed).Fill(message);
    for (const bool with_proto_names : {false, true}) {
      google::protobuf::util::JsonPrintOptions options;
      options.preserve_proto_field_names = with_proto_names;
      std::string json;
      ASSERT_TRUE(MessageToJsonString(message, &json, options).ok());
      TypeParam read;
      ASSERT_THAT(ReadJson(json, read), IsOk()) << seed << "\n" << json;
      ASSERT_THAT(read, EqualsProto(message)) << seed;
    }
  }
}

TYPED_TEST(JsonOracleTest, WhatWeWriteWeReadAsTheSameBytes) {
  for (uint32_t seed = 0; seed < kMessages; ++seed) {
    TypeParam message;
    RandomMessage(seed).Fill(message);
    std::string json;
    WriteJson(message, json);
    TypeParam read;
    ASSERT_THAT(ReadJson(json, read), IsOk()) << seed << "\n" << json;
    std::string again;
    WriteJson(read, again);
    ASSERT_EQ(again, json) << seed;
  }
}

// Who takes a document for a Shelf.
struct Difference {
  std::string what;
  std::string json;
  bool we_take_it;
  bool protobuf_takes_it;
};

TEST(JsonOracleDifferencesTest, AreTheseOnly) {
  const Difference differences[] = {
      {"trailing comma", R"({"title": "x",})", false, true},
      {"single quotes", R"({'title': 'x'})", false, true},
      {"names without quotes", R"({title: "x"})", false, true},
      {"a member given twice", R"({"title": "x", "title": "y"})", false, true},
      {"a member in both spellings", R"({"openingTime": null, "opening_time": null})", false, true},
      {"NUL in a text", R"({"title": "\u0000"})", false, true},
      {"enum names in other cases", R"({"state": "draft"})", false, true},
      {"enum numbers that no name has", R"({"state": 77})", false, true},
      {"a text as boolean", R"({"accessible": "true"})", false, true},
      {"a number as text", R"({"title": 1})", false, true},
      {"empty text as number", R"({"capacity": ""})", false, true},
      {"whole numbers as reals above 2^53", R"({"floor": 9007199254740994.0})", false, true},
      {"integers beyond 64 bits as reals", R"({"heightMeters": 12345678901234567890123})", false,
       true},
      {"a doubled key of a map", R"({"labels": {"a": "1", "a": "2"}})", false, false},
      {"real as text for a whole number", R"({"capacity": "1e1"})", true, true},
      {"null in a list", R"({"tags": [null]})", false, true},
      {"null in a map", R"({"labels": {"a": null}})", false, true},
      {"offset without minutes", R"({"openingTime": "2026-01-01T00:00:00+02"})", false, false},
      {"unknown fields", R"({"nope": 1})", false, false},
      {"two members of a oneof", R"({"keeperTitle": "a", "keeperNumber": 1})", false, false},
      {"mask with map keys", R"({"wellKnown": {"fieldMaskValue": "labels.`a.B`"}})", true, true},
  };
  for (const Difference& difference : differences) {
    Shelf ours;
    EXPECT_EQ(ReadJson(difference.json, ours).ok(), difference.we_take_it) << difference.what;
    Shelf theirs;
    EXPECT_EQ(JsonStringToMessage(difference.json, &theirs).ok(), difference.protobuf_takes_it)
        << difference.what;
  }
}

}  // namespace
}  // namespace mostove::transcoding
