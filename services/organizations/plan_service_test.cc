// Development plans on both engines.
#include "absl/strings/str_cat.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/organizations_fixture.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using v1::Plan;

constexpr char kDraft[] = R"(parent: "organizations/a" plan_id: "p"
    assessment: "organizations/a/assessments/x" )";
constexpr char kName[] = "name: 'organizations/a/plans/p'";

class PlanTest : public OrganizationsTest {
 protected:
  void SetUp() override {
    OrganizationsTest::SetUp();
    ASSERT_THAT(Create<v1::Assessment>("organizations/a", "x", R"(
        framework: "capacityFrameworks/academy-1" kind: SELF publication: SHARED
        assess_date { year: 2026 month: 3 day: 1 } answers { criterion: "mission" level: 2 }
        answers { criterion: "advocacy" level: 1 } answers { criterion: "people" level: 3 })"),
                IsOk());
  }
};
INSTANTIATE_ON_BOTH_ENGINES(PlanTest);

TEST_P(PlanTest, GoesFromGapsToAdoptedToClosed) {
  const auto drafted = Call<Plan>("DraftPlan", kDraft, owner_);
  ASSERT_THAT(drafted, IsOk());
  ASSERT_EQ(drafted->goals_size(), 2);
  EXPECT_EQ(drafted->goals(0).code(), "advocacy");
  EXPECT_EQ(drafted->goals(0).statement().texts_size(), 3);
  EXPECT_EQ(drafted->goals(1).topics(0), "topics/goal-setting");
  EXPECT_EQ(drafted->state(), Plan::PROPOSED);
  EXPECT_EQ(drafted->progress(), 0);

  ASSERT_THAT(Call<Plan>("AdoptPlan", kName, owner_), IsOk());
  EXPECT_THAT(Call<Plan>("AdoptPlan", kName, owner_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("PLAN_ADOPTED")));
  EXPECT_THAT(Update<Plan>("organizations/a/plans/p",
                           "goals { code: 'x' statement { texts { key: "
                           "'en' value: 'x' } } }",
                           owner_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("PLAN_ADOPTED")));
  const auto read = Do<Plan>("Get", "organizations/a/plans/p", owner_);
  ASSERT_THAT(read, IsOk());
  Plan changed;
  *changed.mutable_goals() = read->goals();
  changed.mutable_goals(0)->set_current(2);
  const auto updated = Update<Plan>("organizations/a/plans/p", changed.ShortDebugString(), owner_);
  ASSERT_THAT(updated, IsOk());
  EXPECT_DOUBLE_EQ(updated->progress(), 0.25);

  const auto progress = Call<v1::ReadPlanProgressResponse>(
      "ReadPlanProgress", absl::StrCat(kName, " date { year: 2028 }"), owner_);
  ASSERT_THAT(progress, IsOk());
  EXPECT_DOUBLE_EQ(progress->goals(0).progress(), 0.5);
  EXPECT_TRUE(progress->goals(0).overdue());
  EXPECT_EQ(progress->overdue_milestones_size(), 2);

  ASSERT_THAT(Call<Plan>("ClosePlan", absl::StrCat(kName, " note: 'half'"), owner_), IsOk());
  EXPECT_THAT(Update<Plan>("organizations/a/plans/p", "note: 'more'", owner_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("PLAN_CLOSED")));
}

TEST_P(PlanTest, IsDraftedFromWhatTheCallerMaySeeAndWrite) {
  EXPECT_THAT(Call<Plan>("DraftPlan", kDraft, other_), ::testing::Not(IsOk()));
  EXPECT_THAT(Call<Plan>("DraftPlan", R"(parent: "organizations/b"
      assessment: "organizations/a/assessments/x")",
                         other_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("assessment", "NAME")));
  EXPECT_THAT(Call<Plan>("DraftPlan", absl::StrCat(kDraft, "below: 1"), owner_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("NO_GAPS")));
  EXPECT_THAT(
      Call<Plan>("DraftPlan", absl::StrCat(kDraft, "end_date { year: 2026 month: 1 }"), owner_),
      StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("end_date", "PAST")));
  EXPECT_THAT(Call<Plan>("DraftPlan", absl::StrCat(kDraft, "validate_only: true"), owner_), IsOk());
  EXPECT_THAT(Do<Plan>("Get", "organizations/a/plans/p", owner_),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace mostove::organizations
