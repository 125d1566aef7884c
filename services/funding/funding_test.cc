// The service on both engines.
#include <thread>

#include "libs/service/service_fixture.h"
#include "mostove/funding/v1/donor.pb.h"
#include "mostove/funding/v1/grant.pb.h"
#include "mostove/funding/v1/project.pb.h"
#include "services/funding/definition.h"

namespace mostove::funding {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Donor;
using v1::Grant;
using v1::Project;

constexpr char kTitle[] = R"(title { texts { key: "en" value: "A title" } } )";

std::string Euros(int units) {
  return absl::StrCat(" budget { amount { currency_code: 'EUR' units: ", units, " } } ");
}

// UNHCR gives to the network, the network to local organizations.
class FundingTest : public service::ServiceTest {
 protected:
  void SetUp() override {
    Open(Define());
    ASSERT_THAT(Create<Donor>("", "unhcr", R"(title: "UNHCR" type: MULTILATERAL)"), IsOk());
    ASSERT_THAT(Create<Donor>("", "network", R"(title: "The network"
        organization: "organizations/network")"),
                IsOk());
    ASSERT_THAT(Create<Grant>("", "first", kTitle + Euros(1000) + R"(donor: "donors/unhcr"
        recipient: "organizations/network" mechanism: PROJECT_GRANT)"),
                IsOk());
  }

  // A grant of the network out of grants/first.
  absl::StatusOr<Grant> PassOn(const std::string& id, const std::string& recipient,
                               const std::string& text,
                               const call::Caller& caller = Administrator()) {
    return Create<Grant>("", id,
                         absl::StrCat(kTitle, R"(donor: "donors/network"
        parent_grant: "grants/first" mechanism: SUB_GRANT recipient: ")",
                                      recipient, "\" ", text),
                         caller);
  }

  const call::Caller network_ = MemberOf({"organizations/network"});
  const call::Caller local_ = MemberOf({"organizations/local"});
  const call::Caller other_ = MemberOf({"organizations/other"});
};
INSTANTIATE_ON_BOTH_ENGINES(FundingTest);

TEST_P(FundingTest, EveryListWalksAnIndex) { ExpectSchemaServesLists(); }

TEST_P(FundingTest, DonorsAreADirectoryOfTheNetwork) {
  EXPECT_THAT(Do<Donor>("Get", "donors/unhcr", other_), IsOk());
  EXPECT_THAT(Do<Donor>("Get", "donors/unhcr", Anonymous()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Update<Donor>("donors/unhcr", R"(title: "x")", other_),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Create<Donor>("", "", R"(title: "A foundation" type: FOUNDATION
      recorded_by: "organizations/other")",
                            other_),
              IsOk());
  EXPECT_THAT(Update<Donor>("donors/network", R"(organization: "organizations/other")"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(FundingTest, DonorAndRecipientOwnAGrant) {
  const auto grant = PassOn("", "organizations/local", Euros(400), network_);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->donor_organization(), "organizations/network");
  EXPECT_EQ(grant->status(), v1::PIPELINE);
  EXPECT_THAT(Update<Grant>(grant->name(), "earmarking: EARMARKED", local_), IsOk());
  EXPECT_THAT(Update<Grant>(grant->name(), "earmarking: UNEARMARKED", network_), IsOk());
  EXPECT_THAT(Do<Grant>("Get", grant->name(), other_), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(List<Grant>("", "mechanism = SUB_GRANT", local_), ElementsAre(grant->name()));
  EXPECT_THAT(List<Grant>("", "", other_), IsEmpty());
  // Who passes the money on says so.
  ASSERT_THAT(Update<Grant>("grants/first", "publication: SHARED"), IsOk());
  EXPECT_THAT(PassOn("", "organizations/local", Euros(1), local_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("DONOR_REQUIRED")));
  EXPECT_THAT(PassOn("", "organizations/local", Euros(1), other_),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_P(FundingTest, AmountsAreForOwnersUnlessPublished) {
  ASSERT_THAT(Update<Grant>("grants/first", "publication: PUBLISHED"), IsOk());
  EXPECT_FALSE(Do<Grant>("Get", "grants/first", other_)->has_budget());
  EXPECT_TRUE(Do<Grant>("Get", "grants/first", network_)->has_budget());
  EXPECT_THAT(List<Grant>("", "budget.amount.units > 10", other_), IsEmpty());
  EXPECT_THAT(List<Grant>("", "budget.amount.units > 10", network_), ElementsAre("grants/first"));
  ASSERT_THAT(Update<Grant>("grants/first", R"(budget { published: true
      amount { currency_code: "EUR" units: 1000 } })"),
              IsOk());
  EXPECT_EQ(Do<Grant>("Get", "grants/first", Anonymous())->budget().amount().units(), 1000);
}

TEST_P(FundingTest, PassesOnNoMoreThanThereIs) {
  ASSERT_THAT(PassOn("a", "organizations/local", Euros(600)), IsOk());
  EXPECT_THAT(PassOn("b", "organizations/other", Euros(401)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("grant.parent_grant", "EXCEEDS_PARENT")));
  // 782.33 BGN are 400.00 EUR; other currencies cannot be compared.
  ASSERT_THAT(PassOn("b", "organizations/other", R"(budget {
      amount { currency_code: "BGN" units: 782 nanos: 330000000 } })"),
              IsOk());
  ASSERT_THAT(PassOn("c", "organizations/other",
                     R"(budget { amount { currency_code: "USD" units: 5000 } })"),
              IsOk());
  EXPECT_THAT(Update<Grant>("grants/a", Euros(601)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("grant.parent_grant", "EXCEEDS_PARENT")));
  // Nor for a recipient that does not see the grant above.
  EXPECT_THAT(Do<Grant>("Get", "grants/first", local_), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Update<Grant>("grants/a", Euros(601), local_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("grant.parent_grant", "EXCEEDS_PARENT")));
  EXPECT_THAT(Update<Grant>("grants/first", Euros(999)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("grant.budget.amount", "BELOW_PASSED_ON")));
  // What is cancelled is free again.
  ASSERT_THAT(Update<Grant>("grants/a", "status: CANCELLED"), IsOk());
  EXPECT_THAT(Update<Grant>("grants/first", Euros(400)), IsOk());
}

TEST_P(FundingTest, PassesOnNoMoreThanThereIsHoweverManyDoSoAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> passed = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto grant = PassOn(absl::StrCat("g", i), "organizations/local", Euros(300));
      if (grant.ok()) ++passed;
      if (!grant.ok()) {
        EXPECT_THAT(grant, HasViolation("grant.parent_grant", "EXCEEDS_PARENT"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, 3);
}

TEST_P(FundingTest, AChainFollowsTheMoney) {
  // The network cannot pass on what went to somebody else.
  ASSERT_THAT(Create<Grant>("", "elsewhere", kTitle + Euros(1000) + R"(donor: "donors/unhcr"
      recipient: "organizations/other" mechanism: CORE_SUPPORT)"),
              IsOk());
  EXPECT_THAT(
      Create<Grant>("", "x", kTitle + Euros(1) + R"(donor: "donors/network"
      parent_grant: "grants/elsewhere" recipient: "organizations/local" mechanism: SUB_GRANT)"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("grant.parent_grant", "CHAIN")));
  // Nor can it stand above itself.
  ASSERT_THAT(PassOn("a", "organizations/network", Euros(10)), IsOk());
  ASSERT_THAT(Create<Grant>("", "b", kTitle + Euros(10) + R"(donor: "donors/network"
      parent_grant: "grants/a" recipient: "organizations/network" mechanism: SUB_GRANT)"),
              IsOk());
  EXPECT_THAT(
      Update<Grant>("grants/a", R"(parent_grant: "grants/b")"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("grant.parent_grant", "LOOP")));
}

TEST_P(FundingTest, SaysAllThatIsWrongWithAGrant) {
  const auto refused = Create<Grant>("", "g", kTitle + std::string(R"(
      donor: "donors/none" recipient: "organizations/missing" mechanism: PROJECT_GRANT
      budget { amount { currency_code: "EUR" units: 100 }
               lines { title: "Rent" amount { currency_code: "EUR" units: 50 } }
               lines { title: "Salaries" amount { currency_code: "EUR" units: 49 } } }
      start_date { year: 2026 } end_date { year: 2025 }
      sectors { classification { scheme: "DAC-5" code: "15150" } basis_points: 5000 }
      sectors { classification { scheme: "DAC-5" code: "72010" } basis_points: 4000 })"));
  for (const auto& [field, reason] :
       std::vector<std::pair<std::string, std::string>>{{"grant.donor", "REFERENCE_NOT_FOUND"},
                                                        {"grant.recipient", "REFERENCE_NOT_FOUND"},
                                                        {"grant.budget.lines", "LINES_SUM"},
                                                        {"grant.end_date", "END_BEFORE_START"},
                                                        {"grant.sectors", "SHARES_SUM"}}) {
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, HasViolation(field, reason)));
  }
}

TEST_P(FundingTest, ProjectsNameTheGrantsThatPayForThem) {
  const auto project = Create<Project>("", "steps", kTitle + std::string(R"(
      organization: "organizations/local" grants: "grants/first" publication: PUBLISHED
      results { title { texts { key: "en" value: "Trained" } } target: 40 })"));
  ASSERT_THAT(project, IsOk());
  EXPECT_THAT(List<Project>("", "grants:\"grants/first\"", other_), ElementsAre("projects/steps"));
  EXPECT_EQ(Do<Project>("Get", "projects/steps", Anonymous())->grants_size(), 0);
  EXPECT_THAT(Do<Grant>("Delete", "grants/first"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("REFERENCED")));
  EXPECT_THAT(Update<Project>("projects/steps", "status: CLOSED"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("STATE_STEP")));
}

}  // namespace
}  // namespace mostove::funding
