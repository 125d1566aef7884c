#include "services/trainings/session_rules.h"

#include "gmock/gmock.h"
#include "libs/testing/rule_cases.h"

namespace mostove::trainings {
namespace {

using ::mostove::testing::ExpectChanges;
using ::mostove::testing::ExpectViolations;
using ::mostove::testing::Parse;
using v1::Session;

TEST(PrepareSessionTest, IsADraftAtHome) {
  Session session;
  PrepareSession(session);
  EXPECT_EQ(session.state(), Session::DRAFT);
  EXPECT_EQ(session.time_zone(), "Europe/Sofia");
  session = Parse<Session>(R"(state: RUNNING time_zone: "Europe/Kyiv")");
  PrepareSession(session);
  EXPECT_EQ(session.state(), Session::RUNNING);
  EXPECT_EQ(session.time_zone(), "Europe/Kyiv");
}

constexpr char kTimes[] = " start_time { seconds: 1 } end_time { seconds: 2 } ";

TEST(CheckSessionTest, WhatIsAnnouncedHasTimesAndAWayIn) {
  const std::string times = kTimes;
  ExpectViolations<Session>(
      CheckSession,
      {
          {"state: DRAFT", {}},
          {"state: CANCELLED", {}},
          {R"(state: PUBLISHED venue { country_code: "BG" })" + times, {}},
          {R"(state: PUBLISHED join_link: "https://meet.example.org/x")" + times, {}},
          {"state: PUBLISHED", {"start_time REQUIRED", "end_time REQUIRED", "venue REQUIRED"}},
          {"state: RUNNING" + times, {"venue REQUIRED"}},
          {R"(state: COMPLETED venue { country_code: "BG" } start_time { seconds: 1 })",
           {"end_time REQUIRED"}},
      });
}

TEST(CheckSessionTest, NamesZonesAndLanguages) {
  ExpectViolations<Session>(
      CheckSession,
      {
          {R"(time_zone: "Europe/Sofia" language: "uk" interpretation_languages: [ "bg", "ar" ])",
           {}},
          {R"(time_zone: "Sofia")", {"time_zone TIME_ZONE"}},
          {R"(language: "bg-")", {"language LANGUAGE_TAG"}},
          {R"(interpretation_languages: [ "bg", "_" ])",
           {"interpretation_languages[1] LANGUAGE_TAG"}},
      });
}

TEST(CheckSessionTest, KeepsNoMoreSeatsThanThereAre) {
  ExpectViolations<Session>(
      CheckSession,
      {
          {"seats: 20", {}},
          {R"(seats: 20 quotas { basis: OBLAST oblast_code: "BG-05" seats: 5 }
              quotas { basis: OBLAST oblast_code: "BG-06" seats: 5 }
              quotas { basis: REFUGEE_LED seats: 10 })",
           {}},
          {"seats: 20 quotas { basis: FIRST_TIMERS seats: 21 }", {"quotas QUOTAS_SUM"}},
          {"quotas { basis: FIRST_TIMERS seats: 1 }", {"seats REQUIRED"}},
          {"seats: 9 quotas { basis: OBLAST seats: 1 }", {"quotas[0].oblast_code REQUIRED"}},
          {R"(seats: 9 quotas { basis: OBLAST oblast_code: "BG-99" seats: 1 })",
           {"quotas[0].oblast_code OBLAST"}},
          {R"(seats: 9 quotas { basis: REFUGEE_LED oblast_code: "BG-05" seats: 1 })",
           {"quotas[0].oblast_code OBLAST"}},
          {"seats: 9 quotas { basis: REFUGEE_LED seats: 1 } quotas { basis: REFUGEE_LED seats: 1 }",
           {"quotas[1] DUPLICATE"}},
          {"seats: 9 quotas { basis: REFUGEE_LED seats: 2147483647 } "
           "quotas { basis: FIRST_TIMERS seats: 2147483647 }",
           {"quotas QUOTAS_SUM"}},
      });
}

TEST(CheckSessionChangeTest, GoesForwardOrIsCancelled) {
  ExpectChanges<Session>(CheckSessionChange,
                         {
                             {"state: DRAFT", "state: DRAFT", ""},
                             {"state: DRAFT", "state: PUBLISHED", ""},
                             {"state: PUBLISHED", "state: RUNNING", ""},
                             {"state: PUBLISHED", "state: CANCELLED", ""},
                             {"state: RUNNING", "state: COMPLETED", ""},
                             {"state: RUNNING", "state: CANCELLED", ""},
                             {"state: DRAFT", "state: RUNNING", "STATE_STEP"},
                             {"state: PUBLISHED", "state: DRAFT", "STATE_STEP"},
                             {"state: COMPLETED", "state: RUNNING", "STATE_STEP"},
                             {"state: CANCELLED", "state: PUBLISHED", "STATE_STEP"},
                         });
}

TEST(SessionAudienceTest, DraftsAreForTheOrganizers) {
  EXPECT_EQ(SessionAudience(Parse<Session>("state: DRAFT")), resource::v1::OWNER);
  EXPECT_EQ(SessionAudience(Parse<Session>("state: PUBLISHED")), resource::v1::PUBLIC);
  EXPECT_EQ(SessionAudience(Parse<Session>("state: CANCELLED")), resource::v1::PUBLIC);
}

}  // namespace
}  // namespace mostove::trainings
