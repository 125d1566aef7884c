// Lists: orders, filters, tokens, bounds, totals.
#include <map>
#include <random>

#include "libs/store/list_plans.h"
#include "libs/store/store_fixture.h"

namespace mostove::store {
namespace {

using ::absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ListTest : public StoreTest {
 protected:
  static std::string Shelf(const std::string& organization, const std::string& id) {
    return absl::StrCat("organizations/", organization, "/shelves/", id);
  }
};

INSTANTIATE_ON_BOTH_ENGINES(ListTest);

TEST_P(ListTest, NewestComeFirstByDefault) {
  AddOrganization("a");
  for (const char* id : {"one", "two", "three"}) {
    Call call = Administrator();
    call.clock = [time = now_ += absl::Seconds(1)] { return time; };
    ASSERT_THAT(AddShelf(call, "a", id, R"pb(title: "t")pb"), IsOk());
  }
  EXPECT_THAT(Walk(shelves(), Anonymous(), {.parent = "organizations/a", .page_size = 2}),
              IsOkAndHolds(ElementsAre(Shelf("a", "three"), Shelf("a", "two"), Shelf("a", "one"))));
}

TEST_P(ListTest, OrdersAreForPeopleAndUnsetValuesComeFirst) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "s1", R"pb(title: "яна" floor: 2)pb"), IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "a", "s2", R"pb(title: "Ана" floor: -1)pb"), IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "a", "s3", R"pb(title: "ана")pb"), IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "a", "s4", R"pb(title: "Zoe" floor: 0)pb"), IsOk());
  const auto in_order = [&](const std::string& order) {
    return Walk(shelves(), Anonymous(),
                {.parent = "organizations/-", .page_size = 1, .order_by = order});
  };
  EXPECT_THAT(in_order("title"), IsOkAndHolds(ElementsAre(Shelf("a", "s4"), Shelf("a", "s3"),
                                                          Shelf("a", "s2"), Shelf("a", "s1"))));
  EXPECT_THAT(in_order("floor"), IsOkAndHolds(ElementsAre(Shelf("a", "s3"), Shelf("a", "s2"),
                                                          Shelf("a", "s4"), Shelf("a", "s1"))));
  EXPECT_THAT(in_order("name desc"), IsOkAndHolds(ElementsAre(Shelf("a", "s4"), Shelf("a", "s3"),
                                                              Shelf("a", "s2"), Shelf("a", "s1"))));
  EXPECT_THAT(in_order("location"),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("order_by", "ORDER")));
}

TEST_P(ListTest, FiltersUseColumnsRepeatedOnesToo) {
  AddOrganization("a");
  AddOrganization("b");
  ASSERT_THAT(AddShelf(Administrator(), "a", "s1", R"pb(title: "x" tags: "p" capacity: 1)pb"),
              IsOk());
  ASSERT_THAT(
      AddShelf(Administrator(), "a", "s2", R"pb(title: "y" tags: "p" tags: "q" capacity: 2)pb"),
      IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "b", "s3", R"pb(title: "x" tags: "q" capacity: 3)pb"),
              IsOk());
  const auto with = [&](const std::string& parent, const std::string& filter) {
    return Walk(shelves(), Anonymous(), {.parent = parent, .page_size = 1, .filter = filter});
  };
  EXPECT_THAT(with("organizations/-", "tags:q"),
              IsOkAndHolds(UnorderedElementsAre(Shelf("a", "s2"), Shelf("b", "s3"))));
  EXPECT_THAT(with("organizations/b", "tags:q"), IsOkAndHolds(ElementsAre(Shelf("b", "s3"))));
  EXPECT_THAT(with("organizations/-", "title = x AND capacity > 1"),
              IsOkAndHolds(ElementsAre(Shelf("b", "s3"))));
  EXPECT_THAT(with("organizations/-", "NOT title = x OR tags:q"),
              IsOkAndHolds(UnorderedElementsAre(Shelf("a", "s2"), Shelf("b", "s3"))));
  EXPECT_THAT(with("organizations/-", "labels:x"),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("filter", "FILTER")));
}

TEST_P(ListTest, ATokenBelongsToItsQuery) {
  AddOrganization("a");
  for (const char* id : {"one", "two", "three"}) {
    ASSERT_THAT(AddShelf(Administrator(), "a", id, R"pb(title: "t")pb"), IsOk());
  }
  const auto page = shelves().List(Anonymous(), {.parent = "organizations/a", .page_size = 1});
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(shelves().List(Anonymous(),
                             {.parent = "organizations/-", .page_token = page->next_page_token}),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("page_token", "PAGE_TOKEN")));
  EXPECT_THAT(shelves().List(Anonymous(), {.parent = "organizations/a", .page_token = "xyz"}),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("page_token", "PAGE_TOKEN")));
}

TEST_P(ListTest, EveryWrongFieldOfAListIsReported) {
  const auto page = shelves().List(Anonymous(), {.parent = "nonsense",
                                                 .page_size = -1,
                                                 .page_token = "x",
                                                 .filter = "title =",
                                                 .order_by = "nonsense"});
  EXPECT_EQ(status::FieldViolations(page.status()).size(), 5u);
}

TEST_P(ListTest, DeletedOnesAreShownToOwnersWhoAsk) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "t")pb"), IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "a", "two", R"pb(title: "t")pb"), IsOk());
  ASSERT_THAT(shelves().Delete(Administrator(), Shelf("a", "one"), "", false, false), IsOk());
  const ListRequest all{.parent = "organizations/-", .show_deleted = true};
  EXPECT_THAT(Walk(shelves(), Anonymous(), all), IsOkAndHolds(ElementsAre(Shelf("a", "two"))));
  EXPECT_THAT(Walk(shelves(), Member({"organizations/b"}), all),
              IsOkAndHolds(ElementsAre(Shelf("a", "two"))));
  const auto both = UnorderedElementsAre(Shelf("a", "one"), Shelf("a", "two"));
  EXPECT_THAT(Walk(shelves(), Member({"organizations/a"}), all), IsOkAndHolds(both));
  EXPECT_THAT(Walk(shelves(), Administrator(), all), IsOkAndHolds(both));
  EXPECT_THAT(Walk(shelves(), Administrator(), {.parent = "organizations/-"}),
              IsOkAndHolds(ElementsAre(Shelf("a", "two"))));
}

// Three thousand rows, of which one matches: several pages of bounded work.
TEST_P(ListTest, APageExaminesABoundedNumberOfRows) {
  AddOrganization("a");
  const auto* field = pb::BatchCreateShelvesResponse::descriptor()->FindFieldByName("shelves");
  std::vector<pb::Shelf> resources(3000);
  std::vector<CreateRequest> requests;
  for (int i = 0; i < 3000; ++i) {
    resources[i].set_title("t");
    resources[i].set_height_meters(i == 0 ? 2 : 1);
    requests.push_back({"organizations/a", absl::StrCat("s", i), &resources[i]});
  }
  pb::BatchCreateShelvesResponse response;
  ASSERT_THAT(shelves().BatchCreate(Administrator(), requests, false, response, field), IsOk());

  ListRequest request{
      .parent = "organizations/a", .filter = "height_meters > 1.5", .order_by = "name desc"};
  const auto first = shelves().List(Anonymous(), request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->rows_examined, kRowsExaminedMax);
  EXPECT_THAT(Names(*first), IsEmpty());
  EXPECT_FALSE(first->next_page_token.empty());
  EXPECT_THAT(Walk(shelves(), Anonymous(), request), IsOkAndHolds(ElementsAre(Shelf("a", "s0"))));
  // A page without a filter reads no more than it gives.
  const auto plain = shelves().List(Anonymous(), {.parent = "organizations/-", .page_size = 50});
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->rows_examined, 50);
  const auto walked =
      Walk(shelves(), Administrator(), {.parent = "organizations/-", .page_size = 1000});
  ASSERT_THAT(walked, IsOk());
  EXPECT_EQ(walked->size(), 3000u);
}

TEST_P(ListTest, EveryListWalksAnIndexInItsOrder) {
  for (const Collection* collection : {&organizations(), &shelves(), &loans()}) {
    const auto slow = SlowLists(database(), collection->layout());
    ASSERT_THAT(slow, IsOk());
    EXPECT_THAT(*slow, IsEmpty());
  }
}

TEST_P(ListTest, TotalsCountWhatTheCallerSees) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "x")pb"), IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "a", "two", R"pb(title: "y")pb"), IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "a", "three", R"pb(title: "x" state: DRAFT)pb"), IsOk());
  const auto total = [&](const Call& call, const std::string& filter) {
    const auto page = shelves().List(
        call,
        {.parent = "organizations/-", .page_size = 1, .filter = filter, .show_total_size = true});
    return page.ok() ? page->total_size : -2;
  };
  EXPECT_EQ(total(Anonymous(), ""), 2);
  EXPECT_EQ(total(Anonymous(), "title = x"), 1);
  EXPECT_EQ(total(Member({"organizations/a"}), ""), 3);
  EXPECT_EQ(total(Member({"organizations/b"}), "title = x"), 1);
  EXPECT_EQ(total(Administrator(), "title = x"), 2);
}

// Whatever the order, the page size and the caller: pages join to the whole of
// what the caller may see, each row once.
TEST_P(ListTest, PagesJoinToTheWholeList) {
  std::mt19937 random(7);
  std::map<std::string, std::vector<std::string>> visible;  // by kind of caller
  for (const char* organization : {"a", "b", "c"}) {
    AddOrganization(organization, organization[0] == 'c' ? pb::ARCHIVED : pb::LISTED);
    for (int i = 0; i < 40; ++i) {
      pb::Shelf shelf;
      shelf.set_title(absl::StrCat("t", random() % 5));
      if (random() % 2 == 0) shelf.set_floor(static_cast<int64_t>(random() % 4));
      const bool draft = random() % 3 == 0;
      shelf.set_state(draft ? pb::DRAFT : pb::LISTED);
      const std::string id = absl::StrCat("s", random());
      ASSERT_THAT(
          shelves().Create(Administrator(),
                           {absl::StrCat("organizations/", organization), id, &shelf}, false),
          IsOk());
      const std::string name = Shelf(organization, id);
      visible["administrator"].push_back(name);
      if (!draft && organization[0] != 'c') visible["anonymous"].push_back(name);
      if (!draft) visible["network"].push_back(name);
      if (!draft || organization[0] == 'b') visible["owner of b"].push_back(name);
    }
  }
  const std::map<std::string, Call> callers = {{"administrator", Administrator()},
                                               {"anonymous", Anonymous()},
                                               {"network", Member()},
                                               {"owner of b", Member({"organizations/b"})}};
  for (const auto& [kind, call] : callers) {
    for (const char* order : {"", "title", "title desc", "floor desc", "name", "create_time"}) {
      for (const int page_size : {1, 7, 1000}) {
        const auto walked =
            Walk(shelves(), call,
                 {.parent = "organizations/-", .page_size = page_size, .order_by = order});
        ASSERT_THAT(walked, IsOk());
        EXPECT_THAT(*walked, ::testing::UnorderedElementsAreArray(visible[kind]))
            << kind << ", order " << order << ", pages of " << page_size;
      }
    }
  }
}

}  // namespace
}  // namespace mostove::store
