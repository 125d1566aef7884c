#include "libs/resource/name.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/resource/visibility.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
namespace tv1 = ::mostove::testing::v1;

constexpr char kUuid[] = "2f0c8d52-6e0b-4d5c-9a55-6d2f3f1f9a01";

TEST(NameTest, MatchesItsPatternOnly) {
  const Type& shelf = *TypeOf(tv1::Shelf::descriptor());
  for (const std::string& name :
       {std::string("organizations/a/shelves/b"), std::string("organizations/a-1/shelves/b2-"),
        absl::StrCat("organizations/", kUuid, "/shelves/", kUuid),
        absl::StrCat("organizations/a/shelves/", std::string(63, 'x'))}) {
    EXPECT_TRUE(MatchesName(shelf, name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("organizations/a"), std::string("organizations/a/shelves"),
        std::string("organizations/a/shelves/"), std::string("organizations//shelves/b"),
        std::string("organizations/a/shelves/b/"), std::string("/organizations/a/shelves/b"),
        std::string("organizations/a/books/b"), std::string("organizations/a/shelves/B"),
        std::string("organizations/a/shelves/1b"), std::string("organizations/a/shelves/-"),
        std::string("organizations/-/shelves/b"), std::string("organizations/a/shelves/b/books/c"),
        std::string("organizations/../shelves/b"), std::string("organizations/a/shelves/b\0", 26),
        absl::StrCat("organizations/a/shelves/", std::string(64, 'x'))}) {
    EXPECT_FALSE(MatchesName(shelf, name)) << name;
  }
}

TEST(NameTest, ResourcesAboutPeopleHaveUuidsOnly) {
  const Type& reader = *TypeOf(tv1::Reader::descriptor());
  EXPECT_TRUE(MatchesName(reader, absl::StrCat("organizations/a/readers/", kUuid)));
  EXPECT_FALSE(MatchesName(reader, "organizations/a/readers/ivan"));
  EXPECT_THAT(CheckId(reader, "reader_id", "ivan"), HasViolation("reader_id", "ID"));
  EXPECT_THAT(CheckId(reader, "reader_id", kUuid), IsOk());
}

TEST(NameTest, OnlyAParentMayHaveAWildcardAndOnlyWhereAllowed) {
  const Type& book = *TypeOf(tv1::Book::descriptor());
  EXPECT_TRUE(MatchesParent(book, "organizations/a/shelves/b", false));
  EXPECT_TRUE(MatchesParent(book, "organizations/a/shelves/-", true));
  EXPECT_TRUE(MatchesParent(book, "organizations/-/shelves/-", true));
  EXPECT_FALSE(MatchesParent(book, "organizations/a/shelves/-", false));
  EXPECT_FALSE(MatchesParent(book, "organizations/a", true));
  const Type& loan = *TypeOf(tv1::Loan::descriptor());
  EXPECT_TRUE(MatchesParent(loan, "", false));
  EXPECT_FALSE(MatchesParent(loan, "organizations/a", true));
}

TEST(NameTest, ErrorsSayTheFormAndNotTheWrongValue) {
  const Type& shelf = *TypeOf(tv1::Shelf::descriptor());
  const absl::Status status = CheckName(shelf, "name", "organizations/Secret");
  EXPECT_THAT(status, HasViolation("name", "NAME"));
  EXPECT_THAT(std::string(status.message()),
              ::testing::HasSubstr("organizations/{id}/shelves/{id}"));
  EXPECT_THAT(std::string(status.message()), ::testing::Not(::testing::HasSubstr("Secret")));
  EXPECT_THAT(CheckName(shelf, "name", ""), HasViolation("name", "REQUIRED"));
  EXPECT_THAT(CheckParent(shelf, "parent", "", false), HasViolation("parent", "REQUIRED"));
  EXPECT_THAT(CheckParent(shelf, "parent", "x/y", false), HasViolation("parent", "PARENT"));
  EXPECT_THAT(CheckParent(shelf, "parent", "organizations/-", true), IsOk());
}

TEST(NameTest, ComesApartAndTogether) {
  EXPECT_EQ(ParentOf("organizations/a/shelves/b"), "organizations/a");
  EXPECT_EQ(ParentOf("organizations/a/shelves/b/books/c"), "organizations/a/shelves/b");
  for (const char* name : {"organizations/a", "organizations", "", "/", "//"}) {
    EXPECT_EQ(ParentOf(name), "") << name;
  }
  EXPECT_EQ(OwnerOf("organizations/a/shelves/b"), "organizations/a");
  EXPECT_EQ(OwnerOf("organizations/a"), "organizations/a");
  EXPECT_EQ(OwnerOf("donors/d"), "donors/d");
  EXPECT_EQ(OwnerOf("programs/p/sessions/s"), "programs/p");
  for (const char* name : {"organizations/", "organizations//x", "/a", "", "network"}) {
    EXPECT_EQ(OwnerOf(name), "") << name;
  }
  EXPECT_EQ(JoinName("organizations/a", "shelves", "b"), "organizations/a/shelves/b");
  EXPECT_EQ(JoinName("", "loans", "b"), "loans/b");
}

TEST(NameTest, MadeUuidsBeginWithTheTimeSoThatLaterOnesStandBehind) {
  const auto hex = [](absl::Time time) {
    return absl::StrFormat("%012x", absl::ToUnixMillis(time));
  };
  const std::string before = hex(absl::Now());
  const std::string uuid = MakeUuid();
  const std::string time = absl::StrCat(uuid.substr(0, 8), uuid.substr(9, 4));
  EXPECT_LE(before, time);
  EXPECT_LE(time, hex(absl::Now()));
}

TEST(NameTest, IdsOfPeopleDoNotTellTheTime) {
  const Type& reader = *TypeOf(tv1::Reader::descriptor());
  std::set<std::string> beginnings;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = MakeId(reader);
    EXPECT_THAT(CheckId(reader, "reader_id", id), IsOk());
    EXPECT_EQ(id[14], '4') << id;
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
    beginnings.insert(id.substr(0, 8));
  }
  EXPECT_GT(beginnings.size(), 990u) << "a clock stands there";
  const std::string other = MakeId(*TypeOf(tv1::Shelf::descriptor()));
  EXPECT_TRUE(IsUuid(other)) << other;
  EXPECT_EQ(other[14], '7');
}

TEST(NameTest, MadeUuidsAreUuidsOfVersion7AndDiffer) {
  std::set<std::string> made;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = MakeUuid();
    EXPECT_TRUE(IsUuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '7');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    made.insert(uuid);
  }
  EXPECT_EQ(made.size(), 1000u);
  EXPECT_FALSE(IsUuid("2F0C8D52-6E0B-4D5C-9A55-6D2F3F1F9A01"));
  EXPECT_FALSE(IsUuid("2f0c8d526e0b-4d5c-9a55-6d2f3f1f9a01-"));
}

}  // namespace
}  // namespace mostove::resource
