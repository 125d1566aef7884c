#include "services/cli/field_path.h"

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/cli/record.h"

namespace mostove::cli {
namespace {

using organizations::v1::Activity;
using organizations::v1::Organization;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

FieldPath Path(const char* text) {
  auto path = FieldPath::Parse(*Organization::descriptor(), text);
  EXPECT_TRUE(path.ok()) << path.status();
  return *path;
}

template <class Message>
Message Parse(const char* text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(FieldPathTest, WhatIsSetReadsBack) {
  struct Case {
    const char* path;
    std::vector<std::string> texts;
    const char* message;
  };
  const Case cases[] = {
      {"legalName", {"Мост"}, "legal_name: 'Мост'"},
      {"legal_form", {"FOUNDATION"}, "legal_form: FOUNDATION"},
      {"seat.area.code", {"BG-22"}, "seat { area { code: 'BG-22' } }"},
      {"seat.point.latitude", {"42.7"}, "seat { point { latitude: 42.7 } }"},
      {"seat.point.latitude", {"0"}, "seat { point {} }"},
      {"displayName.texts.bg", {"Мост"}, "display_name { texts { key: 'bg' value: 'Мост' } }"},
      {"foundingDate", {"1998-05"}, "founding_date { year: 1998 month: 5 }"},
      {"createTime", {"2026-01-31T10:00:00Z"}, "create_time { seconds: 1769853600 }"},
      {"languages", {"bg", "uk"}, "languages: 'bg' languages: 'uk'"},
      {"targetGroups", {"REFUGEES", "WOMEN"}, "target_groups: REFUGEES target_groups: WOMEN"},
      {"identifiers.value",
       {"1", "", "3"},
       "identifiers { value: '1' } identifiers {} identifiers { value: '3' }"},
      {"refugeeLeadership.published", {"true"}, "refugee_leadership { published: true }"},
      {"identifiers[1].value", {"2"}, "identifiers {} identifiers { value: '2' }"},
      {"locations[0].languages", {"bg", "uk"}, "locations { languages: 'bg' languages: 'uk' }"},
      {"locations[0].phones.number",
       {"1", "2"},
       "locations { phones { number: '1' } phones { number: '2' } }"},
      {"locations[0].displayName.texts.bg",
       {"x"},
       "locations { display_name { texts { key: 'bg' value: 'x' } } }"},
  };
  for (const Case& c : cases) {
    Organization message;
    const FieldPath path = Path(c.path);
    ASSERT_TRUE(path.Set(c.texts, message).ok()) << c.path;
    EXPECT_EQ(message.DebugString(), Parse<Organization>(c.message).DebugString()) << c.path;
    EXPECT_EQ(path.Get(message), c.texts) << c.path;
  }
}

TEST(FieldPathTest, EnumsAreReadInAnyCase) {
  Organization message;
  ASSERT_TRUE(Path("kind").Set({"refugee-led"}, message).ok());
  EXPECT_EQ(message.kind(), Organization::REFUGEE_LED);
}

TEST(FieldPathTest, EmptyTextLeavesTheFieldUnset) {
  Organization message;
  ASSERT_TRUE(Path("seat.countryCode").Set({""}, message).ok());
  EXPECT_FALSE(message.has_seat());
  EXPECT_THAT(Path("seat.countryCode").Get(message), IsEmpty());
}

TEST(FieldPathTest, WrongPathsSayWhatWouldBeRight) {
  struct Case {
    const char* path;
    const char* says;
  };
  for (const Case& c :
       {Case{"legalname", "it has name, etag"}, Case{"seat", "seat.countryCode"},
        Case{"seat.area.x", "Area has no field 'x'"}, Case{"displayName.texts", "lacks a key"},
        Case{"legalName.x", "nothing stands below 'legalName'"}, Case{"", "has no field ''"},
        Case{"locations.phones.number", "say which item"},
        Case{"languages[0]", "an index from 0 to 99"}, Case{"seat[0].area", "an index"},
        Case{"identifiers[100].value", "an index"}, Case{"identifiers[-1].value", "an index"},
        Case{"identifiers[].value", "an index"}, Case{"identifiers].value", "an index"}}) {
    EXPECT_THAT(FieldPath::Parse(*Organization::descriptor(), c.path).status().message(),
                HasSubstr(c.says));
  }
}

TEST(FieldPathTest, WrongValuesSayWhatWouldBeRight) {
  struct Case {
    const char* path;
    const char* value;
    const char* says;
  };
  for (const Case& c : {Case{"legalForm", "GUILD", "one of ASSOCIATION, FOUNDATION"},
                        Case{"seat.point.latitude", "north", "a number"},
                        Case{"foundingDate", "31.01.2026", "a date such as 2026-01-31"},
                        Case{"foundingDate", "2026-13", "a date such as"},
                        Case{"createTime", "today", "a time such as"},
                        Case{"refugeeLeadership.published", "perhaps", "true or false"}}) {
    Organization message;
    EXPECT_THAT(Path(c.path).Set({c.value}, message).message(), HasSubstr(c.says)) << c.path;
  }
}

TEST(ValuesTest, JoinedValuesComeApartAgain) {
  for (const std::vector<std::string>& values :
       {std::vector<std::string>{}, {"a"}, {"a", "b"}, {"a|b", "c\\"}, {"", "x"}, {"x", ""}}) {
    EXPECT_EQ(SplitValues(JoinValues(values)), values);
  }
  EXPECT_THAT(SplitValues("a;b", ';'), ElementsAre("a", "b"));
}

TEST(DifferencesTest, OnlyWhatTheFileSaysIsCompared) {
  struct Case {
    const char* wanted;
    const char* present;
    std::vector<std::string> paths;
  };
  const Case cases[] = {
      {"legal_name: 'A'", "legal_name: 'A' state: DRAFT", {}},
      {"legal_name: 'A'", "legal_name: 'B'", {"legalName"}},
      {"seat { country_code: 'BG' area { name: 'X' } }",
       "seat { country_code: 'BG' area { name: 'Y' code: '1' } }",
       {"seat.area.name"}},
      {"seat { country_code: 'BG' }", "", {"seat"}},
      {"display_name { texts { key: 'bg' value: 'A' } texts { key: 'uk' value: 'B' } }",
       "display_name { texts { key: 'bg' value: 'A' } texts { key: 'en' value: 'C' } }",
       {"displayName.texts.uk"}},
      {"languages: 'bg'", "languages: 'bg' languages: 'uk'", {"languages"}},
      {"founding_date { year: 1998 }", "founding_date { year: 1998 month: 1 }", {"foundingDate"}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Differences(Parse<Organization>(c.wanted), Parse<Organization>(c.present)), c.paths)
        << c.wanted;
  }
}

TEST(KeepWhatClientsSetTest, NameEtagAndTimesOfTheServerAreTaken) {
  auto activity = Parse<Activity>(
      "name: 'organizations/a/activities/b' etag: '\"3\"' create_time { seconds: 1 } source: 's'");
  KeepWhatClientsSet(activity);
  EXPECT_EQ(activity.DebugString(), Parse<Activity>("source: 's'").DebugString());
}

}  // namespace
}  // namespace mostove::cli
