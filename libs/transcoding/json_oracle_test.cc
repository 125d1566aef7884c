// Holds our JSON against protobuf's own, on random messages and in a table of
// the differences that are meant.
#include <memory>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"
#include "libs/transcoding/json_of_bytes.h"
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

TYPED_TEST(JsonOracleTest, TheBytesOfAMessageGiveTheJsonOfTheMessage) {
  std::mt19937 random(1);
  google::protobuf::LogSilencer silent;  // of texts that became ill-formed
  for (uint32_t seed = 0; seed < kMessages; ++seed) {
    TypeParam message, more;
    RandomMessage(seed).Fill(message);
    RandomMessage(seed + kMessages).Fill(more);
    const std::string one = message.SerializeAsString();
    const std::string two = one + more.SerializeAsString();  // is both, merged
    std::string flipped = one;
    if (!flipped.empty()) flipped[random() % flipped.size()] ^= 1 << random() % 8;
    for (const std::string& bytes :
         {one, two, one.substr(0, random() % (one.size() + 1)), flipped}) {
      TypeParam parsed;
      if (!parsed.ParseFromString(bytes)) continue;
      std::string json, from_bytes = "before";
      WriteJson(parsed, json);
      ASSERT_TRUE(WriteJsonOfBytes(*TypeParam::descriptor(), bytes, from_bytes)) << seed;
      ASSERT_EQ(from_bytes, "before" + json) << seed << parsed.DebugString();
    }
  }
}

TYPED_TEST(JsonOracleTest, BytesThatAreNoMessageGiveNothing) {
  for (const absl::string_view bytes : {"\x0a\x05x", "\x0a", "\xff\xff\xff\xff\xff\xff"}) {
    std::string json = "before";
    EXPECT_FALSE(WriteJsonOfBytes(*TypeParam::descriptor(), bytes, json));
    EXPECT_EQ(json, "before");
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

// A document that only one of the two takes for a Shelf.
struct Difference {
  std::string what;
  std::string json;
  bool is_ours;
};

TEST(JsonOracleDifferencesTest, AreMeant) {
  const Difference differences[] = {
      {"trailing comma", R"({"title": "x",})", false},
      {"single quotes", R"({'title': 'x'})", false},
      {"names without quotes", R"({title: "x"})", false},
      {"a member given twice", R"({"title": "x", "title": "y"})", false},
      {"a member in both spellings", R"({"openingTime": null, "opening_time": null})", false},
      {"NUL in a text", R"({"title": "\u0000"})", false},
      {"enum numbers that no name has", R"({"state": 77})", false},
      {"a text as boolean", R"({"accessible": "true"})", false},
      {"whole numbers as reals above 2^53", R"({"floor": 9007199254740994.0})", false},
      {"integers beyond 64 bits", R"({"heightMeters": 12345678901234567890123})", false},
      {"null in a list", R"({"tags": [null]})", false},
      {"null in a map", R"({"labels": {"a": null}})", false},
      {"a whole number in quotes with an exponent", R"({"capacity": "1e1"})", true},
  };
  for (const Difference& difference : differences) {
    Shelf ours;
    EXPECT_EQ(ReadJson(difference.json, ours).ok(), difference.is_ours) << difference.what;
    Shelf theirs;
    EXPECT_EQ(JsonStringToMessage(difference.json, &theirs).ok(), !difference.is_ours)
        << difference.what;
  }
}

}  // namespace
}  // namespace mostove::transcoding
