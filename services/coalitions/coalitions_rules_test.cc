#include "libs/digest/digest.h"
#include "libs/testing/rule_cases.h"
#include "services/coalitions/coalition_rules.h"
#include "services/coalitions/member_rules.h"
#include "services/coalitions/policy_process_rules.h"

namespace mostove::coalitions {
namespace {

using ::mostove::testing::ExpectChanges;
using ::mostove::testing::ExpectViolations;
using ::mostove::testing::Parse;
using v1::Coalition;
using v1::Member;
using v1::PolicyProcess;

TEST(PrepareTest, GivesWhatIsLeftOutItsMeaning) {
  Coalition coalition;
  PrepareCoalition(coalition);
  EXPECT_EQ(coalition.state(), Coalition::FORMING);
  EXPECT_EQ(coalition.publication(), common::v1::DRAFT);
  PolicyProcess process;
  PreparePolicyProcess(process);
  EXPECT_EQ(process.stage(), PolicyProcess::ANNOUNCED);
  EXPECT_EQ(process.publication(), common::v1::DRAFT);
}

TEST(PrepareTest, ComputesTheHashOfEveryCharter) {
  Coalition coalition = Parse<Coalition>(
      R"(charter_versions { text: "abc" sha256: "made up" } charter_versions { text: "Устав" })");
  PrepareCoalition(coalition);
  EXPECT_EQ(coalition.charter_versions(0).sha256(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(coalition.charter_versions(1).sha256(), digest::Sha256Hex("Устав"));
}

TEST(CheckCoalitionTest, ChartersStandInOrder) {
  const std::string in_2024 = R"(charter_versions { text: "a" adoption_date { year: 2024 } })";
  const std::string in_2025 = R"(charter_versions { text: "b" adoption_date { year: 2025 } })";
  const std::string draft = R"(charter_versions { text: "c" })";
  ExpectViolations<Coalition>(
      CheckCoalition, {
                          {"", {}},
                          {in_2024 + in_2025 + draft + draft, {}},
                          {in_2024 + in_2024, {}},
                          {in_2025 + in_2024, {"charter_versions[1].adoption_date CHARTER_ORDER"}},
                          {draft + in_2024, {"charter_versions[1].adoption_date CHARTER_ORDER"}},
                          {R"(charter_versions { text: "a" language: "b" })",
                           {"charter_versions[0].language LANGUAGE_TAG"}},
                          {"state: DISSOLVED", {"end_date REQUIRED"}},
                          {"state: DISSOLVED end_date { year: 2025 }", {}},
                          {R"(website: "https://nowhere")", {"website WEBSITE"}},
                      });
}

TEST(CheckCoalitionChangeTest, WhatWasAdoptedStays) {
  const std::string adopted = R"(charter_versions { text: "a" adoption_date { year: 2024 } })";
  const std::string other = R"(charter_versions { text: "b" adoption_date { year: 2024 } })";
  const std::string draft = R"(charter_versions { text: "c" })";
  const std::string changed_draft = R"(charter_versions { text: "d" })";
  ExpectChanges<Coalition>(CheckCoalitionChange, {
                                                     {adopted, adopted + other, ""},
                                                     {adopted + draft, adopted + changed_draft, ""},
                                                     {adopted + draft, adopted, ""},
                                                     {draft, "", ""},
                                                     {adopted, "", "CHARTER_ADOPTED"},
                                                     {adopted, other, "CHARTER_ADOPTED"},
                                                     {adopted, other + adopted, "CHARTER_ADOPTED"},
                                                 });
}

TEST(CheckCoalitionChangeTest, DoesNotRiseAgain) {
  ExpectChanges<Coalition>(CheckCoalitionChange,
                           {
                               {"state: FORMING", "state: ACTIVE", ""},
                               {"state: ACTIVE", "state: DORMANT", ""},
                               {"state: DORMANT", "state: ACTIVE", ""},
                               {"state: ACTIVE", "state: DISSOLVED", ""},
                               {"state: ACTIVE", "state: FORMING", "STATE_STEP"},
                               {"state: DISSOLVED", "state: ACTIVE", "STATE_STEP"},
                           });
}

TEST(CheckMemberWriterTest, ConvenersWriteAndAMemberLeaves) {
  const std::string member =
      R"(conveners: "organizations/c" organization: "organizations/m" role: MEMBER
         start_date { year: 2024 } )";
  const std::string ending = member + "end_date { year: 2026 month: 5 } ";
  const struct {
    std::string caller, before, after;
    bool allowed;
  } cases[] = {
      {"organizations/c", "", member, true},
      {"organizations/c", member, "role: LEAD " + member.substr(0, member.find("role")), true},
      {"organizations/m", "", member, false},
      {"organizations/m", member, ending, true},
      {"organizations/m", ending, member + "end_date { year: 2026 month: 4 }", true},
      {"organizations/m", ending, member + "end_date { year: 2026 month: 6 }", false},
      {"organizations/m", ending, member, false},
      {"organizations/m", member, ending + R"(note: "x")", false},
      {"organizations/m", ending, ending + "delete_time { seconds: 1 }", false},
      {"organizations/x", member, ending, true},  // whether it owns the row is the store's matter
  };
  for (const auto& [organization, before, after, allowed] : cases) {
    const call::Caller caller{.name = "users/u", .acts_for = {organization}};
    const Member before_member = Parse<Member>(before);
    EXPECT_EQ(
        CheckMemberWriter(caller, before.empty() ? nullptr : &before_member, Parse<Member>(after))
            .ok(),
        allowed)
        << organization << ": " << before << " to " << after;
  }
  EXPECT_TRUE(CheckMemberWriter(call::LocalAdministrator(), nullptr, Parse<Member>(member)).ok());
}

TEST(CheckPolicyProcessTest, SaysWhereAndWhen) {
  const std::string place = R"(place { area { scheme: ISO3166_2 code: "BG-05" } } )";
  ExpectViolations<PolicyProcess>(
      CheckPolicyProcess,
      {
          {"level: NATIONAL kind: BILL", {}},
          {"level: MUNICIPAL kind: MUNICIPAL_PLAN " + place, {}},
          {"level: MUNICIPAL", {"place.area REQUIRED"}},
          {"level: REGIONAL", {"place.area REQUIRED"}},
          {"level: EU kind: MUNICIPAL_PLAN", {"level LEVEL"}},
          {"stage: DECIDED", {"decision_date REQUIRED"}},
          {"stage: DECIDED decision_date { year: 2026 }", {}},
          {"stage: OPEN decision_date { year: 2026 }", {"decision_date NOT_DECIDED"}},
          {R"(website: "https://me@strategy.bg")", {"website WEBSITE"}},
      });
}

TEST(CheckPolicyProcessChangeTest, GoesForward) {
  ExpectChanges<PolicyProcess>(CheckPolicyProcessChange,
                               {
                                   {"stage: ANNOUNCED", "stage: OPEN", ""},
                                   {"stage: ANNOUNCED", "stage: DECIDED", ""},
                                   {"stage: UNDER_REVIEW", "stage: OPEN", ""},
                                   {"stage: OPEN", "stage: WITHDRAWN", ""},
                                   {"stage: OPEN", "stage: ANNOUNCED", "STATE_STEP"},
                                   {"stage: DECIDED", "stage: WITHDRAWN", "STATE_STEP"},
                                   {"stage: WITHDRAWN", "stage: OPEN", "STATE_STEP"},
                               });
}

}  // namespace
}  // namespace mostove::coalitions
