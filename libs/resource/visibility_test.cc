#include "libs/resource/visibility.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/unknown_field_set.h"
#include "libs/testing/matchers.h"
#include "mostove/changes/v1/changes.pb.h"
#include "mostove/testing/v1/shelf.pb.h"
#include "mostove/testing/v1/shelves_service.pb.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace tv1 = ::mostove::testing::v1;

const call::Caller kAnonymous;
const call::Caller kMember{
    .name = "users/m", .network = true, .organizations = {"organizations/z"}};
const call::Caller kOwner{
    .name = "users/o", .network = true, .organizations = {"organizations/z", "organizations/a"}};

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

const google::protobuf::UnknownFieldSet& UnknownFieldsOf(const google::protobuf::Message& message) {
  return message.GetReflection()->GetUnknownFields(message);
}

constexpr char kPublic[] = R"pb(
  name: "organizations/a/shelves/b"
  etag: "e"
  title: "t"
  labels { key: "k" value: "v" }
)pb";
constexpr char kFull[] = R"pb(
  name: "organizations/a/shelves/b"
  etag: "e"
  title: "t"
  labels { key: "k" value: "v" }
  delete_time { seconds: 1 }
  administrator_note: "A"
  owner_note: "O"
  network_note: "N"
  plain_note: "P"
  contacts { title: "C" }
  survey { score: 0.5 remarks: "R" }
  keeper_contact { title: "K" }
  location { room: "r" key_number: "7" }
  rooms {
    key: "x"
    value { room: "r" key_number: "7" }
  }
)pb";
constexpr char kLocations[] = R"pb(
  location { room: "r" }
  rooms {
    key: "x"
    value { room: "r" }
  }
)pb";

struct Case {
  const char* what;
  call::Caller caller;
  std::string left;
};

std::vector<Case> Cases() {
  std::string owner = kFull;
  owner.replace(owner.find("administrator_note: \"A\""), 23, "");
  return {{"anonymous", kAnonymous, absl::StrCat(kPublic, kLocations)},
          {"member", kMember, absl::StrCat(kPublic, kLocations, "network_note: 'N'")},
          {"owner", kOwner, owner},
          {"administrator", call::LocalAdministrator(), kFull}};
}

TEST(VisibilityTest, EachCallerSeesTheFieldsOfTheirLevel) {
  for (const Case& c : Cases()) {
    auto shelf = Parse<tv1::Shelf>(kFull);
    Redact(c.caller, shelf);
    EXPECT_THAT(shelf, EqualsProto(c.left)) << c.what;
  }
}

TEST(VisibilityTest, ResourcesAreFoundInListsBatchesAndEnvelopes) {
  for (const Case& c : Cases()) {
    tv1::ListShelvesResponse list;
    tv1::BatchGetShelvesResponse batch;
    tv1::EchoResponse envelope;
    changes::v1::ListChangesResponse log;
    for (int i = 0; i < 3; ++i) {
      *list.add_shelves() = Parse<tv1::Shelf>(kFull);
      *batch.add_shelves() = Parse<tv1::Shelf>(kFull);
    }
    list.set_next_page_token("next");
    envelope.mutable_resource()->PackFrom(Parse<tv1::Shelf>(kFull));
    log.add_changes()->mutable_resource()->PackFrom(list);  // a list in an envelope in a list
    for (google::protobuf::Message* message :
         std::initializer_list<google::protobuf::Message*>{&list, &batch, &envelope, &log}) {
      Redact(c.caller, *message);
    }
    EXPECT_EQ(list.next_page_token(), "next");
    for (const tv1::Shelf& shelf : list.shelves()) EXPECT_THAT(shelf, EqualsProto(c.left));
    for (const tv1::Shelf& shelf : batch.shelves()) EXPECT_THAT(shelf, EqualsProto(c.left));
    tv1::Shelf unpacked;
    ASSERT_TRUE(envelope.resource().UnpackTo(&unpacked));
    EXPECT_THAT(unpacked, EqualsProto(c.left)) << c.what;
    tv1::ListShelvesResponse inner;
    ASSERT_TRUE(log.changes(0).resource().UnpackTo(&inner));
    EXPECT_THAT(inner, EqualsProto(list)) << c.what;
  }
}

TEST(VisibilityTest, AnEnvelopeInsideAResourceIsOpenedToo) {
  auto shelf = Parse<tv1::Shelf>(kPublic);
  auto other = Parse<tv1::Shelf>(kFull);
  other.set_name("organizations/z/shelves/b");
  shelf.mutable_well_known()->mutable_any_value()->PackFrom(other);
  Redact(kOwner, shelf);  // owns both
  tv1::Shelf unpacked;
  ASSERT_TRUE(shelf.well_known().any_value().UnpackTo(&unpacked));
  EXPECT_EQ(unpacked.owner_note(), "O");
  Redact(kMember, shelf);  // owns only the one within
  ASSERT_TRUE(shelf.well_known().any_value().UnpackTo(&unpacked));
  EXPECT_EQ(unpacked.owner_note(), "O");
  Redact(kAnonymous, shelf);
  ASSERT_TRUE(shelf.well_known().any_value().UnpackTo(&unpacked));
  EXPECT_EQ(unpacked.owner_note(), "");
  EXPECT_EQ(unpacked.title(), "t");
}

TEST(VisibilityTest, AnUnreadableResourceInAnEnvelopeIsDropped) {
  tv1::EchoResponse envelope;
  envelope.mutable_resource()->set_type_url("type.googleapis.com/mostove.testing.v1.Shelf");
  envelope.mutable_resource()->set_value("\xff\xff secret");
  Redact(kAnonymous, envelope);
  EXPECT_EQ(envelope.resource().value(), "");
}

TEST(VisibilityTest, WhatItsOwnerPublishedIsSeenBarWhatIsNarrowerInside) {
  auto shelf = Parse<tv1::Shelf>("survey { score: 0.5 published: true remarks: 'R' }");
  Redact(kAnonymous, shelf);
  EXPECT_THAT(shelf, EqualsProto("survey { score: 0.5 published: true }"));
}

TEST(VisibilityTest, FieldsOfALaterVersionAreForAdministrators) {
  auto shelf = Parse<tv1::Shelf>(kPublic);
  shelf.GetReflection()->MutableUnknownFields(&shelf)->AddLengthDelimited(999, "secret");
  auto seen = shelf;
  Redact(kOwner, seen);
  EXPECT_TRUE(UnknownFieldsOf(seen).empty());
  Redact(call::LocalAdministrator(), shelf);
  EXPECT_FALSE(UnknownFieldsOf(shelf).empty());
}

TEST(VisibilityTest, OwnersAreThoseOfTheAnnotation) {
  const Type& loan = *TypeOf(tv1::Loan::descriptor());
  const auto both = Parse<tv1::Loan>(
      "name: 'loans/x' recipient: 'organizations/a' donor: 'organizations/b/shelves/c'");
  EXPECT_THAT(OwnersOf(loan, both), ElementsAre("organizations/a", "organizations/b"));
  const auto one =
      Parse<tv1::Loan>("name: 'loans/x' recipient: 'organizations/a' donor: 'organizations/a'");
  EXPECT_THAT(OwnersOf(loan, one), ElementsAre("organizations/a"));
  EXPECT_THAT(OwnersOf(loan, tv1::Loan()), IsEmpty());
  EXPECT_EQ(LevelOf(kOwner, loan, both), v1::OWNER);
  EXPECT_EQ(LevelOf(kMember, loan, both), v1::NETWORK);
  EXPECT_EQ(LevelOf(kAnonymous, loan, both), v1::PUBLIC);
  EXPECT_EQ(LevelOf(call::LocalAdministrator(), loan, both), v1::ADMINISTRATOR);
  const call::Caller nameless{.network = true, .organizations = {""}};
  EXPECT_EQ(LevelOf(nameless, loan, tv1::Loan()), v1::NETWORK);
}

TEST(VisibilityTest, OnlyResourcesHaveAType) {
  EXPECT_EQ(TypeOf(tv1::Contact::descriptor()), nullptr);
  EXPECT_EQ(TypeOf(tv1::Shelf::descriptor()), TypeOf(tv1::Shelf::descriptor()));
}

TEST(VisibilityTest, PlansAreMadeOnceByAnyNumberOfThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 100; ++j) {
        auto book = Parse<tv1::Book>("name: 'organizations/a/shelves/b/books/c' delete_time {}");
        Redact(kMember, book);
        EXPECT_FALSE(book.has_delete_time());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(VisibilityTest, PersonalDataIsTakenOutAndItsPathsAreNamed) {
  auto shelf = Parse<tv1::Shelf>(kFull);
  shelf.GetReflection()->MutableUnknownFields(&shelf)->AddLengthDelimited(999, "secret");
  EXPECT_THAT(TakeOutPersonal(shelf), ElementsAre("contacts", "keeper_contact"));
  EXPECT_TRUE(shelf.contacts().empty());
  EXPECT_FALSE(shelf.has_keeper_contact());
  EXPECT_TRUE(UnknownFieldsOf(shelf).empty());
  EXPECT_EQ(shelf.owner_note(), "O");
  EXPECT_THAT(TakeOutPersonal(shelf), IsEmpty());
  auto reader = Parse<tv1::Reader>("display_name: 'x'");
  EXPECT_THAT(TakeOutPersonal(reader), ElementsAre("display_name"));
  tv1::BatchGetShelvesResponse batch;
  *batch.add_shelves() = Parse<tv1::Shelf>(kFull);
  *batch.add_shelves() = Parse<tv1::Shelf>(kFull);
  EXPECT_THAT(TakeOutPersonal(batch), ElementsAre("shelves.contacts", "shelves.keeper_contact"));
}

}  // namespace
}  // namespace mostove::resource
