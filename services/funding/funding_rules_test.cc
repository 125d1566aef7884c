#include "libs/testing/rule_cases.h"
#include "services/funding/donor_rules.h"
#include "services/funding/grant_rules.h"
#include "services/funding/project_rules.h"

namespace mostove::funding {
namespace {

using ::mostove::testing::ExpectChanges;
using ::mostove::testing::ExpectViolations;
using ::mostove::testing::Parse;
using v1::Donor;
using v1::Grant;
using v1::Project;

TEST(PrepareTest, GivesWhatIsLeftOutItsMeaning) {
  Grant grant = Parse<Grant>(R"(sectors { classification { scheme: "DAC-5" code: "15150" } })");
  PrepareGrant(grant);
  EXPECT_EQ(grant.status(), v1::PIPELINE);
  EXPECT_EQ(grant.publication(), common::v1::DRAFT);
  EXPECT_EQ(grant.sectors(0).basis_points(), 10000);
  Project project;
  PrepareProject(project);
  EXPECT_EQ(project.status(), v1::PIPELINE);
  EXPECT_EQ(project.publication(), common::v1::DRAFT);
  Donor donor;
  PrepareDonor(donor);
  EXPECT_EQ(donor.publication(), common::v1::SHARED);
}

TEST(CheckGrantTest, HasADonorWhereTheMechanismHasOne) {
  ExpectViolations<Grant>(
      CheckGrant, {
                      {R"(mechanism: PROJECT_GRANT donor: "donors/a")", {}},
                      {"mechanism: PROJECT_GRANT", {"donor REQUIRED"}},
                      {"mechanism: MEMBERSHIP_FEES", {}},
                      {"mechanism: OWN_ECONOMIC_ACTIVITY", {}},
                      {R"(mechanism: INDIVIDUAL_DONATIONS donor: "donors/a")", {"donor NO_DONOR"}},
                      {"", {}},  // the annotation asks for a mechanism
                  });
}

TEST(CheckGrantTest, TheLinesOfABudgetSumToItsAmount) {
  const std::string hundred = R"(budget { amount { currency_code: "EUR" units: 100 } )";
  ExpectViolations<Grant>(
      CheckGrant,
      {
          {hundred + "}", {}},
          {hundred + R"(lines { amount { currency_code: "EUR" units: 99 nanos: 990000000 } }
                        lines { amount { currency_code: "EUR" nanos: 10000000 } } })",
           {}},
          {hundred + R"(lines { amount { currency_code: "EUR" units: 99 } } })",
           {"budget.lines LINES_SUM"}},
          {hundred + R"(lines { amount { currency_code: "EUR" units: 101 } }
                        lines { amount { currency_code: "EUR" units: -1 } } })",
           {"budget.lines[1].amount AMOUNT"}},
          {hundred + R"(lines { amount { currency_code: "BGN" units: 100 } } })",
           {"budget.lines[0].amount CURRENCY_MIXED"}},
          {R"(budget { amount { currency_code: "EUR" } })", {"budget.amount AMOUNT"}},
          {R"(budget { amount { currency_code: "EUR" units: -5 } })", {"budget.amount AMOUNT"}},
          {"budget { }", {}},  // the annotation asks for an amount
      });
}

TEST(CheckGrantTest, SectorsAreWholeAndNoGrantComesOutOfItself) {
  ExpectViolations<Grant>(
      CheckGrant,
      {
          {R"(sectors { classification { scheme: "DAC-5" code: "15150" } basis_points: 1 })",
           {"sectors SHARES_SUM"}},
          {R"(name: "grants/a" parent_grant: "grants/a")", {"parent_grant LOOP"}},
          {R"(name: "grants/a" parent_grant: "grants/b")", {}},
      });
}

TEST(CheckGrantChangeTest, TakesTheStepsOfActivityStatus) {
  ExpectChanges<Grant>(CheckGrantChange,
                       {
                           {"status: PIPELINE", "status: IMPLEMENTATION", ""},
                           {"status: IMPLEMENTATION", "status: SUSPENDED", ""},
                           {"status: SUSPENDED", "status: IMPLEMENTATION", ""},
                           {"status: FINALISATION", "status: CLOSED", ""},
                           {"status: CLOSED", "status: FINALISATION", ""},
                           {"status: PIPELINE", "status: CLOSED", "STATE_STEP"},
                           {"status: CANCELLED", "status: PIPELINE", "STATE_STEP"},
                           {"status: CLOSED", "status: IMPLEMENTATION", "STATE_STEP"},
                       });
}

TEST(CheckProjectTest, PartnersAreOthersAndSectorsWhole) {
  ExpectViolations<Project>(
      CheckProject,
      {
          {R"(organization: "organizations/a" partners: "organizations/b")", {}},
          {R"(organization: "organizations/a" partners: [ "organizations/b", "organizations/a" ])",
           {"partners[1] DUPLICATE"}},
          {R"(sectors { classification { scheme: "DAC-5" code: "15150" } basis_points: 10 })",
           {"sectors SHARES_SUM"}},
      });
}

TEST(CheckDonorTest, HasANumberPerRegisterAndAnAddress) {
  ExpectViolations<Donor>(
      CheckDonor,
      {
          {R"(identifiers { scheme: "XI-IATI" value: "1" } website: "https://unhcr.org")", {}},
          {R"(identifiers { scheme: "XI-IATI" value: "1" }
              identifiers { scheme: "XI-IATI" value: "2" })",
           {"identifiers[1].scheme DUPLICATE"}},
          {R"(website: "https://me@example.org")", {"website WEBSITE"}},
      });
}

}  // namespace
}  // namespace mostove::funding
