// The service on both engines.
#include <atomic>
#include <thread>

#include "libs/service/service_fixture.h"
#include "mostove/coalitions/v1/coalition.pb.h"
#include "mostove/coalitions/v1/member.pb.h"
#include "mostove/coalitions/v1/policy_process.pb.h"
#include "services/coalitions/definition.h"

namespace mostove::coalitions {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Coalition;
using v1::Member;
using v1::PolicyProcess;

constexpr char kTexts[] = R"(title { texts { key: "en" value: "A title" } }
                             purpose { texts { key: "en" value: "A purpose" } } )";
constexpr char kProcess[] = R"(title { texts { key: "en" value: "A title" } }
                               institution { texts { key: "en" value: "A ministry" } }
                               level: NATIONAL kind: STRATEGY )";

class CoalitionsTest : public service::ServiceTest {
 protected:
  void SetUp() override {
    Open(Define());
    ASSERT_THAT(Create<Coalition>(
                    "", "school",
                    std::string(kTexts) + "conveners: 'organizations/c' publication: PUBLISHED"),
                IsOk());
  }

  absl::StatusOr<Member> Join(const std::string& organization, const std::string& text,
                              const call::Caller& caller = Administrator()) {
    return Create<Member>("coalitions/school", "",
                          absl::StrCat("organization: '", organization, "' role: MEMBER ", text),
                          caller);
  }

  const call::Caller convener_ = MemberOf({"organizations/c"});
  const call::Caller member_ = MemberOf({"organizations/m"});
};
INSTANTIATE_ON_BOTH_ENGINES(CoalitionsTest);

TEST_P(CoalitionsTest, EveryListWalksAnIndex) { ExpectSchemaServesLists(); }

TEST_P(CoalitionsTest, ChartersAreHashedAndStay) {
  const auto with_charter = Update<Coalition>("coalitions/school", R"(
      charter_versions { text: "abc" language: "bg" sha256: "made up" adoption_date { year: 2025 } })",
                                              convener_);
  ASSERT_THAT(with_charter, IsOk());
  EXPECT_EQ(with_charter->charter_versions(0).sha256(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_THAT(Update<Coalition>("coalitions/school", R"(
      charter_versions { text: "abd" language: "bg" adoption_date { year: 2025 } })",
                                convener_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("CHARTER_ADOPTED")));
  EXPECT_THAT(Update<Coalition>("coalitions/school", R"(
      charter_versions { text: "abc" language: "bg" adoption_date { year: 2025 } }
      charter_versions { text: "abd" language: "bg" })",
                                convener_),
              IsOk());
}

TEST_P(CoalitionsTest, ConvenersWriteMemberships) {
  const auto member = Join("organizations/m", "note: 'x'", convener_);
  ASSERT_THAT(member, IsOk());
  EXPECT_THAT(member->conveners(), ElementsAre("organizations/c"));
  EXPECT_EQ(Do<Member>("Get", member->name(), Anonymous())->note(), "");
  EXPECT_EQ(Do<Member>("Get", member->name(), member_)->note(), "x");
  EXPECT_THAT(Join("organizations/m", "start_date { year: 2030 }", member_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("CONVENER_REQUIRED")));
  EXPECT_THAT(Update<Member>(member->name(), "role: LEAD", member_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("CONVENER_REQUIRED")));
  EXPECT_THAT(Do<Member>("Delete", member->name(), member_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("CONVENER_REQUIRED")));
  EXPECT_THAT(Update<Member>(member->name(), "organization: 'organizations/x'", convener_),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Update<Member>(member->name(), "end_date { year: 2026 }", member_), IsOk());
}

TEST_P(CoalitionsTest, AnOrganizationIsAMemberOnceAtATime) {
  const auto first = Join("organizations/m", "start_date { year: 2024 } end_date { year: 2025 }");
  ASSERT_THAT(first, IsOk());
  for (const char* overlapping : {"", "start_date { year: 2025 month: 7 }",
                                  "end_date { year: 2024 }", "start_date { year: 2020 }"}) {
    EXPECT_THAT(Join("organizations/m", overlapping),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasViolation("member.organization", "MEMBERSHIP_OVERLAPS")))
        << overlapping;
  }
  ASSERT_THAT(Join("organizations/other", ""), IsOk());
  ASSERT_THAT(Join("organizations/m", "start_date { year: 2026 }"), IsOk());
  EXPECT_THAT(Update<Member>(first->name(), "end_date { year: 2026 month: 2 }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("member.organization", "MEMBERSHIP_OVERLAPS")));
  // A deleted one does not count until it comes back.
  ASSERT_THAT(Do<Member>("Delete", first->name()), IsOk());
  ASSERT_THAT(Join("organizations/m", "end_date { year: 2025 }"), IsOk());
  EXPECT_THAT(Do<Member>("Undelete", first->name()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("member.organization", "MEMBERSHIP_OVERLAPS")));
}

TEST_P(CoalitionsTest, AnOrganizationIsAMemberOnceHoweverManyAddItAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> joined = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto member = Join("organizations/m", "");
      if (member.ok()) ++joined;
      if (!member.ok()) {
        EXPECT_THAT(member, HasViolation("member.organization", "MEMBERSHIP_OVERLAPS"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(joined, 1);
}

TEST_P(CoalitionsTest, PolicyProcessesBelongToWhoeverRecordsThem) {
  const auto process = Create<PolicyProcess>(
      "", "",
      std::string(kProcess) + "recorded_by: 'organizations/m' coalitions: 'coalitions/school'",
      member_);
  ASSERT_THAT(process, IsOk());
  EXPECT_EQ(process->stage(), PolicyProcess::ANNOUNCED);
  EXPECT_THAT(List<PolicyProcess>("", "level = NATIONAL", convener_), IsEmpty());
  ASSERT_THAT(Update<PolicyProcess>(process->name(), "publication: PUBLISHED", member_), IsOk());
  EXPECT_THAT(List<PolicyProcess>("", "coalitions:\"coalitions/school\"", Anonymous()),
              ElementsAre(process->name()));
}

TEST_P(CoalitionsTest, SaysAllThatIsWrong) {
  const auto process = Create<PolicyProcess>("", "x", R"(level: MUNICIPAL kind: CONSULTATION
      coalitions: "coalitions/none" start_date { year: 2026 } end_date { year: 2025 })");
  for (const auto& [field, reason] : std::vector<std::pair<std::string, std::string>>{
           {"policy_process.title", "REQUIRED"},
           {"policy_process.institution", "REQUIRED"},
           {"policy_process.place.area", "REQUIRED"},
           {"policy_process.coalitions[0]", "REFERENCE_NOT_FOUND"},
           {"policy_process.end_date", "END_BEFORE_START"}}) {
    EXPECT_THAT(process, StatusIs(absl::StatusCode::kInvalidArgument, HasViolation(field, reason)));
  }
  EXPECT_THAT(Join("organizations/missing", ""),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("member.organization", "REFERENCE_NOT_FOUND")));
}

}  // namespace
}  // namespace mostove::coalitions
