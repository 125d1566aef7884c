// What happens to the referrers when a target goes.
#include "libs/domain/date.h"
#include "libs/references/references_fixture.h"
#include "libs/store/reference_tables.h"

namespace mostove::references {
namespace {

using ::absl::StatusCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kShelf[] = "organizations/a/shelves/poetry";

class DeletionsTest : public ReferencesTest {
 protected:
  void SetUp() override {
    ReferencesTest::SetUp();
    AddOrganization("a");
    AddShelf("a", "poetry");
    AddShelf("a", "prose");
  }

  absl::StatusOr<lending::Card> AddCard(const std::string& id, const std::string& text) {
    return Create<lending::Card>(lending_, id, text);
  }
  lending::Card Card(const std::string& id) {
    const auto card = Get<lending::Card>(lending_, "cards/" + id);
    EXPECT_THAT(card, IsOk());
    return card.value_or(lending::Card());
  }
  static bool EndsToday(const lending::Card& card) {
    return domain::FirstDay(card.end_date()) == domain::Today(absl::Now());
  }
  bool IsMarkedGone(const std::string& name) {
    auto reader = lending_.database->Read(absl::InfiniteFuture());
    const auto gone = store::ReadGone(**reader, name);
    EXPECT_THAT(gone, IsOk());
    return gone->has_value();
  }
  // Readers whose organization is this one, in the tables of the store.
  std::vector<std::string> Referrers(const std::string& name) {
    auto reader = lending_.database->Read(absl::InfiniteFuture());
    const auto found =
        store::ReadReferrers(**reader, name, resource::v1::ON_DELETE_UNSPECIFIED, "", 100);
    EXPECT_THAT(found, IsOk());
    return *found;
  }
};

INSTANTIATE_ON_BOTH_ENGINES(DeletionsTest);

TEST_P(DeletionsTest, AReferrerEndsOnTheDayOfTheDeletion) {
  ASSERT_THAT(AddCard("open", R"pb(places { shelf: "organizations/a/shelves/prose" }
                                   places { shelf: "organizations/a/shelves/poetry" })pb"),
              IsOk());
  ASSERT_THAT(AddCard("long", R"pb(places { shelf: "organizations/a/shelves/poetry" }
                                   end_date { year: 9000 })pb"),
              IsOk());
  ASSERT_THAT(AddCard("ended", R"pb(places { shelf: "organizations/a/shelves/poetry" }
                                    end_date { year: 2020 month: 5 day: 6 })pb"),
              IsOk());
  ASSERT_THAT(AddCard("other", R"pb(places { shelf: "organizations/a/shelves/prose" })pb"), IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  CatchUp(lending_);
  EXPECT_TRUE(EndsToday(Card("open")));
  EXPECT_TRUE(EndsToday(Card("long")));
  EXPECT_EQ(Card("ended").end_date().year(), 2020);
  EXPECT_FALSE(Card("other").has_end_date());
  const auto log = LogOf(lending_, "cards/open");
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_EQ(log[1].caller(), "services/lending");
  EXPECT_EQ(log[1].kind(), changes::v1::UPDATED);
  EXPECT_THAT(LogOf(lending_, "cards/ended"), SizeIs(1));
}

TEST_P(DeletionsTest, WhatWouldHaveBegunLaterEndsOnItsFirstDay) {
  ASSERT_THAT(AddCard("later", R"pb(places { shelf: "organizations/a/shelves/poetry" }
                                    start_date { year: 9000 month: 2 day: 3 }
                                    end_date { year: 9001 })pb"),
              IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  CatchUp(lending_);
  EXPECT_EQ(domain::FirstDay(Card("later").end_date()), absl::CivilDay(9000, 2, 3));
}

TEST_P(DeletionsTest, WhatIsKeptAsARecordStays) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(
                favorites: "organizations/a/shelves/poetry")pb"),
              IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  CatchUp(lending_);
  EXPECT_THAT(LogOf(lending_, "readers/ann"), SizeIs(1));
  EXPECT_THAT(Get<lending::Reader>(lending_, "readers/ann")->favorites(), ElementsAre(kShelf));
}

TEST_P(DeletionsTest, AReferrerOfAnotherServiceRefusesTheDeletion) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
  EXPECT_THAT(Delete(catalog_, "organizations/a"),
              AllOf(StatusIs(StatusCode::kFailedPrecondition), HasReason("REFERENCED"),
                    HasMessage(HasSubstr("readers/ann"))));
  ASSERT_THAT(Delete(lending_, "readers/ann"), IsOk());
  EXPECT_THAT(Delete(catalog_, "organizations/a"), IsOk());
}

TEST_P(DeletionsTest, OnlyReferrersThatTheCallerSeesAreNamed) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
  ASSERT_THAT(AddCard("one", R"pb(reader: "readers/ann")pb"), IsOk());
  ASSERT_THAT(AddCard("two", R"pb(reader: "readers/ann" follows: "cards/one")pb"), IsOk());
  call::Call owner = Administrator();
  owner.caller = {.name = "users/o",
                  .network = true,
                  .organizations = {"organizations/a"},
                  .acts_for = {"organizations/a"}};
  EXPECT_THAT(Delete(lending_, "readers/ann", owner),
              AllOf(HasReason("REFERENCED"), HasMessage(HasSubstr("cards/one and others")),
                    HasMessage(Not(HasSubstr("cards/two")))));
  EXPECT_THAT(Delete(lending_, "readers/ann"), HasMessage(HasSubstr("cards/one, cards/two")));
}

TEST_P(DeletionsTest, WhoMayNotDeleteLearnsNothingOfReferrers) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
  call::Call stranger = Administrator();
  stranger.caller = {.name = "users/s",
                     .network = true,
                     .organizations = {"organizations/b"},
                     .acts_for = {"organizations/b"}};
  EXPECT_THAT(Delete(catalog_, "organizations/a", stranger),
              StatusIs(StatusCode::kPermissionDenied));
  EXPECT_THAT(Delete(catalog_, "organizations/nowhere", stranger), StatusIs(StatusCode::kNotFound));
}

TEST_P(DeletionsTest, NothingIsDeletedUnaskedWhileAServiceIsAway) {
  peers_.before = [](const auto* method) {
    return method->name() == "ListReferrers" ? absl::UnavailableError("away") : absl::OkStatus();
  };
  EXPECT_THAT(Delete(catalog_, "organizations/a"),
              AllOf(StatusIs(StatusCode::kUnavailable), HasReason("SERVICE_AWAY")));
  EXPECT_FALSE(Get<catalog::Organization>(catalog_, "organizations/a")->has_delete_time());
  // Nobody refuses the deletion of shelves.
  EXPECT_THAT(Delete(catalog_, kShelf), IsOk());
}

TEST_P(DeletionsTest, AResourceEndsWithOneOfItsOwnService) {
  ASSERT_THAT(AddCard("one", ""), IsOk());
  ASSERT_THAT(AddCard("two", R"pb(follows: "cards/one")pb"), IsOk());
  ASSERT_THAT(Delete(lending_, "cards/one"), IsOk());
  CatchUp(lending_);
  EXPECT_TRUE(EndsToday(Card("two")));
}

TEST_P(DeletionsTest, ADeletionThatAReferrerCameBeforeIsTakenBack) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
  ASSERT_THAT(DeleteUnasked("organizations/a"), IsOk());
  CatchUp(lending_);
  EXPECT_FALSE(Get<catalog::Organization>(catalog_, "organizations/a")->has_delete_time());
  const auto log = LogOf(catalog_, "organizations/a");
  ASSERT_THAT(log, SizeIs(3));
  EXPECT_EQ(log[2].kind(), changes::v1::UNDELETED);
  EXPECT_EQ(log[2].caller(), "services/lending");
  EXPECT_FALSE(IsMarkedGone("organizations/a"));
  EXPECT_THAT(Create<lending::Reader>(lending_, "ben", R"pb(organization: "organizations/a")pb"),
              IsOk());
}

TEST_P(DeletionsTest, AReaderThatStoppedBetweenMarkAndTakingBackGoesOn) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(DeleteUnasked("organizations/a"), IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  peers_.before = [](const auto* method) {
    return method->name() == "UndeleteOrganization" ? absl::UnavailableError("away")
                                                    : absl::OkStatus();
  };
  follower::Follower* follower = lending_.references->followers()[0];
  EXPECT_THAT(follower->Step(), StatusIs(StatusCode::kUnavailable));
  EXPECT_TRUE(IsMarkedGone("organizations/a"));
  EXPECT_THAT(Create<lending::Reader>(lending_, "ben", R"pb(organization: "organizations/a")pb"),
              HasViolation("reader.organization", "REFERENCE_NOT_FOUND"));
  RestartLending();
  EXPECT_FALSE(Card("one").has_end_date());  // the log is read in its order
  peers_.before = nullptr;
  CatchUp(lending_);
  EXPECT_FALSE(Get<catalog::Organization>(catalog_, "organizations/a")->has_delete_time());
  EXPECT_FALSE(IsMarkedGone("organizations/a"));
  EXPECT_TRUE(EndsToday(Card("one")));
}

TEST_P(DeletionsTest, OnlyTheDeletionThatWasRefusedIsTakenBack) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
  ASSERT_THAT(DeleteUnasked("organizations/a"), IsOk());
  // While the reader of the log is on its way, people settle it among themselves.
  bool settled = false;
  peers_.before = [&](const auto* method) {
    if (method->name() != "UndeleteOrganization" || settled) return absl::OkStatus();
    settled = true;
    EXPECT_THAT(Undelete(catalog_, "organizations/a"), IsOk());
    EXPECT_THAT(Delete(lending_, "readers/ann"), IsOk());
    EXPECT_THAT(Delete(catalog_, "organizations/a"), IsOk());
    return absl::OkStatus();
  };
  CatchUp(lending_);
  EXPECT_TRUE(settled);
  EXPECT_TRUE(Get<catalog::Organization>(catalog_, "organizations/a")->has_delete_time());
  EXPECT_TRUE(IsMarkedGone("organizations/a"));
}

TEST_P(DeletionsTest, AnOldAnswerLetsNoReferrerIn) {
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  // Another copy reads the log; this one still has the old answer.
  const auto copy = AnotherLendingReader();
  for (follower::Follower* follower : copy->followers()) {
    for (bool more = true; more;) {
      const auto step = follower->Step();
      ASSERT_THAT(step, IsOk());
      more = *step;
    }
  }
  peers_.checks = 0;
  EXPECT_THAT(AddCard("two", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"),
              HasViolation("card.places[0].shelf", "REFERENCE_NOT_FOUND"));
  EXPECT_EQ(peers_.checks, 1);  // after the mark was found
  lending::Card patch;
  patch.set_name("cards/one");
  patch.add_places()->set_shelf("organizations/a/shelves/prose");
  patch.add_places()->set_shelf(kShelf);  // stands there already
  EXPECT_THAT(Update(lending_, patch), IsOk());
}

TEST_P(DeletionsTest, ATargetThatCameBackCanBeReferredToWhenTheReaderHasSeenIt) {
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  CatchUp(lending_);
  ASSERT_THAT(Undelete(catalog_, kShelf), IsOk());
  const std::string card = R"pb(places { shelf: "organizations/a/shelves/poetry" })pb";
  EXPECT_THAT(AddCard("two", card),
              AllOf(StatusIs(StatusCode::kUnavailable), HasReason("REFERENCE_CHANGING")));
  CatchUp(lending_);
  EXPECT_THAT(AddCard("two", card), IsOk());
  EXPECT_FALSE(Card("two").has_end_date());
  // An end is not undone.
  EXPECT_TRUE(EndsToday(Card("one")));
}

TEST_P(DeletionsTest, WhatHasEndedWithItsTargetCannotGoOn) {
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  CatchUp(lending_);
  lending::Card patch;
  patch.set_name("cards/one");
  patch.mutable_end_date()->set_year(9000);
  ASSERT_THAT(Update(lending_, patch), IsOk());
  EXPECT_TRUE(EndsToday(Card("one")));
  patch.mutable_end_date()->set_year(2000);
  ASSERT_THAT(Update(lending_, patch), IsOk());
  EXPECT_EQ(Card("one").end_date().year(), 2000);
}

TEST_P(DeletionsTest, AReferrerThatComesBackFindsItsTargetsAsTheyAreNow) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(Delete(lending_, "readers/ann"), IsOk());
  ASSERT_THAT(Delete(lending_, "cards/one"), IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  ASSERT_THAT(Delete(catalog_, "organizations/a"), IsOk());
  CatchUp(lending_);
  EXPECT_FALSE(Card("one").has_end_date());
  EXPECT_THAT(Undelete(lending_, "readers/ann"),
              AllOf(StatusIs(StatusCode::kFailedPrecondition), HasReason("REFERENCE_NOT_FOUND")));
  EXPECT_THAT(Undelete(lending_, "cards/one"), IsOk());
  EXPECT_TRUE(EndsToday(Card("one")));
}

TEST_P(DeletionsTest, ALogThatBeginsAnewIsReadAgainWithoutHarm) {
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  ASSERT_THAT(Delete(catalog_, "organizations/a/shelves/prose"), IsOk());
  ASSERT_THAT(Undelete(catalog_, kShelf), IsOk());
  CatchUp(lending_);
  ASSERT_THAT(AddCard("two", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(catalog_.database->Write(absl::InfiniteFuture(),
                                       [](sql::Transaction& transaction) {
                                         return transaction.connection()
                                             .Execute("UPDATE change_epoch SET id = 'another'", {})
                                             .status();
                                       }),
              IsOk());
  CatchUp(lending_);
  EXPECT_FALSE(Card("two").has_end_date());
  EXPECT_FALSE(IsMarkedGone(kShelf));
  EXPECT_TRUE(IsMarkedGone("organizations/a/shelves/prose"));
}

TEST_P(DeletionsTest, ManyReferrersEndInSeveralTransactions) {
  constexpr int kCards = 450;
  for (int i = 0; i < kCards; ++i) {
    ASSERT_THAT(
        AddCard(absl::StrCat("c", i), R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"),
        IsOk());
  }
  ASSERT_THAT(Delete(catalog_, kShelf), IsOk());
  CatchUp(lending_);
  for (int i = 0; i < kCards; ++i) EXPECT_TRUE(EndsToday(Card(absl::StrCat("c", i)))) << i;
}

TEST_P(DeletionsTest, RowsOfReferrersFollowTheResource) {
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" }
                                  places { shelf: "organizations/a/shelves/poetry" })pb"),
              IsOk());
  EXPECT_THAT(Referrers(kShelf), ElementsAre("cards/one"));
  lending::Card patch;
  patch.set_name("cards/one");
  patch.add_places()->set_shelf("organizations/a/shelves/prose");
  ASSERT_THAT(Update(lending_, patch), IsOk());
  EXPECT_THAT(Referrers(kShelf), IsEmpty());
  EXPECT_THAT(Referrers("organizations/a/shelves/prose"), ElementsAre("cards/one"));
  ASSERT_THAT(Delete(lending_, "cards/one"), IsOk());
  EXPECT_THAT(Referrers("organizations/a/shelves/prose"), IsEmpty());
  ASSERT_THAT(Undelete(lending_, "cards/one"), IsOk());
  EXPECT_THAT(Referrers("organizations/a/shelves/prose"), ElementsAre("cards/one"));
}

TEST_P(DeletionsTest, ADatabaseThatIsOlderThanTheTableGetsItsRowsAtTheStart) {
  ASSERT_THAT(AddCard("one", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(AddCard("gone", R"pb(places { shelf: "organizations/a/shelves/poetry" })pb"), IsOk());
  ASSERT_THAT(Delete(lending_, "cards/gone"), IsOk());
  ASSERT_THAT(lending_.database->Write(absl::InfiniteFuture(),
                                       [](sql::Transaction& transaction) {
                                         return transaction.connection().Script(
                                             "DELETE FROM resource_references;"
                                             "DELETE FROM reference_layout;");
                                       }),
              IsOk());
  RestartLending();
  EXPECT_THAT(Referrers(kShelf), ElementsAre("cards/one"));
}

}  // namespace
}  // namespace mostove::references
