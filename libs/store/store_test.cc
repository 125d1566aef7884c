// The standard methods but lists, on both engines.
#include "libs/store/store_fixture.h"

namespace mostove::store {
namespace {

using ::absl::StatusCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

INSTANTIATE_ON_BOTH_ENGINES(StoreTest);

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

TEST_P(StoreTest, WhatWasCreatedIsReadBack) {
  AddOrganization("a");
  const auto created = AddShelf(Administrator(), "a", "one", R"pb(
    title: "First"
    capacity: 3
    tags: "x"
    tags: "y"
    location {
      room: "r"
      spot { row: 2 }
    }
    contacts { title: "A" email: "a@example.org" })pb");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->name(), "organizations/a/shelves/one");
  EXPECT_EQ(created->etag(), "\"1\"");
  EXPECT_TRUE(created->has_create_time());
  EXPECT_THAT(As<pb::Shelf>(shelves().Get(Administrator(), created->name())),
              IsOkAndHolds(EqualsProto(*created)));
}

TEST_P(StoreTest, AnIdIsMadeWhereNoneIsChosen) {
  AddOrganization("a");
  const auto created = AddShelf(Administrator(), "a", "", R"pb(title: "First")pb");
  ASSERT_THAT(created, IsOk());
  EXPECT_TRUE(resource::IsUuid(created->name().substr(created->name().rfind('/') + 1)));
}

TEST_P(StoreTest, ATakenIdIsRefused) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "First")pb"), IsOk());
  EXPECT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "Second")pb"),
              StatusIs(StatusCode::kAlreadyExists, HasReason("RESOURCE_EXISTS")));
}

TEST_P(StoreTest, EveryWrongFieldIsReportedAtOnce) {
  AddOrganization("a");
  EXPECT_THAT(AddShelf(Administrator(), "a", "Bad Id", R"pb(capacity: 5000 code: "nonsense")pb"),
              AllOf(StatusIs(StatusCode::kInvalidArgument, HasViolation("shelf.title", "REQUIRED")),
                    StatusIs(StatusCode::kInvalidArgument, HasViolation("shelf.code", "PATTERN")),
                    StatusIs(StatusCode::kInvalidArgument, HasMessage(HasSubstr("3 more")))));
}

TEST_P(StoreTest, AChildNeedsALivingParent) {
  EXPECT_THAT(AddShelf(Administrator(), "none", "one", R"pb(title: "First")pb"),
              StatusIs(StatusCode::kNotFound));
  AddOrganization("a");
  ASSERT_THAT(organizations().Delete(Administrator(), "organizations/a", "", false, false), IsOk());
  EXPECT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "First")pb"),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("PARENT_DELETED")));
}

TEST_P(StoreTest, ValidateOnlyChangesNothing) {
  AddOrganization("a");
  const pb::Shelf shelf = Text<pb::Shelf>(R"pb(title: "First")pb");
  EXPECT_THAT(shelves().Create(Administrator(), {"organizations/a", "one", &shelf}, true), IsOk());
  EXPECT_THAT(shelves().Get(Administrator(), "organizations/a/shelves/one"),
              StatusIs(StatusCode::kNotFound));
  const auto changes = ListChanges(*store_, Administrator(), {});
  ASSERT_THAT(changes, IsOk());
  EXPECT_EQ(changes->changes_size(), 1);  // the organization
}

TEST_P(StoreTest, VersionsKnowOfWhatWasCommittedAndOfNothingElse) {
  changelog::Versions& versions = store_->versions();
  const std::string name = "organizations/one";
  const std::string type = organizations().type().type();
  const auto stamp = [&] { return std::pair(versions.Of(name), versions.Of(type)); };
  const auto before = stamp();
  const auto organization = Text<pb::Organization>(R"pb(title: "t")pb");
  ASSERT_THAT(organizations().Create(Administrator(), {"", "one", &organization}, true), IsOk());
  EXPECT_EQ(stamp(), before);  // only validated
  ASSERT_THAT(organizations().Create(Administrator(), {"", "one", &organization}, false), IsOk());
  const auto created = stamp();
  EXPECT_NE(created.first, before.first);
  EXPECT_NE(created.second, before.second);
  EXPECT_THAT(organizations().Create(Administrator(), {"", "one", &organization}, false),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(stamp(), created);
}

TEST_P(StoreTest, AMaskChangesWhatItNames) {
  AddOrganization("a");
  ASSERT_THAT(
      AddShelf(Administrator(), "a", "one", R"pb(title: "First"
                                                 capacity: 3
                                                 location { room: "r" key_number: "k" })pb"),
      IsOk());
  const pb::Shelf patch = Text<pb::Shelf>(R"pb(name: "organizations/a/shelves/one"
                                               title: "ignored"
                                               location { room: "s" })pb");
  const auto updated = As<pb::Shelf>(
      shelves().Update(Administrator(), patch, Mask({"location.room", "capacity"}), false, false));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->title(), "First");
  EXPECT_EQ(updated->capacity(), 0);
  EXPECT_EQ(updated->location().room(), "s");
  EXPECT_EQ(updated->location().key_number(), "k");
  EXPECT_EQ(updated->etag(), "\"2\"");
}

TEST_P(StoreTest, AnUpdateIsCheckedAsAWhole) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "First")pb"), IsOk());
  const pb::Shelf patch = Text<pb::Shelf>(R"pb(name: "organizations/a/shelves/one" capacity: 3)pb");
  EXPECT_THAT(shelves().Update(Administrator(), patch, Mask({"*"}), false, false),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("shelf.title", "REQUIRED")));
}

TEST_P(StoreTest, AnUpdateThatChangesNothingMakesNoRevision) {
  AddOrganization("a");
  const auto created = AddShelf(Administrator(), "a", "one", R"pb(title: "First" tags: "x")pb");
  ASSERT_THAT(created, IsOk());
  pb::Shelf patch = *created;
  patch.clear_etag();
  EXPECT_THAT(As<pb::Shelf>(shelves().Update(Administrator(), patch, {}, false, false)),
              IsOkAndHolds(EqualsProto(*created)));
}

TEST_P(StoreTest, AnOldEtagLoses) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "First")pb"), IsOk());
  pb::Shelf patch =
      Text<pb::Shelf>(R"pb(name: "organizations/a/shelves/one" etag: "\"1\"" title: "Second")pb");
  EXPECT_THAT(shelves().Update(Administrator(), patch, {}, false, false), IsOk());
  patch.set_title("Third");
  EXPECT_THAT(shelves().Update(Administrator(), patch, {}, false, false),
              StatusIs(StatusCode::kAborted, HasReason("ETAG_MISMATCH")));
  patch.set_etag("W/\"2\"");
  EXPECT_THAT(shelves().Update(Administrator(), patch, {}, false, false), IsOk());
}

TEST_P(StoreTest, AllowMissingCreates) {
  AddOrganization("a");
  const pb::Shelf patch =
      Text<pb::Shelf>(R"pb(name: "organizations/a/shelves/one" title: "First")pb");
  EXPECT_THAT(shelves().Update(Administrator(), patch, {}, false, false),
              StatusIs(StatusCode::kNotFound));
  const auto created = As<pb::Shelf>(shelves().Update(Administrator(), patch, {}, true, false));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->etag(), "\"1\"");
}

TEST_P(StoreTest, WhatIsDeletedIsGoneForReadersAndComesBack) {
  AddOrganization("a");
  const std::string name = "organizations/a/shelves/one";
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "First")pb"), IsOk());
  const auto deleted = As<pb::Shelf>(shelves().Delete(Administrator(), name, "", false, false));
  ASSERT_THAT(deleted, IsOk());
  EXPECT_TRUE(deleted->has_delete_time());
  EXPECT_THAT(shelves().Get(Anonymous(), name), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(shelves().Get(Administrator(), name), IsOk());
  EXPECT_THAT(shelves().Delete(Administrator(), name, "", false, false),
              StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(shelves().Delete(Administrator(), name, "", true, false), IsOk());
  pb::Shelf patch;
  patch.set_name(name);
  patch.set_title("Second");
  EXPECT_THAT(shelves().Update(Administrator(), patch, {}, false, false),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("RESOURCE_DELETED")));
  const auto back = As<pb::Shelf>(shelves().Undelete(Administrator(), name, "", false));
  ASSERT_THAT(back, IsOk());
  EXPECT_FALSE(back->has_delete_time());
  EXPECT_EQ(back->etag(), "\"3\"");
  EXPECT_THAT(shelves().Undelete(Administrator(), name, "", false),
              StatusIs(StatusCode::kAlreadyExists, HasReason("NOT_DELETED")));
  EXPECT_THAT(shelves().Get(Anonymous(), name), IsOk());
}

TEST_P(StoreTest, ABatchIsAllOrNothing) {
  AddOrganization("a");
  const pb::Shelf shelf = Text<pb::Shelf>(R"pb(title: "x")pb");
  const auto* field = pb::BatchCreateShelvesResponse::descriptor()->FindFieldByName("shelves");
  pb::BatchCreateShelvesResponse response;
  EXPECT_THAT(shelves().BatchCreate(Administrator(),
                                    {{"organizations/a", "one", &shelf},
                                     {"organizations/a", "two", &shelf},
                                     {"organizations/a", "one", &shelf}},
                                    false, response, field),
              StatusIs(StatusCode::kAlreadyExists));
  EXPECT_THAT(Walk(shelves(), Administrator(), {.parent = "organizations/a"}),
              IsOkAndHolds(ElementsAre()));
  EXPECT_THAT(
      shelves().BatchCreate(
          Administrator(), {{"organizations/a", "one", &shelf}, {"organizations/a", "two", &shelf}},
          false, response, field),
      IsOk());
  EXPECT_EQ(response.shelves_size(), 2);
  const auto got = shelves().BatchGet(
      Administrator(), {"organizations/a/shelves/two", "organizations/a/shelves/one"});
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(static_cast<const pb::Shelf&>(*(*got)[0]).name(), "organizations/a/shelves/two");
  EXPECT_THAT(shelves().BatchGet(Administrator(),
                                 {"organizations/a/shelves/two", "organizations/a/shelves/none"}),
              StatusIs(StatusCode::kNotFound));
}

TEST_P(StoreTest, ARepeatedRequestIsAnsweredLikeTheFirst) {
  AddOrganization("a");
  const pb::Shelf shelf = Text<pb::Shelf>(R"pb(title: "First")pb");
  Call call = Administrator();
  call.idempotency_key = "key";
  call.request_hash = "hash";
  const auto first = As<pb::Shelf>(shelves().Create(call, {"organizations/a", "", &shelf}, false));
  const auto second = As<pb::Shelf>(shelves().Create(call, {"organizations/a", "", &shelf}, false));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(second, IsOkAndHolds(EqualsProto(*first)));
  EXPECT_THAT(Walk(shelves(), Administrator(), {.parent = "organizations/a"}),
              IsOkAndHolds(ElementsAre(first->name())));
}

// Personal values live in the present row alone, not in the kept answer.
TEST_P(StoreTest, AKeptAnswerTakesItsPersonalFieldsFromTheRow) {
  AddOrganization("a");
  const pb::Shelf shelf =
      Text<pb::Shelf>(R"pb(title: "First"
                           contacts { title: "Someone" email: "s@example.org" })pb");
  Call call = Administrator();
  call.idempotency_key = "key";
  call.request_hash = "hash";
  const auto first = As<pb::Shelf>(shelves().Create(call, {"organizations/a", "", &shelf}, false));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(As<pb::Shelf>(shelves().Create(call, {"organizations/a", "", &shelf}, false)),
              IsOkAndHolds(EqualsProto(*first)));
  auto reader = database().Read(absl::InfiniteFuture());
  ASSERT_THAT(reader, IsOk());
  int kept = 0;
  EXPECT_THAT((*reader)->Query("SELECT response FROM idempotency", {},
                               [&](const sql::Row& row) {
                                 ++kept;
                                 EXPECT_THAT(std::string(row.Bytes(0)),
                                             ::testing::Not(HasSubstr("s@example.org")));
                                 return true;
                               }),
              IsOk());
  EXPECT_EQ(kept, 1);
}

TEST_P(StoreTest, ARepeatedRequestIsAnsweredAlikeWhateverHasChangedSince) {
  AddOrganization("a");
  const pb::Loan loan = Text<pb::Loan>(R"pb(recipient: "organizations/a")pb");
  Call call = Administrator();
  call.idempotency_key = "key";
  call.request_hash = "hash";
  const auto first = As<pb::Loan>(loans().Create(call, {"", "l", &loan}, false));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(organizations().Delete(Administrator(), "organizations/a", "", false, false), IsOk());
  EXPECT_THAT(As<pb::Loan>(loans().Create(call, {"", "l", &loan}, false)),
              IsOkAndHolds(EqualsProto(*first)));
  // Nor does a reference that stands there already keep other fields from changing.
  pb::Loan patch = *first;
  patch.clear_etag();
  patch.mutable_start_date()->set_year(2026);
  EXPECT_THAT(loans().Update(Administrator(), patch, Mask({"*"}), false, false), IsOk());
}

TEST_P(StoreTest, AnEtagAsksForARevisionEvenWhereMissingIsAllowed) {
  AddOrganization("a");
  const pb::Shelf patch =
      Text<pb::Shelf>(R"pb(name: "organizations/a/shelves/one" etag: "\"1\"" title: "First")pb");
  EXPECT_THAT(shelves().Update(Administrator(), patch, {}, true, false),
              StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(shelves().Delete(Administrator(), patch.name(), "\"1\"", true, false),
              StatusIs(StatusCode::kNotFound));
}

TEST_P(StoreTest, AResourceHasABoundedSize) {
  AddOrganization("a");
  pb::Shelf shelf;
  shelf.set_title("t");
  auto& texts = *shelf.mutable_description()->mutable_texts();
  for (int i = 0; i < 20; ++i) texts[absl::StrCat("l", i)] = std::string(19000, 'x');
  EXPECT_THAT(shelves().Create(Administrator(), {"organizations/a", "one", &shelf}, false),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("shelf", "TOO_LARGE")));
}

TEST_P(StoreTest, AReferenceToWhatIsNotThereIsRefused) {
  AddOrganization("a");
  const pb::Loan loan =
      Text<pb::Loan>(R"pb(recipient: "organizations/none" donor: "organizations/a")pb");
  EXPECT_THAT(loans().Create(Administrator(), {"", "l", &loan}, false),
              StatusIs(StatusCode::kInvalidArgument,
                       HasViolation("loan.recipient", "REFERENCE_NOT_FOUND")));
}

TEST_P(StoreTest, HistoryTellsWhoChangedWhatFromWhatToWhat) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one",
                       R"pb(title: "First"
                            contacts { title: "A" email: "a@example.org" })pb"),
              IsOk());
  pb::Shelf patch = Text<pb::Shelf>(R"pb(name: "organizations/a/shelves/one"
                                         title: "Second"
                                         location { room: "r" })pb");
  ASSERT_THAT(shelves().Update(Administrator(), patch, {}, false, false), IsOk());
  changes::v1::ListHistoryRequest request;
  request.set_name(patch.name());
  const auto history = shelves().ListHistory(Administrator(), request);
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(history->revisions_size(), 2);
  const auto& latest = history->revisions(0);
  EXPECT_EQ(latest.revision(), 2);
  EXPECT_EQ(latest.caller(), "administrators/local");
  EXPECT_EQ(latest.kind(), changes::v1::UPDATED);
  std::vector<std::string> changed;
  for (const auto& change : latest.field_changes()) {
    changed.push_back(absl::StrCat(change.path(), ": ", change.before().string_value(), " > ",
                                   change.after().string_value(), change.personal() ? "!" : ""));
  }
  EXPECT_THAT(changed, ::testing::UnorderedElementsAre("title: First > Second",
                                                       "location.room:  > r", "contacts:  > !"));
  EXPECT_THAT(history->DebugString(), ::testing::Not(HasSubstr("example.org")));
}

TEST_P(StoreTest, HistoryComesInPages) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "0")pb"), IsOk());
  pb::Shelf patch = Text<pb::Shelf>(R"pb(name: "organizations/a/shelves/one")pb");
  for (int i = 1; i < 7; ++i) {
    patch.set_title(absl::StrCat(i));
    ASSERT_THAT(shelves().Update(Administrator(), patch, {}, false, false), IsOk());
  }
  changes::v1::ListHistoryRequest request;
  request.set_name(patch.name());
  request.set_page_size(3);
  std::vector<int64_t> revisions;
  do {
    const auto page = shelves().ListHistory(Administrator(), request);
    ASSERT_THAT(page, IsOk());
    for (const auto& revision : page->revisions()) revisions.push_back(revision.revision());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(revisions, ElementsAre(7, 6, 5, 4, 3, 2, 1));
}

TEST_P(StoreTest, PersonalDataIsInTheRowAndNotInTheLog) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one",
                       R"pb(title: "First"
                            contacts { title: "A" email: "someone@example.org" })pb"),
              IsOk());
  const auto changes = ListChanges(*store_, Administrator(), {});
  ASSERT_THAT(changes, IsOk());
  EXPECT_EQ(changes->changes(1).personal_paths(0), "contacts");
  EXPECT_THAT(changes->SerializeAsString(), ::testing::Not(HasSubstr("someone")));
}

TEST_P(StoreTest, TheLogIsReadOnFromAPosition) {
  AddOrganization("a");
  AddOrganization("b");
  changes::v1::ListChangesRequest request;
  request.set_page_size(1);
  const auto first = ListChanges(*store_, Administrator(), request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->changes(0).resource_name(), "organizations/a");
  request.set_after(first->next_position());
  const auto second = ListChanges(*store_, Administrator(), request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->changes(0).resource_name(), "organizations/b");
  request.set_after(second->next_position());
  const auto end = ListChanges(*store_, Administrator(), request);
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(end->changes_size(), 0);
  EXPECT_EQ(end->next_position(), second->next_position());
}

TEST_P(StoreTest, TheLogCanBeReadForSomeTypesAndItsPositionPassesTheOthers) {
  AddOrganization("a");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "t")pb"), IsOk());
  AddOrganization("b");
  changes::v1::ListChangesRequest request;
  request.set_page_size(2);
  request.add_resource_types("testing.mostove.bg/Organization");
  std::vector<std::string> names;
  for (int pages = 1;; ++pages) {
    ASSERT_LT(pages, 10) << "the log does not end";
    const auto page = ListChanges(*store_, Administrator(), request);
    ASSERT_THAT(page, IsOk());
    for (const auto& change : page->changes()) names.push_back(change.resource_name());
    if (page->changes().empty() && page->next_position() == request.after()) break;
    request.set_after(page->next_position());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("organizations/a", "organizations/b"));
}

TEST_P(StoreTest, AMissingOrForeignColumnStopsTheStartWithItsName) {
  const std::string text = SchemaFor(pb::Shelf::descriptor());
  store_.reset();
  ASSERT_THAT(database().Write(absl::InfiniteFuture(),
                               [](sql::Transaction& transaction) {
                                 return transaction.connection().Script(
                                     "ALTER TABLE shelves RENAME COLUMN capacity TO volume");
                               }),
              IsOk());
  const auto opened = Store::Open(
      {.database = &database(),
       .service = "testing",
       .migrations = {{1, "organizations", SchemaFor(pb::Organization::descriptor())},
                      {2, "shelves", text},
                      {3, "loans", SchemaFor(pb::Loan::descriptor())}},
       .collections = {{pb::Organization::descriptor(), {}}, {pb::Shelf::descriptor(), {}}}});
  EXPECT_THAT(opened,
              StatusIs(StatusCode::kFailedPrecondition,
                       HasMessage(AllOf(HasSubstr("table shelves lacks the column capacity"),
                                        HasSubstr("has the column volume"),
                                        HasSubstr("mostove.testing.v1.Shelf")))));
}

}  // namespace
}  // namespace mostove::store
