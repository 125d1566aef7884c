// What a caller may not see shows in no answer, whichever way it is asked.
#include "libs/store/store_fixture.h"

namespace mostove::store {
namespace {

using ::absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class VisibilityTest : public StoreTest {
 protected:
  // An archived, a draft and a listed organization with a shelf each.
  void SetUp() override {
    StoreTest::SetUp();
    AddOrganization("listed", pb::LISTED);
    AddOrganization("archived", pb::ARCHIVED);
    AddOrganization("draft", pb::DRAFT);
    for (const char* organization : {"listed", "archived", "draft"}) {
      ASSERT_THAT(AddShelf(Administrator(), organization, "one", kShelf), IsOk());
    }
    ASSERT_THAT(AddShelf(Administrator(), "listed", "hidden", R"pb(title: "t" state: DRAFT)pb"),
                IsOk());
  }

  static constexpr char kShelf[] = R"pb(
    title: "t"
    administrator_note: "secret"
    owner_note: "secret"
    network_note: "secret"
    plain_note: "secret"
    location { room: "r" key_number: "secret" }
    survey { score: 0.5 })pb";

  absl::StatusOr<std::vector<std::string>> Find(const Call& call, const std::string& filter,
                                                const std::string& order = "") {
    return Walk(shelves(), call,
                {.parent = "organizations/-", .page_size = 1, .filter = filter, .order_by = order});
  }
};

INSTANTIATE_ON_BOTH_ENGINES(VisibilityTest);

TEST_P(VisibilityTest, RowsAreSeenByTheirAudience) {
  const std::string listed = "organizations/listed/shelves/one";
  const std::string hidden = "organizations/listed/shelves/hidden";
  const std::string archived = "organizations/archived/shelves/one";
  const std::string draft = "organizations/draft/shelves/one";
  EXPECT_THAT(Find(Anonymous(), ""), IsOkAndHolds(ElementsAre(listed)));
  EXPECT_THAT(Find(Member(), ""), IsOkAndHolds(UnorderedElementsAre(listed, archived)));
  EXPECT_THAT(Find(Member({"organizations/draft"}), ""),
              IsOkAndHolds(UnorderedElementsAre(listed, archived, draft)));
  EXPECT_THAT(Find(Administrator(), ""),
              IsOkAndHolds(UnorderedElementsAre(listed, hidden, archived, draft)));
}

// The answers about a hidden row and about one that never was are the same.
TEST_P(VisibilityTest, WhatIsHiddenAnswersAsIfItDidNotExist) {
  const Call stranger = Member({"organizations/listed"});
  const auto same = [](const absl::Status& hidden, const absl::Status& missing,
                       absl::string_view hidden_id, absl::string_view missing_id) {
    EXPECT_FALSE(hidden.ok());
    EXPECT_EQ(hidden.code(), missing.code());
    EXPECT_EQ(status::Reason(hidden), status::Reason(missing));
    std::string text(hidden.message());
    for (size_t at; (at = text.find(std::string(hidden_id))) != std::string::npos;) {
      text.replace(at, hidden_id.size(), std::string(missing_id));
    }
    EXPECT_EQ(text, missing.message());
  };
  const auto compare = [&](auto ask) { same(ask("draft"), ask("never"), "draft", "never"); };
  compare([&](const std::string& id) {
    return shelves().Get(stranger, "organizations/" + id + "/shelves/one").status();
  });
  compare([&](const std::string& id) {
    return organizations().Get(stranger, "organizations/" + id).status();
  });
  compare([&](const std::string& id) {
    return shelves().BatchGet(stranger, {"organizations/" + id + "/shelves/one"}).status();
  });
  compare([&](const std::string& id) {
    return shelves().List(stranger, {.parent = "organizations/" + id}).status();
  });
  compare([&](const std::string& id) {
    return shelves()
        .Delete(stranger, "organizations/" + id + "/shelves/one", "", false, false)
        .status();
  });
  compare([&](const std::string& id) {
    pb::Shelf patch;
    patch.set_name("organizations/" + id + "/shelves/one");
    patch.set_title("mine");
    return shelves().Update(stranger, patch, {}, /*allow_missing=*/false, false).status();
  });
  compare([&](const std::string& id) {
    pb::Shelf patch;
    patch.set_name("organizations/" + id + "/shelves/one");
    patch.set_title("mine");
    return shelves().Update(stranger, patch, {}, /*allow_missing=*/true, false).status();
  });
  compare([&](const std::string& id) {
    return AddShelf(stranger, id, "one", R"pb(title: "t")pb").status();
  });
  compare([&](const std::string& id) {
    changes::v1::ListHistoryRequest request;
    request.set_name("organizations/" + id + "/shelves/one");
    return shelves().ListHistory(stranger, request).status();
  });
  compare([&](const std::string& id) {  // a reference to a hidden resource
    pb::Loan loan;
    loan.set_recipient("organizations/listed");
    loan.set_donor("organizations/" + id);
    return loans().Create(stranger, {"", "", &loan}, false).status();
  });
  compare([&](const std::string& id) {
    pb::Organization organization;
    organization.set_title("mine");
    return organizations().Create(stranger, {"", id, &organization}, false).status();
  });
}

// Where hidden rows share the namespace, nobody learns from a taken id.
TEST_P(VisibilityTest, ATakenIdOfAHiddenRowTellsNothing) {
  pb::Loan loan;
  loan.set_recipient("organizations/draft");
  ASSERT_THAT(loans().Create(Administrator(), {"", "taken", &loan}, false), IsOk());
  loan.set_recipient("organizations/listed");
  const Call owner = Member({"organizations/listed"});
  for (const char* id : {"taken", "free"}) {
    EXPECT_THAT(loans().Create(owner, {"", id, &loan}, false),
                StatusIs(StatusCode::kPermissionDenied, HasReason("ID_NOT_CHOOSABLE")));
  }
  EXPECT_THAT(loans().Create(owner, {"", "", &loan}, false), IsOk());
}

TEST_P(VisibilityTest, OwnersNamedByFieldsSeeTheirRows) {
  pb::Loan loan;
  loan.set_recipient("organizations/draft");
  loan.set_donor("organizations/archived");
  ASSERT_THAT(loans().Create(Administrator(), {"", "one", &loan}, false), IsOk());
  const auto seen = [&](const Call& call) { return Walk(loans(), call, {}); };
  EXPECT_THAT(seen(Member({"organizations/draft"})), IsOkAndHolds(ElementsAre("loans/one")));
  EXPECT_THAT(seen(Member({"organizations/archived", "organizations/draft"})),
              IsOkAndHolds(ElementsAre("loans/one")));
  EXPECT_THAT(seen(Member({"organizations/listed"})), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(seen(Anonymous()), IsOkAndHolds(IsEmpty()));
}

// Every way to name a field that one may not see, with and without negation.
TEST_P(VisibilityTest, AFilterOnAHiddenFieldFindsOwnRowsOnly) {
  struct Field {
    const char* path;
    const char* matching;
    resource::Audience visibility;
  };
  const Field fields[] = {
      {"administrator_note", "\"secret\"", resource::v1::ADMINISTRATOR},
      {"owner_note", "\"secret\"", resource::v1::OWNER},
      {"plain_note", "\"secret\"", resource::v1::OWNER},
      {"location.key_number", "\"secret\"", resource::v1::OWNER},
      {"survey.score", "0.5", resource::v1::OWNER},
      {"network_note", "\"secret\"", resource::v1::NETWORK},
  };
  for (const Field& field : fields) {
    for (const std::string& shape :
         {std::string("$0 = $1"), std::string("NOT $0 = $1"), std::string("$0 != $1"),
          std::string("title = t OR $0 = $1"), std::string("NOT (title = x $0 = $1)"),
          std::string("$0 >= $1"), std::string("-$0 < $1"), std::string("$0:*")}) {
      std::string filter = shape;
      filter.replace(filter.find("$0"), 2, field.path);
      if (const size_t at = filter.find("$1"); at != std::string::npos) {
        filter.replace(at, 2, field.matching);
      }
      for (const Call& call :
           {Anonymous(), Member(), Member({"organizations/draft"}), Administrator()}) {
        const resource::Audience level = call.caller.administrator ? resource::v1::ADMINISTRATOR
                                         : call.caller.network     ? resource::v1::NETWORK
                                                                   : resource::v1::PUBLIC;
        const auto found = Find(call, filter);
        ASSERT_THAT(found, IsOk()) << filter;
        if (level <= field.visibility) continue;  // may see it: any answer
        for (const std::string& name : *found) {
          EXPECT_TRUE(field.visibility != resource::v1::ADMINISTRATOR &&
                      call.caller.organizations.size() == 1 &&
                      name == "organizations/draft/shelves/one")
              << filter << " showed " << name;
        }
        const auto counted = shelves().List(
            call, {.parent = "organizations/-", .filter = filter, .show_total_size = true});
        ASSERT_THAT(counted, IsOk());
        EXPECT_EQ(counted->total_size, static_cast<int64_t>(found->size())) << filter;
      }
    }
  }
}

TEST_P(VisibilityTest, AnOrderByAHiddenFieldShowsOwnRowsOnly) {
  EXPECT_THAT(Find(Anonymous(), "", "owner_note"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Find(Anonymous(), "", "network_note"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Find(Member(), "", "owner_note desc"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Find(Member(), "", "network_note"), IsOkAndHolds(SizeIs(2)));
  EXPECT_THAT(Find(Member({"organizations/draft"}), "", "owner_note"),
              IsOkAndHolds(ElementsAre("organizations/draft/shelves/one")));
}

// A token holds the last row examined: it must never be a hidden one.
TEST_P(VisibilityTest, TokensNameVisibleRowsOnly) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(AddShelf(Administrator(), "listed", absl::StrCat("d", i), R"pb(title: "t"
                                                                               state: DRAFT)pb"),
                IsOk());
  }
  for (const char* filter : {"", "title = nothing", "tags:x", "title = t"}) {
    const auto page = shelves().List(
        Anonymous(),
        {.parent = "organizations/-", .page_size = 1, .filter = filter, .order_by = "name"});
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->rows_examined, 1) << filter;
  }
}

TEST_P(VisibilityTest, ChildrenFollowTheirParent) {
  const auto set_state = [&](const std::string& id, pb::State state) {
    pb::Organization patch;
    patch.set_name("organizations/" + id);
    patch.set_state(state);
    ASSERT_THAT(organizations().Update(Administrator(), patch, {}, false, false), IsOk());
  };
  const std::string one = "organizations/listed/shelves/one";
  set_state("listed", pb::DRAFT);
  EXPECT_THAT(shelves().Get(Member(), one), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(Find(Member(), "title = t"),
              IsOkAndHolds(ElementsAre("organizations/archived/shelves/one")));
  set_state("listed", pb::LISTED);
  EXPECT_THAT(Find(Anonymous(), ""), IsOkAndHolds(ElementsAre(one)));
  EXPECT_THAT(organizations().Delete(Administrator(), "organizations/listed", "", false, false),
              IsOk());
  EXPECT_THAT(Find(Anonymous(), ""), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(shelves().Get(Anonymous(), one), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(organizations().Undelete(Administrator(), "organizations/listed", "", false), IsOk());
  EXPECT_THAT(Find(Anonymous(), ""), IsOkAndHolds(ElementsAre(one)));
}

TEST_P(VisibilityTest, WhatIsSeenButNotOwnedCannotBeWritten) {
  const Call stranger = Member({"organizations/draft"});
  const std::string one = "organizations/listed/shelves/one";
  pb::Shelf patch;
  patch.set_name(one);
  patch.set_title("mine");
  EXPECT_THAT(shelves().Update(stranger, patch, {}, true, false),
              StatusIs(StatusCode::kPermissionDenied, HasReason("NOT_OWNER")));
  EXPECT_THAT(shelves().Delete(stranger, one, "", true, false),
              StatusIs(StatusCode::kPermissionDenied));
  changes::v1::ListHistoryRequest request;
  request.set_name(one);
  EXPECT_THAT(shelves().ListHistory(stranger, request), StatusIs(StatusCode::kPermissionDenied));
  EXPECT_THAT(shelves().ListHistory(Member({"organizations/listed"}), request), IsOk());
}

TEST_P(VisibilityTest, WhoSeesWhatIsPrivateDoesNotWriteItForThat) {
  Call reader = Member({"organizations/draft"});
  reader.caller.acts_for.clear();
  reader.roles = 1 << resource::v1::ORGANIZATION_EDITOR;
  const std::string one = "organizations/draft/shelves/one";
  EXPECT_THAT(shelves().Get(reader, one), IsOk());
  EXPECT_THAT(shelves().Delete(reader, one, "", false, false),
              StatusIs(StatusCode::kPermissionDenied,
                       HasMessage(::testing::HasSubstr(
                           "this needs the role ORGANIZATION_EDITOR on organizations/draft"))));
  EXPECT_THAT(AddShelf(reader, "draft", "two", kShelf), HasReason("NOT_OWNER"));
}

// As when a later version names other owners.
TEST_P(VisibilityTest, OwnersAreMadeAnewWhenTheAnnotationIsAnother) {
  for (int i = 0; i < 700; ++i) {  // more than are read at once
    pb::Loan loan;
    loan.set_recipient(i % 2 == 0 ? "organizations/draft" : "organizations/listed");
    ASSERT_THAT(loans().Create(Administrator(), {"", absl::StrCat("l", i), &loan}, false), IsOk());
  }
  ASSERT_THAT(loans().Delete(Administrator(), "loans/l0", "", false, false), IsOk());
  const auto seen = [&] { return Walk(loans(), Member({"organizations/draft"}), {}); };
  ASSERT_THAT(seen(), IsOkAndHolds(SizeIs(349)));
  const auto change = [&](const char* statement) {
    ASSERT_THAT(database().Write(absl::InfiniteFuture(),
                                 [&](sql::Transaction& transaction) {
                                   return transaction.connection().Execute(statement, {}).status();
                                 }),
                IsOk());
  };
  change("DELETE FROM loans_owners");
  store_ = OpenStore();
  EXPECT_THAT(seen(), IsOkAndHolds(IsEmpty())) << "the same annotation: nothing is made anew";
  change("UPDATE owner_layout SET digest = payload FROM (SELECT payload FROM loans LIMIT 1) l");
  store_ = OpenStore();
  EXPECT_THAT(seen(), IsOkAndHolds(SizeIs(349)));
  EXPECT_THAT(Walk(loans(), Member({"organizations/draft"}), {.show_deleted = true}),
              IsOkAndHolds(SizeIs(350)));
}

}  // namespace
}  // namespace mostove::store
