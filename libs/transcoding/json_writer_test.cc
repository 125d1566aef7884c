#include "libs/transcoding/json_writer.h"

#include <cmath>
#include <limits>
#include <memory>

#include "gmock/gmock.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "mostove/common/v1/localized_text.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::transcoding {
namespace {

using common::v1::LocalizedText;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using ::mostove::testing::v1::Maps;
using ::mostove::testing::v1::OptionalScalars;
using ::mostove::testing::v1::RepeatedScalars;
using ::mostove::testing::v1::Scalars;
using ::mostove::testing::v1::Shelf;
using ::mostove::testing::v1::Tree;
using ::mostove::testing::v1::WellKnown;
using organizations::v1::ListOrganizationsResponse;

std::string Write(const Message& message, const JsonWriteOptions& options = {}) {
  std::string out;
  WriteJson(message, out, options);
  return out;
}

template <class T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <class T>
std::string WriteText(const std::string& text) {
  return Write(Parse<T>(text));
}

TEST(JsonWriterTest, AppendsToWhatIsThere) {
  std::string out = "data: ";
  WriteJson(Tree(), out);
  EXPECT_EQ(out, "data: {}");
}

TEST(JsonWriterTest, WritesEveryScalarKind) {
  EXPECT_EQ(WriteText<Scalars>(R"pb(
              int32_value: -1
              int64_value: -9223372036854775808
              uint32_value: 4294967295
              uint64_value: 18446744073709551615
              float_value: 0.1
              double_value: 1e-7
              bool_value: true
              string_value: "Ж\"\\\n\t\x01\x7f/"
              bytes_value: "\000\377\376"
              enum_value: DRAFT
              renamed_value: "x")pb"),
            R"({"int32Value":-1,"int64Value":"-9223372036854775808","uint32Value":4294967295,)"
            R"("uint64Value":"18446744073709551615","floatValue":0.1,"doubleValue":1e-07,)"
            R"("boolValue":true,"stringValue":"Ж\"\\\n\t\u0001)"
            "\x7f"
            R"(/","bytesValue":"AP/+","enumValue":"DRAFT","otherName":"x"})");
}

TEST(JsonWriterTest, DoublesAreShortAndExact) {
  struct Case {
    double value;
    std::string expected;
  };
  const Case cases[] = {
      {-0.0, R"({"doubleValue":-0.0})"},
      {1000000, R"({"doubleValue":1000000})"},
      {-3, R"({"doubleValue":-3})"},
      {0.1 + 0.2, R"({"doubleValue":0.30000000000000004})"},
      {1e300, R"({"doubleValue":1e+300})"},
      {5e-324, R"({"doubleValue":5e-324})"},
      {std::nan(""), R"({"doubleValue":"NaN"})"},
      {std::numeric_limits<double>::infinity(), R"({"doubleValue":"Infinity"})"},
      {-std::numeric_limits<double>::infinity(), R"({"doubleValue":"-Infinity"})"},
  };
  for (const auto& [value, expected] : cases) {
    Scalars message;
    message.set_double_value(value);
    EXPECT_EQ(Write(message), expected);
  }
}

TEST(JsonWriterTest, FieldsWithPresenceAreWrittenEvenAtTheirDefault) {
  EXPECT_EQ(WriteText<OptionalScalars>(R"pb(int32_value: 0 string_value: "" enum_value: 0)pb"),
            R"({"int32Value":0,"stringValue":"","enumValue":"STATE_UNSPECIFIED"})");
  EXPECT_EQ(WriteText<Shelf>(R"pb(keeper_number: 0)pb"), R"({"keeperNumber":0})");
}

TEST(JsonWriterTest, UnknownEnumNumbersAreNumbers) {
  EXPECT_EQ(WriteText<RepeatedScalars>("enum_values: [1, 77]"), R"({"enumValues":["DRAFT",77]})");
}

TEST(JsonWriterTest, MapEntriesAreSortedByKey) {
  EXPECT_EQ(WriteText<Maps>(R"pb(
              string_strings { key: "uk" value: "2" }
              string_strings { key: "bg" value: "1" }
              int32_strings { key: 10 value: "c" }
              int32_strings { key: -2 value: "a" }
              int32_strings { key: 9 value: "b" }
              uint64_doubles { key: 18446744073709551615 value: 0 }
              bool_strings { key: true value: "t" }
              bool_strings { key: false value: "f" }
              string_trees {
                key: "a\"b"
                value { label: "x" }
              })pb"),
            R"({"stringStrings":{"bg":"1","uk":"2"},"int32Strings":{"-2":"a","9":"b","10":"c"},)"
            R"("uint64Doubles":{"18446744073709551615":0},"boolStrings":{"false":"f","true":"t"},)"
            R"("stringTrees":{"a\"b":{"label":"x"}}})");
}

TEST(JsonWriterTest, TextsInSeveralLanguagesAreWrittenLikeEveryMap) {
  const auto text = Parse<LocalizedText>(R"pb(
    source_language: "bg"
    texts { key: "uk" value: "Міст" }
    texts { key: "bg" value: "\"Мост\"" }
    source_hashes { key: "uk" value: "f00" }
  )pb");
  const std::string expected =
      R"({"sourceLanguage":"bg","texts":{"bg":"\"Мост\"","uk":"Міст"},"sourceHashes":{"uk":"f00"}})";
  EXPECT_EQ(Write(text), expected);
  // Without its generated class.
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<Message> dynamic(factory.GetPrototype(LocalizedText::descriptor())->New());
  ASSERT_TRUE(dynamic->ParseFromString(text.SerializeAsString()));
  EXPECT_EQ(Write(*dynamic), expected);
  EXPECT_EQ(Write(LocalizedText()), "{}");
}

TEST(JsonWriterTest, WellKnownTypesHaveTheirOwnForms) {
  EXPECT_EQ(WriteText<WellKnown>(R"pb(
              timestamp_value { seconds: 1769846400 nanos: 120000000 }
              duration_value { seconds: -1 nanos: -500000 }
              struct_value {
                fields {
                  key: "a"
                  value { list_value { values { null_value: 0 } } }
                }
              }
              json_value { number_value: 1.5 }
              list_value {
                values { bool_value: true }
                values { string_value: "s" }
              }
              field_mask_value { paths: "display_name.texts.uk-UA" paths: "seat" }
              empty_value {}
              wrapped_int64 { value: 0 }
              wrapped_string {}
              any_value {
                [type.googleapis.com/mostove.testing.v1.Tree] { label: "x" }
              }
              any_values {
                [type.googleapis.com/google.protobuf.Duration] { seconds: 3 }
              }
              any_values {
                [type.googleapis.com/google.protobuf.Empty] {}
              }
              any_values {})pb"),
            R"({"timestampValue":"2026-01-31T08:00:00.120Z","durationValue":"-1.000500s",)"
            R"("anyValue":{"@type":"type.googleapis.com/mostove.testing.v1.Tree","label":"x"},)"
            R"("structValue":{"a":[null]},"jsonValue":1.5,"listValue":[true,"s"],)"
            R"("fieldMaskValue":"displayName.texts.uk-UA,seat","emptyValue":{},)"
            R"("wrappedInt64":"0","wrappedString":"",)"
            R"("anyValues":[{"@type":"type.googleapis.com/google.protobuf.Duration","value":"3s"},)"
            R"({"@type":"type.googleapis.com/google.protobuf.Empty","value":{}},{}]})");
}

TEST(JsonWriterTest, WhatHasNoJsonFormIsNotPassedOn) {
  WellKnown message;
  message.mutable_timestamp_value()->set_seconds(253'402'300'800);
  message.mutable_duration_value()->set_nanos(1'000'000'000);
  message.mutable_json_value()->set_number_value(std::nan(""));
  message.mutable_list_value()->add_values();
  message.mutable_any_value()->set_type_url("type.example.com/no.such.Type");
  message.mutable_any_value()->set_value("x");
  EXPECT_EQ(Write(message), R"({"timestampValue":null,"durationValue":null,)"
                            R"("anyValue":{"@type":"type.example.com/no.such.Type"},)"
                            R"("jsonValue":null,"listValue":[null]})");
}

TEST(JsonWriterTest, IllFormedUtf8IsReplaced) {
  Tree tree;
  tree.set_label("a\xC3(\xED\xA0\x80\"");
  EXPECT_EQ(Write(tree), "{\"label\":\"a\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\\\"\"}");
}

TEST(JsonWriterTest, DeepMessagesEndInNull) {
  Tree root;
  Tree* tree = &root;
  for (int i = 0; i < 1'000; ++i) tree = tree->mutable_next();
  const std::string json = Write(root);
  EXPECT_THAT(json, ::testing::HasSubstr(R"({"next":null})"));
  EXPECT_LT(json.size(), 2'000u);
}

TEST(JsonWriterTest, ListsAlwaysHaveTheirItemsAndTheirNextPageToken) {
  EXPECT_EQ(Write(ListOrganizationsResponse()), R"({"organizations":[],"nextPageToken":""})");
  EXPECT_EQ(WriteText<ListOrganizationsResponse>(R"pb(next_page_token: "t" total_size: 0)pb"),
            R"({"organizations":[],"nextPageToken":"t","totalSize":0})");
}

TEST(JsonWriterTest, CallersChooseFurtherFieldsToPrint) {
  const JsonWriteOptions options{
      .always_print = [](const google::protobuf::FieldDescriptor& field) {
        return field.name() == "label" || field.name() == "children" || field.name() == "next";
      }};
  EXPECT_EQ(Write(Tree(), options), R"({"label":"","children":[]})");
}

}  // namespace
}  // namespace mostove::transcoding
