// Capacity on both engines.
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "mostove/changes/v1/changes.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/capacity_framework_rules.h"
#include "services/organizations/organizations_fixture.h"
#include "services/organizations/shipped_data.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using v1::Assessment;
using v1::CapacityFramework;

constexpr char kSelf[] = R"(framework: "capacityFrameworks/opi-1" kind: SELF
    assess_date { year: 2026 month: 3 day: 1 } )";
constexpr char kFacilitated[] = R"(framework: "capacityFrameworks/opi-1" kind: FACILITATED
    facilitator: "organizations/c" assess_date { year: 2026 month: 5 day: 1 } )";
constexpr char kName[] = "organizations/a/assessments/x";

class CapacityTest : public OrganizationsTest {
 protected:
  // With levels for "results" and "standards".
  void AddSubmitted(const std::string& organization, const std::string& id, const std::string& text,
                    int results, int standards) {
    ASSERT_THAT(Create<Assessment>(
                    "organizations/" + organization, id,
                    absl::StrCat(text, "answers { criterion: 'results' level: ", results,
                                 " } answers { criterion: 'standards' level: ", standards, " }")),
                IsOk());
    ASSERT_THAT(Submit(absl::StrCat("organizations/", organization, "/assessments/", id)), IsOk());
  }
  absl::StatusOr<Assessment> Submit(const std::string& name,
                                    const call::Caller& caller = Administrator()) {
    return Call<Assessment>("SubmitAssessment", absl::StrCat("name: '", name, "'"), caller);
  }
};
INSTANTIATE_ON_BOTH_ENGINES(CapacityTest);

TEST_P(CapacityTest, TwoFrameworksAreThereFromTheBeginningInThreeLanguages) {
  EXPECT_THAT(List<CapacityFramework>("", "", Anonymous()),
              ElementsAre("capacityFrameworks/academy-1", "capacityFrameworks/opi-1"));
  const auto opi = Do<CapacityFramework>("Get", "capacityFrameworks/opi-1", Anonymous());
  const auto academy = Do<CapacityFramework>("Get", "capacityFrameworks/academy-1", Anonymous());
  ASSERT_THAT(opi, IsOk());
  ASSERT_THAT(academy, IsOk());
  EXPECT_EQ(opi->domains_size(), 4);
  EXPECT_EQ(academy->domains_size(), 9);
  for (const auto& [framework, other] : {std::pair(*opi, *academy), std::pair(*academy, *opi)}) {
    const auto criteria = CriteriaOf(framework);
    for (const auto& [code, place] : criteria) {
      EXPECT_THAT(place.criterion->topics(), Not(IsEmpty())) << code;
      ASSERT_EQ(place.criterion->levels_size(), 4) << code;
      for (const auto& level : place.criterion->levels()) EXPECT_EQ(level.texts_size(), 3) << code;
    }
    ASSERT_EQ(framework.crosswalks_size(), 1);
    EXPECT_EQ(framework.crosswalks(0).framework(), other.name());
    EXPECT_EQ(framework.crosswalks(0).mappings_size(), static_cast<int>(criteria.size()));
    const auto theirs = CriteriaOf(other);
    for (const auto& mapping : framework.crosswalks(0).mappings()) {
      for (const std::string& code : mapping.into()) EXPECT_EQ(theirs.count(code), 1u) << code;
      EXPECT_TRUE(!mapping.into().empty() || mapping.has_loss()) << mapping.criterion();
    }
  }
  for (const auto& domain : opi->domains()) EXPECT_EQ(domain.criteria_size(), 2);
  // A second start makes nothing twice and brings nothing back.
  ASSERT_THAT(Do<CapacityFramework>("Delete", "capacityFrameworks/academy-1"), IsOk());
  ASSERT_THAT(LoadShipped(service().store(), ShippedFrameworks()), IsOk());
  EXPECT_THAT(List<CapacityFramework>("", ""), ElementsAre("capacityFrameworks/opi-1"));
}

TEST_P(CapacityTest, AssessmentsAreScoredByTheirFramework) {
  const auto made = Create<Assessment>("organizations/a", "x", std::string(kSelf) + R"(
      answers { criterion: "results" level: 3 evidence: "report" }
      answers { criterion: "reach" level: 2 })",
                                       owner_);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->state(), Assessment::IN_PREPARATION);
  EXPECT_DOUBLE_EQ(made->score().mean(), 2.5);
  EXPECT_EQ(made->score().answered(), 2);
  EXPECT_EQ(made->score().criteria(), 8);
  EXPECT_EQ(made->domain_scores_size(), 4);
  EXPECT_THAT(Create<Assessment>("organizations/a", "y",
                                 std::string(kSelf) + "answers { criterion: 'none' level: 5 }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("assessment.answers[0].level", "TOO_LARGE")));
  EXPECT_THAT(Create<Assessment>("organizations/a", "y",
                                 std::string(kSelf) + "answers { criterion: 'none' level: 4 }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("assessment.answers[0].criterion", "CRITERION")));
  EXPECT_THAT(Do<CapacityFramework>("Delete", "capacityFrameworks/opi-1"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("REFERENCED")));
}

TEST_P(CapacityTest, SubmittedAnswersStayWhoeverAsks) {
  AddSubmitted("a", "x", kSelf, 2, 3);
  EXPECT_THAT(Submit(kName),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("ASSESSMENT_SUBMITTED")));
  EXPECT_THAT(Update<Assessment>(kName, "answers { criterion: 'results' level: 4 }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("ASSESSMENT_SUBMITTED")));
  EXPECT_THAT(
      Call<Assessment>("AnswerAssessment",
                       absl::StrCat("name: '", kName, "' answers { criterion: 'reach' level: 4 }")),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("ASSESSMENT_SUBMITTED")));
  EXPECT_THAT(Do<Assessment>("Delete", kName),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("ASSESSMENT_SUBMITTED")));
  EXPECT_THAT(Update<Assessment>(kName, "publication: SHARED", owner_), IsOk());
  EXPECT_THAT(Call<Assessment>("VerifyAssessment", absl::StrCat("name: '", kName, "'"), owner_),
              StatusIs(absl::StatusCode::kPermissionDenied));
  const auto verified =
      Call<Assessment>("VerifyAssessment", absl::StrCat("name: '", kName, "' note: 'seen'"));
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->state(), Assessment::VERIFIED);
  EXPECT_EQ(verified->answers_size(), 2);
}

TEST_P(CapacityTest, TheDatabaseRefusesToChangeWhatWasSubmitted) {
  AddSubmitted("a", "x", kSelf, 2, 3);
  ASSERT_THAT(Create<Assessment>("organizations/a", "draft", kSelf), IsOk());
  for (const char* change :
       {"answers_digest = 'other'", "state = 1", "state = NULL",
        "payload = (SELECT payload FROM assessments WHERE name LIKE '%draft')"}) {
    EXPECT_THAT(
        Execute(absl::StrCat("UPDATE assessments SET ", change, " WHERE name = '", kName, "'")),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("CHECK_VIOLATION")))
        << change;
  }
  EXPECT_THAT(Execute("UPDATE assessments SET answers_digest = 'x' WHERE name LIKE '%draft'"),
              IsOk());
}

TEST_P(CapacityTest, AnswersOfManyAtOnceAreAllKeptAndAllInTheHistory) {
  ASSERT_THAT(Create<Assessment>("organizations/a", "x", kSelf), IsOk());
  const std::vector<std::string> criteria = {"results",   "standards",         "delivery",
                                             "reach",     "target-population", "learning",
                                             "resources", "social-capital"};
  std::vector<std::thread> people;
  for (const std::string& criterion : criteria) {
    people.emplace_back([&, criterion] {
      EXPECT_THAT(Call<Assessment>("AnswerAssessment",
                                   absl::StrCat("name: '", kName, "' answers { criterion: '",
                                                criterion, "' level: 2 evidence: 'e' }"),
                                   owner_),
                  IsOk());
    });
  }
  for (std::thread& person : people) person.join();
  const auto assessment = Do<Assessment>("Get", kName);
  ASSERT_THAT(assessment, IsOk());
  EXPECT_EQ(assessment->answers_size(), static_cast<int>(criteria.size()));
  EXPECT_EQ(assessment->score().answered(), static_cast<int>(criteria.size()));
  const auto history = Call<changes::v1::ListHistoryResponse>(
      "ListHistory", absl::StrCat("name: '", kName, "' page_size: 100"));
  ASSERT_THAT(history, IsOk());
  EXPECT_EQ(history->revisions_size(), static_cast<int>(criteria.size()) + 1);
}

TEST_P(CapacityTest, OfManyWhoSubmitOneSucceedsAndAnswersAreBeforeItOrRefused) {
  ASSERT_THAT(Create<Assessment>("organizations/a", "x",
                                 std::string(kSelf) + "answers { criterion: 'reach' level: 1 }"),
              IsOk());
  std::atomic<int> submitted = 0, answered = 0;
  std::vector<std::thread> people;
  for (const char* criterion : {"results", "standards", "delivery", "learning"}) {
    people.emplace_back([&] {
      const auto answer = Submit(kName);
      if (answer.ok()) {
        ++submitted;
      } else {
        EXPECT_EQ(status::Reason(answer.status()), "ASSESSMENT_SUBMITTED");
      }
    });
    people.emplace_back([&, criterion] {
      const auto answer = Call<Assessment>(
          "AnswerAssessment",
          absl::StrCat("name: '", kName, "' answers { criterion: '", criterion, "' level: 2 }"));
      if (answer.ok()) {
        ++answered;
      } else {
        EXPECT_EQ(status::Reason(answer.status()), "ASSESSMENT_SUBMITTED");
      }
    });
  }
  for (std::thread& person : people) person.join();
  EXPECT_EQ(submitted, 1);
  EXPECT_EQ(Do<Assessment>("Get", kName)->answers_size(), 1 + answered);
  const auto history = Call<changes::v1::ListHistoryResponse>(
      "ListHistory", absl::StrCat("name: '", kName, "' page_size: 100"));
  ASSERT_THAT(history, IsOk());
  EXPECT_EQ(history->revisions_size(), 2 + answered);
}

TEST_P(CapacityTest, OthersSeeScoresThatAreSharedAndNoAnswers) {
  AddSubmitted("a", "x", kSelf, 2, 3);
  EXPECT_THAT(Do<Assessment>("Get", kName, other_), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Update<Assessment>(kName, "publication: SHARED", owner_), IsOk());
  const auto shared = Do<Assessment>("Get", kName, other_);
  ASSERT_THAT(shared, IsOk());
  EXPECT_DOUBLE_EQ(shared->score().mean(), 2.5);
  EXPECT_EQ(shared->answers_size(), 0);
  EXPECT_THAT(Do<Assessment>("Get", kName, Anonymous()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(CapacityTest, ReadingsOfOneOrganization) {
  AddSubmitted("a", "x", kSelf, 2, 4);
  AddSubmitted("a", "y", kFacilitated, 1, 4);
  const auto latest = Call<v1::ReadLatestCapacityResponse>("ReadLatestCapacity",
                                                           "parent: 'organizations/a'", owner_);
  ASSERT_THAT(latest, IsOk());
  EXPECT_EQ(latest->readings_size(), 2);
  const auto compared =
      Call<v1::CompareCapacityResponse>("CompareCapacity", "parent: 'organizations/a'", owner_);
  ASSERT_THAT(compared, IsOk());
  ASSERT_EQ(compared->differences_size(), 1);
  EXPECT_DOUBLE_EQ(compared->differences(0).rows(0).difference(), -0.5);
  const auto changed = Call<v1::ReadCapacityChangeResponse>(
      "ReadCapacityChange", "parent: 'organizations/a' start_date { year: 2026 month: 3 day: 1 }",
      owner_);
  ASSERT_THAT(changed, IsOk());
  EXPECT_DOUBLE_EQ(changed->differences(0).rows(0).difference(), 0);
  EXPECT_THAT(
      Call<v1::ReadCapacityChangeResponse>(
          "ReadCapacityChange",
          "parent: 'organizations/a' start_date { year: 2026 month: 3 day: 1 } "
          "end_date { year: 2025 month: 3 day: 1 }"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("end_date", "END_BEFORE_START")));
  const auto gaps =
      Call<v1::ReadCapacityGapsResponse>("ReadCapacityGaps", "parent: 'organizations/a'", owner_);
  ASSERT_THAT(gaps, IsOk());
  ASSERT_EQ(gaps->gaps_size(), 1);
  EXPECT_EQ(gaps->gaps(0).criterion(), "results");
  EXPECT_THAT(gaps->gaps(0).topics(),
              UnorderedElementsAre("topics/project-design", "topics/goal-setting"));
  EXPECT_THAT(
      Call<v1::ReadCapacityGapsResponse>("ReadCapacityGaps", "parent: 'organizations/none'"),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(CapacityTest, ReadingsOfAGroupHaveOnlyWhatTheCallerSees) {
  AddSubmitted("a", "x", kSelf, 1, 1);
  AddSubmitted("b", "x", std::string(kSelf) + "publication: SHARED ", 3, 3);
  AddSubmitted("c", "x", kSelf, 4, 4);
  ASSERT_THAT(Update<v1::Organization>("organizations/c", "kind: INTERNATIONAL"), IsOk());
  const auto mean_for = [&](const std::string& group, const call::Caller& caller) {
    const auto latest = Call<v1::ReadLatestCapacityResponse>(
        "ReadLatestCapacity", "parent: 'organizations/-' " + group, caller);
    EXPECT_THAT(latest, IsOk());
    if (!latest.ok() || latest->readings().empty()) return std::string("none");
    return absl::StrCat(latest->readings(0).organizations(), ": ",
                        latest->readings(0).score().mean());
  };
  EXPECT_EQ(mean_for("", Administrator()), "3: 2.66667");
  EXPECT_EQ(mean_for("group { kind: LOCAL }", Administrator()), "2: 2");
  EXPECT_EQ(mean_for("group { oblast_code: 'BG-05' kind: LOCAL }", Administrator()), "2: 2");
  EXPECT_EQ(mean_for("group { oblast_code: 'BG-22' }", Administrator()), "none");
  EXPECT_EQ(mean_for("", owner_), "2: 2");  // its own and what is shared
  EXPECT_EQ(mean_for("", MemberOf({})), "1: 3");
  EXPECT_EQ(mean_for("", Anonymous()), "none");
  // Gaps come from answers, which only owners see.
  const auto gaps = Call<v1::ReadCapacityGapsResponse>(
      "ReadCapacityGaps", "parent: 'organizations/-' below: 4", owner_);
  ASSERT_THAT(gaps, IsOk());
  for (const auto& gap : gaps->gaps()) EXPECT_EQ(gap.organizations(), 1) << gap.criterion();
  EXPECT_EQ(gaps->gaps_size(), 2);
}

}  // namespace
}  // namespace mostove::organizations
