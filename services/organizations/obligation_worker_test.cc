// Obligations that are made by themselves, on both engines.
#include "services/organizations/obligation_worker.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/organizations_fixture.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::ComplianceRule;
using v1::Obligation;
using v1::Organization;

class ObligationWorkerTest : public OrganizationsTest {
 protected:
  void SetUp() override {
    now_ = absl::FromUnixSeconds(1'700'000'000);  // 2023-11-14
    OrganizationsTest::SetUp();
    for (const std::string& rule : List<ComplianceRule>("", "")) {
      ASSERT_THAT(Do<ComplianceRule>("Delete", rule), IsOk());
    }
    for (const char* id : {"a", "b", "c"}) {  // the fixture's own, recorded today
      ASSERT_THAT(Do<Organization>("Delete", absl::StrCat("organizations/", id)), IsOk());
    }
    worker_ = Another();
  }
  std::unique_ptr<ObligationWorker> Another() {
    auto opened = ObligationWorker::Open(service().store(), {.clock = [this] { return now_; }});
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  void Settle() {
    for (;;) {
      const auto more = worker_->Step();
      ASSERT_THAT(more, IsOk());
      if (!*more) return;
    }
  }
  void AddOrganization(const std::string& id, const std::string& more = "") {
    ASSERT_THAT(Call<Organization>(
                    "CreateOrganization",
                    absl::StrCat("organization_id: '", id, "' organization { legal_name: 'Of ", id,
                                 "' seat { country_code: 'BG' } ", more, " }")),
                IsOk());
  }
  void AddRule(const std::string& id, const std::string& more) {
    ASSERT_THAT(
        Call<ComplianceRule>(
            "CreateComplianceRule",
            absl::StrCat("compliance_rule_id: '", id, "' compliance_rule { country_code: ",
                         "'BG' title { texts { key: 'en' value: 'R' } } source_note: 'law' ", more,
                         " }")),
        IsOk());
  }
  std::vector<std::string> Obligations(const std::string& filter = "") {
    return List<Obligation>("organizations/-", filter);
  }

  static constexpr char kYearly[] = "schedule: YEARLY due_month: 9 due_day: 30 years_after: 1";
  std::unique_ptr<ObligationWorker> worker_;
};
INSTANTIATE_ON_BOTH_ENGINES(ObligationWorkerTest);

TEST_P(ObligationWorkerTest, AnOrganizationHasThemFromItsDayUntilTheEndOfTheNextYear) {
  AddRule("report", kYearly);
  AddOrganization("x");
  Settle();
  // That of 2022 was due in September, before it was recorded.
  EXPECT_THAT(Obligations(), ElementsAre("organizations/x/obligations/report-2023"));
  Settle();
  EXPECT_THAT(Obligations(), SizeIs(1));
  // One that changes is looked at again, and one that is deleted is left alone.
  AddOrganization("y", "legal_form: INFORMAL_GROUP");
  AddRule("foundations", absl::StrCat(kYearly, " legal_forms: FOUNDATION"));
  Settle();
  EXPECT_THAT(Obligations(), SizeIs(2));
  ASSERT_THAT(Update<Organization>("organizations/y", "legal_form: FOUNDATION"), IsOk());
  ASSERT_THAT(Do<Obligation>("Delete", "organizations/x/obligations/report-2023"), IsOk());
  Settle();
  EXPECT_THAT(Obligations(), ElementsAre("organizations/y/obligations/foundations-2023",
                                         "organizations/y/obligations/report-2023"));
}

TEST_P(ObligationWorkerTest, ANewYearAndANewRuleAreForAllThatAreThere) {
  for (int i = 0; i < 205; ++i) AddOrganization(absl::StrCat("n", i));
  AddRule("report", kYearly);
  Settle();
  EXPECT_EQ(Obligations("year = 2023").size(), 50u) << "a page of what are 205";
  const auto count = [&] {
    int64_t rows = 0;
    auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT(reader, IsOk());
    EXPECT_THAT((*reader)->Query("SELECT COUNT(*) FROM obligations", {},
                                 [&](const sql::Row& row) {
                                   rows = row.Int64(0);
                                   return false;
                                 }),
                IsOk());
    return rows;
  };
  EXPECT_EQ(count(), 205);
  now_ += absl::Hours(24 * 60);  // 2024-01-13
  // Ended in the middle: another process goes on where this one was.
  ASSERT_THAT(worker_->Step(), IsOk());
  EXPECT_EQ(count(), 305);
  worker_ = Another();
  Settle();
  EXPECT_EQ(count(), 410);
  AddRule("other", absl::StrCat(kYearly, " first_year: 2024"));
  Settle();
  EXPECT_EQ(count(), 615);
}

TEST_P(ObligationWorkerTest, CopiesAndCallersAtOnceMakeEachOnce) {
  AddRule("report", kYearly);
  AddRule("other", kYearly);
  for (int i = 0; i < 30; ++i) AddOrganization(absl::StrCat("n", i));
  const auto copy = Another();
  std::vector<std::thread> threads;
  for (ObligationWorker* one : {worker_.get(), copy.get()}) {
    threads.emplace_back([one] {
      for (absl::StatusOr<bool> more = true; *more;) {
        more = one->Step();
        // Overtaken by callers again and again: the thread would look again.
        if (!more.ok()) more = true;
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([this] {
      EXPECT_THAT(Call<v1::GenerateObligationsResponse>("GenerateObligations",
                                                        "parent: 'organizations/-' year: 2024"),
                  IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  Settle();
  EXPECT_THAT(List<Obligation>("organizations/n0", ""), SizeIs(2));
  const auto due = Call<v1::ReadDueObligationsResponse>(
      "ReadDueObligations", "parent: 'organizations/-' days: 400 page_size: 50");
  ASSERT_THAT(due, IsOk());
  EXPECT_EQ(due->due_size(), 50);
  const auto rest = Call<v1::ReadDueObligationsResponse>(
      "ReadDueObligations",
      absl::StrCat("parent: 'organizations/-' days: 400 page_size: 50 page_token: '",
                   due->next_page_token(), "'"));
  ASSERT_THAT(rest, IsOk());
  EXPECT_EQ(rest->due_size(), 10);
  EXPECT_EQ(rest->next_page_token(), "");
}

TEST_P(ObligationWorkerTest, AnIdThatIsTakenDoesNotStopIt) {
  AddRule("report", kYearly);
  AddRule("other", kYearly);
  AddOrganization("x");
  ASSERT_THAT(Call<Obligation>("CreateObligation", R"(parent: "organizations/x"
      obligation_id: "report-2023" obligation { rule: "complianceRules/other" year: 2023 })"),
              IsOk());
  Settle();
  EXPECT_THAT(Obligations("rule = \"complianceRules/report\""), SizeIs(1));
  EXPECT_THAT(Obligations(), SizeIs(2));
}

TEST_P(ObligationWorkerTest, ItsThreadStartsAndStops) {
  AddRule("report", kYearly);
  AddOrganization("x");
  worker_->Start();
  for (int tries = 0; Obligations().empty() && tries < 1000; ++tries) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  worker_->Stop();
  EXPECT_THAT(Obligations(), SizeIs(1));
}

}  // namespace
}  // namespace mostove::organizations
