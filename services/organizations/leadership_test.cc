// Refugee leadership on both engines.
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/leadership_rules.h"
#include "services/organizations/organizations_fixture.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using v1::LeadershipReading;
using v1::Organization;
using v1::RefugeeLeadership;

constexpr char kAttest[] = R"(name: "organizations/a" attester: "organizations/b"
    expire_date { year: 2027 month: 6 day: 30 })";

class LeadershipTest : public OrganizationsTest {
 protected:
  absl::StatusOr<LeadershipReading> Read(const call::Caller& caller, const std::string& date = "") {
    return Call<LeadershipReading>("ReadLeadership", "name: 'organizations/a' " + date, caller);
  }
};
INSTANTIATE_ON_BOTH_ENGINES(LeadershipTest);

TEST_P(LeadershipTest, IsDeclaredByItselfAndAttestedByWhomItAsked) {
  EXPECT_THAT(Update<Organization>("organizations/a",
                                   R"(refugee_leadership { board_share: 0.6 basis: ATTESTED
                                      attested_by: "organizations/b" })",
                                   owner_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("ATTESTED_BY_OTHERS")));
  ASSERT_THAT(
      Update<Organization>("organizations/a", "refugee_leadership { board_share: 0.6 }", owner_),
      IsOk());
  EXPECT_THAT(Call<RefugeeLeadership>("AttestLeadership", kAttest, other_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("NOT_ASKED")));
  ASSERT_THAT(Update<Organization>("organizations/a",
                                   R"(refugee_leadership { board_share: 0.6
                                      attested_by: "organizations/b" })",
                                   owner_),
              IsOk());
  EXPECT_THAT(Call<RefugeeLeadership>("AttestLeadership", kAttest, owner_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("NOT_ATTESTER")));
  EXPECT_THAT(Call<RefugeeLeadership>("AttestLeadership",
                                      R"(name: "organizations/a" attester: "organizations/b"
                                         expire_date { year: 2026 month: 6 day: 30 })",
                                      other_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("expire_date", "PAST")));
  const auto attested = Call<RefugeeLeadership>("AttestLeadership", kAttest, other_);
  ASSERT_THAT(attested, IsOk());
  EXPECT_EQ(attested->basis(), RefugeeLeadership::ATTESTED);
  EXPECT_TRUE(attested->has_attest_time());

  // What was attested stays; to publish it, or to declare anew, is the owner's.
  EXPECT_THAT(Update<Organization>("organizations/a",
                                   R"(refugee_leadership { board_share: 0.9 basis: ATTESTED
                                      attested_by: "organizations/b"
                                      expire_date { year: 2027 month: 6 day: 30 } })",
                                   owner_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("ATTESTED_BY_OTHERS")));
  EXPECT_FALSE(Read(Anonymous())->has_statement());
  EXPECT_THAT(Update<Organization>("organizations/a",
                                   R"(refugee_leadership { board_share: 0.6 basis: ATTESTED
                                      attested_by: "organizations/b" published: true
                                      expire_date { year: 2027 month: 6 day: 30 } })",
                                   owner_),
              IsOk());
  const auto seen = Read(Anonymous());
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(seen->statement().attested_by(), "organizations/b");
  EXPECT_EQ(seen->history_size(), 0);
  EXPECT_THAT(
      Update<Organization>("organizations/a", "refugee_leadership { board_share: 0.3 }", owner_),
      IsOk());

  const auto own = Read(owner_);
  ASSERT_THAT(own, IsOk());
  ASSERT_EQ(own->history_size(), 5);  // declared, asked, attested, published, declared anew
  EXPECT_DOUBLE_EQ(own->history(0).statement().board_share(), 0.3);
  EXPECT_TRUE(own->history(1).statement().published());
  EXPECT_EQ(own->history(2).statement().basis(), RefugeeLeadership::ATTESTED);
  EXPECT_EQ(own->history(3).statement().attested_by(), "organizations/b");
  EXPECT_EQ(own->history(4).statement().attested_by(), "");
  EXPECT_FALSE(Read(Anonymous())->has_statement());
}

TEST_P(LeadershipTest, HoldsUntilItExpires) {
  ASSERT_THAT(Update<Organization>("organizations/a",
                                   R"(refugee_leadership { board_share: 0.6
                                      expire_date { year: 2028 month: 2 } })",
                                   owner_),
              IsOk());
  EXPECT_TRUE(Read(owner_, "date { year: 2028 month: 2 day: 29 }")->holds());
  EXPECT_FALSE(Read(owner_, "date { year: 2028 month: 3 day: 1 }")->holds());
  EXPECT_FALSE(Read(other_)->holds());
}

}  // namespace
}  // namespace mostove::organizations
