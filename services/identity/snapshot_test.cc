// A program that begins with a snapshot knows what it would know from the whole log.
#include "services/identity/snapshot.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "libs/auth/directory.h"
#include "services/identity/identity_fixture.h"

namespace mostove::identity {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

class SnapshotTest : public IdentityTest {
 protected:
  static call::Caller Program() { return call::Program("services/funding"); }

  v1::ReadSnapshotResponse Page(const std::string& token) {
    v1::ReadSnapshotRequest request;
    request.set_page_token(token);
    const auto page = Ask<v1::ReadSnapshotResponse>("ReadSnapshot", request, Program());
    EXPECT_THAT(page, IsOk());
    return page.ok() ? *page : v1::ReadSnapshotResponse();
  }
  // The pages from here on; gives where the log goes on.
  std::string TakeSnapshot(auth::Directory& directory, std::string token) {
    while (true) {
      const auto page = Page(token);
      directory.Apply(page.changes());
      if (page.next_page_token().empty()) return page.position();
      token = page.next_page_token();
    }
  }
  void Follow(auth::Directory& directory, const std::string& from) {
    changes::v1::ListChangesRequest request;
    request.set_after(from);
    request.set_page_size(1000);
    while (true) {
      const auto page = Ask<changes::v1::ListChangesResponse>("ListChanges", request, Program());
      ASSERT_THAT(page, IsOk());
      if (page->next_position() == request.after()) break;
      directory.Apply(page->changes());
      request.set_after(page->next_position());
    }
    directory.AtEnd(Now());
  }

  std::string TokenOf(const std::string& email) {
    const auto tokens = SignInAs(email);
    EXPECT_THAT(tokens, IsOk());
    return tokens.ok() ? tokens->access_token() : "";
  }
  std::string FeedKeyOf(const std::string& user, std::string* name) {
    const auto made = Create<v1::FeedKey>("", "", "owner: '" + user + "'");
    EXPECT_THAT(made, IsOk());
    *name = made->name();
    return made->key();
  }
  void End(const std::string& token) {
    v1::RevokeSessionRequest request;
    request.set_name("sessions/" + Claims(token)->session);
    EXPECT_THAT(Ask<v1::Session>("RevokeSession", request), IsOk());
  }
  void RotateKey(bool revoke_previous) {
    v1::RotateSigningKeyRequest request;
    request.set_revoke_previous(revoke_previous);
    EXPECT_THAT(Ask<v1::SigningKey>("RotateSigningKey", request), IsOk());
  }

  // Who a directory takes somebody for: a caller, or the reason why not.
  std::string BearerOf(const auth::Directory& directory, const std::string& token) {
    std::string key;
    const auto claims = directory.VerifyToken(token, TestOptions().issuer, Now(), key);
    if (!claims.ok()) return status::Reason(claims.status());
    return Said(directory.BearerOf(*claims, key, Now()));
  }
  std::string FeedBearerOf(const auth::Directory& directory, const std::string& key) {
    return Said(directory.BearerOfFeedKey(key, Now()));
  }
  static std::string Said(const absl::StatusOr<auth::Directory::Bearer>& bearer) {
    if (!bearer.ok()) return status::Reason(bearer.status());
    std::string text = absl::StrCat(bearer->caller.name, " scopes ", bearer->caller.scopes);
    for (const call::Grant& grant : bearer->caller.grants) {
      absl::StrAppend(&text, " ", grant.resource, "=", grant.roles);
    }
    return text;
  }
};
INSTANTIATE_ON_BOTH_ENGINES(SnapshotTest);

TEST_P(SnapshotTest, SaysWhatTheWholeLogSays) {
  const std::string ana = MakeUser("ana@example.org"), vera = MakeUser("vera@example.org");
  const std::string ivan = MakeUser("ivan@example.org"), oleg = MakeUser("oleg@example.org");
  const auto kept = Grant(ana, "ORGANIZATION_EDITOR", "organizations/a");
  const auto taken = Grant(ana, "ORGANIZATION_ADMINISTRATOR", "organizations/b");
  const auto later = Grant(vera, "ORGANIZATION_READER", "organizations/a");
  ASSERT_THAT(kept, IsOk());
  ASSERT_THAT(taken, IsOk());
  ASSERT_THAT(later, IsOk());
  std::vector<std::string> tokens = {TokenOf("ana@example.org"),  TokenOf("ana@example.org"),
                                     TokenOf("vera@example.org"), TokenOf("vera@example.org"),
                                     TokenOf("ivan@example.org"), TokenOf("oleg@example.org")};
  const std::string secret = MakeClient("app", "scopes: 'read'");
  tokens.push_back(
      Issue("grant_type: 'client_credentials' client_id: 'app' client_secret: '" + secret + "'")
          ->access_token());
  std::string gone, lives, of_disabled;
  const std::vector<std::string> feed_keys = {FeedKeyOf(ana, &lives), FeedKeyOf(ana, &gone),
                                              FeedKeyOf(oleg, &of_disabled)};
  // As long ago as nothing is any more that is only a minute old.
  Advance(absl::Minutes(2));
  ASSERT_THAT(Do<v1::RoleGrant>("Delete", taken->name()), IsOk());
  ASSERT_THAT(Do<v1::FeedKey>("Delete", gone), IsOk());
  ASSERT_THAT(Do<v1::User>("Delete", ivan), IsOk());
  End(tokens[1]);
  RotateKey(/*revoke_previous=*/false);

  auth::Directory begun;
  const v1::ReadSnapshotResponse first = Page("");
  begun.Apply(first.changes());
  EXPECT_EQ(first.next_page_token(), "");
  EXPECT_THAT(first.DebugString(), HasSubstr(ana));
  for (const char* personal : {"example.org", "$argon2", "Desk"}) {
    EXPECT_THAT(first.DebugString(), Not(HasSubstr(personal)));
  }
  // What happens since it was read stands in the log.
  ASSERT_THAT(Do<v1::RoleGrant>("Delete", later->name()), IsOk());
  ASSERT_THAT(Update<v1::User>(oleg, "disabled: true"), IsOk());
  End(tokens[3]);

  auth::Directory whole;
  Follow(begun, first.position());
  Follow(whole, "");
  const std::vector<std::string> expected = {ana + " scopes 3 organizations/a=16",
                                             "SESSION_ENDED",
                                             vera + " scopes 3",
                                             "SESSION_ENDED",
                                             "SESSION_ENDED",
                                             "SESSION_ENDED",
                                             "apiClients/app scopes 1"};
  for (size_t i = 0; i < tokens.size(); ++i) {
    EXPECT_EQ(BearerOf(begun, tokens[i]), BearerOf(whole, tokens[i])) << i;
    EXPECT_EQ(BearerOf(begun, tokens[i]), expected[i]) << i;
  }
  for (const std::string& key : feed_keys) {
    EXPECT_EQ(FeedBearerOf(begun, key), FeedBearerOf(whole, key));
  }
  EXPECT_THAT(FeedBearerOf(begun, feed_keys[0]), HasSubstr(ana));
  EXPECT_EQ(FeedBearerOf(begun, feed_keys[1]), "FEED_KEY_INVALID");
  EXPECT_EQ(FeedBearerOf(begun, feed_keys[2]), "ACCOUNT_DISABLED");

  RotateKey(/*revoke_previous=*/true);
  auth::Directory rotated;
  Follow(rotated, TakeSnapshot(rotated, ""));
  EXPECT_EQ(BearerOf(rotated, tokens[0]), "TOKEN_INVALID");
  EXPECT_THAT(BearerOf(rotated, TokenOf("vera@example.org")), HasSubstr(vera));
}

TEST_P(SnapshotTest, WhatHappensBetweenItsPagesIsNotLost) {
  const std::string ana = MakeUser("ana@example.org");
  const std::string first = TokenOf("ana@example.org"), second = TokenOf("ana@example.org");
  std::vector<std::string> grants;
  for (int i = 0; i < 2'100; ++i) {
    const auto grant = Grant(ana, "ORGANIZATION_READER", absl::StrCat("organizations/o", i));
    ASSERT_THAT(grant, IsOk());
    grants.push_back(grant->name());
  }
  std::sort(grants.begin(), grants.end());
  const v1::ReadSnapshotResponse page = Page("");
  ASSERT_NE(page.next_page_token(), "");
  // Of the first page and of the next, and what neither has.
  ASSERT_THAT(Do<v1::RoleGrant>("Delete", grants.front()), IsOk());
  ASSERT_THAT(Do<v1::RoleGrant>("Delete", grants.back()), IsOk());
  ASSERT_THAT(Grant(ana, "ORGANIZATION_READER", "organizations/new"), IsOk());
  End(second);
  auth::Directory begun, whole;
  begun.Apply(page.changes());
  Follow(begun, TakeSnapshot(begun, page.next_page_token()));
  Follow(whole, "");
  EXPECT_EQ(BearerOf(begun, first), BearerOf(whole, first));
  EXPECT_THAT(BearerOf(begun, first), HasSubstr("organizations/new"));
  EXPECT_EQ(BearerOf(begun, second), "SESSION_ENDED");
}

TEST_P(SnapshotTest, OnlySessionsThatWereEndedWithinADayAreTold) {
  MakeUser("ana@example.org");
  const std::string old = TokenOf("ana@example.org"), lives = TokenOf("ana@example.org");
  const std::string old_session = Claims(old)->session, living = Claims(lives)->session;
  End(old);
  EXPECT_THAT(Page("").DebugString(), HasSubstr(old_session));
  EXPECT_THAT(Page("").DebugString(), Not(HasSubstr(living)));
  Advance(absl::Hours(26));
  EXPECT_THAT(Page("").DebugString(), Not(HasSubstr(old_session)));
}

TEST_P(SnapshotTest, APageOfAnotherDatabaseBeginsAnew) {
  for (const char* token : {"x", "||||", "AAAA|0|0|", "AAAA|99|0|"}) {
    v1::ReadSnapshotRequest request;
    request.set_page_token(token);
    EXPECT_THAT(Ask<v1::ReadSnapshotResponse>("ReadSnapshot", request, Program()),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("EPOCH_CHANGED")))
        << token;
  }
}

}  // namespace
}  // namespace mostove::identity
