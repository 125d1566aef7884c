// Referrers are written while their targets are deleted and taken back.
#include <deque>
#include <thread>

#include "absl/strings/str_cat.h"
#include "google/protobuf/field_mask.pb.h"
#include "libs/references/references_fixture.h"
#include "libs/status/status.h"

namespace mostove::references {
namespace {

using ::testing::AnyOf;

constexpr char kOrganization[] = "organizations/a";
constexpr char kNeeded[] = "organizations/b";  // with a reader that stays
constexpr char kShelf[] = "organizations/a/shelves/poetry";
constexpr int kRounds = 40;
constexpr int kWriters = 3;

class RaceTest : public ReferencesTest {
 protected:
  void SetUp() override {
    ReferencesTest::SetUp();
    AddOrganization("a");
    AddOrganization("b");
    AddShelf("a", "poetry");
    ASSERT_THAT(
        Create<lending::Reader>(lending_, "stays", R"pb(organization: "organizations/b")pb"),
        IsOk());
  }

  static bool IsWrittenOrTold(const absl::Status& status) {
    if (status.ok() || status::Reason(status) == "REFERENCE_CHANGING") return true;
    const auto violations = status::FieldViolations(status);
    return violations.size() == 1 && violations[0].reason == "REFERENCE_NOT_FOUND";
  }

  // Readers come, stay a little, and go; the last ones stay.
  void WriteReaders(int writer) {
    std::deque<std::string> here;
    for (int round = 0; round < kRounds; ++round) {
      const std::string id = absl::StrCat("w", writer, "-", round);
      const auto created =
          Create<lending::Reader>(lending_, id, R"pb(organization: "organizations/a")pb");
      EXPECT_TRUE(IsWrittenOrTold(created.status())) << created.status();
      if (created.ok()) here.push_back(created->name());
      if (here.size() < 2 || round + 5 > kRounds) continue;
      EXPECT_THAT(Delete(lending_, here.front()), IsOk());
      here.pop_front();
    }
  }

  // Cards come, and their holders try to make them last for ever.
  void WriteCards(int writer) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string id = absl::StrCat("w", writer, "-", round);
      const auto created = Create<lending::Card>(
          lending_, id, R"pb(places { shelf: "organizations/a/shelves/poetry" })pb");
      EXPECT_TRUE(IsWrittenOrTold(created.status())) << created.status();
      if (!created.ok()) continue;
      google::protobuf::FieldMask end_date;
      end_date.add_paths("end_date");
      lending::Card patch;
      patch.set_name(created->name());
      EXPECT_THAT(lending_.store->ByName(patch.name())
                      ->Update(Administrator(), patch, end_date, false, false),
                  IsOk());
    }
  }

  void ToggleOrganization(const std::string& name) {
    for (int round = 0; round < kRounds; ++round) {
      // Mostly as if the question had come too early.
      const absl::Status deleted = round % 4 == 0 ? Delete(catalog_, name) : DeleteUnasked(name);
      EXPECT_THAT(deleted, AnyOf(IsOk(), HasReason("REFERENCED"), HasReason("RESOURCE_NOT_FOUND")));
      // Or the followers have to.
      if (round % 2 == 0) {
        EXPECT_THAT(Undelete(catalog_, name), AnyOf(IsOk(), HasReason("NOT_DELETED")));
      }
    }
    EXPECT_THAT(DeleteUnasked(name), AnyOf(IsOk(), HasReason("RESOURCE_NOT_FOUND")));
  }

  void ToggleShelf() {
    for (int round = 0; round < kRounds; ++round) {
      EXPECT_THAT(Delete(catalog_, kShelf), IsOk());
      EXPECT_THAT(Undelete(catalog_, kShelf), IsOk());
    }
    EXPECT_THAT(Delete(catalog_, kShelf), IsOk());
  }

  static void Together(std::vector<std::function<void()>> work) {
    std::vector<std::thread> threads;
    threads.reserve(work.size());
    for (auto& each : work) threads.emplace_back(std::move(each));
    for (std::thread& thread : threads) thread.join();
  }
};

INSTANTIATE_ON_BOTH_ENGINES(RaceTest);

TEST_P(RaceTest, NoLivingReferrerStaysWithADeletedTarget) {
  const std::unique_ptr<References> copy = AnotherLendingReader();
  lending_.references->Start();
  copy->Start();
  std::vector<std::function<void()>> work = {[this] { ToggleOrganization(kOrganization); },
                                             [this] { ToggleOrganization(kNeeded); },
                                             [this] { ToggleShelf(); }};
  for (int writer = 0; writer < kWriters; ++writer) {
    work.push_back([this, writer] { WriteReaders(writer); });
    work.push_back([this, writer] { WriteCards(writer); });
  }
  Together(std::move(work));
  copy->Stop();
  lending_.references->Stop();
  CatchUp(lending_);

  int living_readers = 0;
  int open_cards = 0;
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string id = absl::StrCat("w", writer, "-", round);
      const auto reader = Get<lending::Reader>(lending_, "readers/" + id);
      if (reader.ok() && !reader->has_delete_time()) ++living_readers;
      const auto card = Get<lending::Card>(lending_, "cards/" + id);
      if (card.ok() && !card->has_end_date()) ++open_cards;
    }
  }
  const auto organization = Get<catalog::Organization>(catalog_, kOrganization);
  ASSERT_THAT(organization, IsOk());
  EXPECT_EQ(organization->has_delete_time(), living_readers == 0);
  ASSERT_TRUE(Get<catalog::Shelf>(catalog_, kShelf)->has_delete_time());
  EXPECT_EQ(open_cards, 0);
  // Nobody took back the last deletion but the followers.
  EXPECT_FALSE(Get<catalog::Organization>(catalog_, kNeeded)->has_delete_time());
  EXPECT_EQ(LogOf(catalog_, kNeeded).back().caller(), "services/lending");
}

}  // namespace
}  // namespace mostove::references
