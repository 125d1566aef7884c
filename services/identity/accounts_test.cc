// Users, roles, invitations, keys and passwords.
#include <fstream>

#include "gtest/gtest.h"
#include "libs/store/resource_store.h"
#include "services/identity/bootstrap.h"
#include "services/identity/identity_fixture.h"
#include "services/identity/invitations.h"

namespace mostove::identity {
namespace {

using absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using resource::v1::ORGANIZATION_ADMINISTRATOR;

constexpr char kHelp[] = "organizations/help";

class AccountsTest : public IdentityTest {
 protected:
  absl::StatusOr<v1::Invitation> Invite(const std::string& email,
                                        const call::Caller& caller = Administrator()) {
    return Create<v1::Invitation>("", "",
                                  "organization: 'organizations/help' role: ORGANIZATION_EDITOR "
                                  "email: '" +
                                      email + "'",
                                  caller);
  }
  absl::StatusOr<v1::AcceptInvitationResponse> Accept(const std::string& token,
                                                      const call::Caller& caller = Anonymous()) {
    v1::AcceptInvitationRequest request;
    request.set_token(token);
    request.set_password(kPassword);
    return Ask<v1::AcceptInvitationResponse>("AcceptInvitation", request, caller);
  }
  absl::StatusOr<v1::SigningKey> RotateKey(bool revoke) {
    v1::RotateSigningKeyRequest request;
    request.set_revoke_previous(revoke);
    return Ask<v1::SigningKey>("RotateSigningKey", request);
  }
};
INSTANTIATE_ON_BOTH_ENGINES(AccountsTest);

TEST_P(AccountsTest, EveryListWalksAnIndex) { ExpectSchemaServesLists(); }

TEST_P(AccountsTest, AnInvitationMakesAUserWithARoleOnce) {
  const auto invitation = Invite("Vera@example.org");
  ASSERT_THAT(invitation, IsOk());
  EXPECT_THAT(Accept(invitation->token() + "x"),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("INVITATION_INVALID")));
  const auto accepted = Accept(invitation->token());
  ASSERT_THAT(accepted, IsOk());
  const auto grant = Do<v1::RoleGrant>("Get", accepted->role_grant());
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->member(), accepted->user());
  EXPECT_EQ(grant->resource(), kHelp);
  EXPECT_THAT(SignInAs("vera@example.org"), IsOk());
  const auto after = Do<v1::Invitation>("Get", invitation->name());
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->user(), accepted->user());
  EXPECT_EQ(after->email(), "");
  EXPECT_EQ(after->token(), "");
  EXPECT_THAT(Accept(invitation->token()),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("INVITATION_INVALID")));
}

TEST_P(AccountsTest, AnInvitationExpiresCanBeWithdrawnAndDoesNotTakeOverAnAccount) {
  const auto expired = Invite("vera@example.org");
  Advance(absl::Hours(24 * 7 + 1));
  EXPECT_THAT(Accept(expired->token()),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("INVITATION_INVALID")));
  Advance(-absl::Hours(24 * 7 + 1));
  const auto withdrawn = Invite("vera@example.org");
  ASSERT_THAT(Do<v1::Invitation>("Delete", withdrawn->name()), IsOk());
  EXPECT_THAT(Accept(withdrawn->token()),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("INVITATION_INVALID")));
  const std::string ana = MakeUser("ana@example.org");
  const auto invitation = Invite("ana@example.org");
  EXPECT_THAT(Accept(invitation->token()),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("ACCOUNT_EXISTS")));
  const auto accepted = Accept(invitation->token(), CallerOf(ana));
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->user(), ana);
}

TEST_P(AccountsTest, AnOrganizationsAdministratorGivesItsOwnRolesToOthers) {
  const std::string ana = MakeUser("ana@example.org");
  const std::string vera = MakeUser("vera@example.org");
  const call::Caller chief = CallerOf(ana, kHelp, ORGANIZATION_ADMINISTRATOR);
  const auto grant = Grant(vera, "ORGANIZATION_EDITOR", kHelp, chief);
  ASSERT_THAT(grant, IsOk());
  EXPECT_THAT(Invite("new@example.org", chief), IsOk());
  const struct {
    std::string member, role, resource;
  } kRefused[] = {{ana, "ORGANIZATION_EDITOR", kHelp},
                  {vera, "ORGANIZATION_EDITOR", "organizations/other"},
                  {vera, "NETWORK_ADMINISTRATOR", "network"},
                  {ana, "NETWORK_ADMINISTRATOR", "network"},
                  {vera, "DONOR_READER", "donors/d"}};
  for (const auto& each : kRefused) {
    EXPECT_THAT(Grant(each.member, each.role, each.resource, chief),
                StatusIs(StatusCode::kPermissionDenied))
        << each.role << " " << each.resource;
  }
  EXPECT_THAT(Do<v1::RoleGrant>("Delete", grant->name(), chief), IsOk());
  const call::Caller editor = CallerOf(ana, kHelp, resource::v1::ORGANIZATION_EDITOR);
  EXPECT_THAT(Grant(vera, "ORGANIZATION_READER", kHelp, editor),
              StatusIs(StatusCode::kPermissionDenied));
  EXPECT_THAT(Invite("new@example.org", editor), StatusIs(StatusCode::kPermissionDenied));
}

TEST_P(AccountsTest, ARoleIsGrantedToSomebodyWhoIsThereOnWhatItIsFor) {
  const std::string ana = MakeUser("ana@example.org");
  EXPECT_THAT(Grant("users/0190a6f2-7c1e-7000-8000-000000000001", "NETWORK_ANALYST", "network"),
              StatusIs(StatusCode::kInvalidArgument,
                       HasViolation("role_grant.member", "REFERENCE_NOT_FOUND")));
  EXPECT_THAT(Grant("organizations/help", "NETWORK_ANALYST", "network"),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("role_grant.member", "NAME")));
  EXPECT_THAT(Grant(ana, "ORGANIZATION_READER", "organizations/missing"),
              StatusIs(StatusCode::kInvalidArgument,
                       HasViolation("role_grant.resource", "REFERENCE_NOT_FOUND")));
  EXPECT_THAT(Grant(ana, "ORGANIZATION_READER", "network"),
              StatusIs(StatusCode::kInvalidArgument,
                       HasViolation("role_grant.resource", "ROLE_ELSEWHERE")));
  EXPECT_THAT(Grant(ana, "NETWORK_ANALYST", kHelp),
              StatusIs(StatusCode::kInvalidArgument,
                       HasViolation("role_grant.resource", "ROLE_ELSEWHERE")));
}

TEST_P(AccountsTest, TheLastAdministratorOfTheNetworkStays) {
  const std::string ana = MakeUser("ana@example.org");
  const std::string vera = MakeUser("vera@example.org");
  const auto first = Grant(ana, "NETWORK_ADMINISTRATOR", "network");
  ASSERT_THAT(first, IsOk());
  const auto last = StatusIs(StatusCode::kFailedPrecondition, HasReason("LAST_ADMINISTRATOR"));
  EXPECT_THAT(Do<v1::RoleGrant>("Delete", first->name()), last);
  EXPECT_THAT(Do<v1::User>("Delete", ana), last);
  EXPECT_THAT(Update<v1::User>(ana, "disabled: true"), last);
  ASSERT_THAT(Grant(vera, "NETWORK_ADMINISTRATOR", "network"), IsOk());
  EXPECT_THAT(Do<v1::RoleGrant>("Delete", first->name()), IsOk());
  EXPECT_THAT(Do<v1::User>("Delete", vera), last);
}

TEST_P(AccountsTest, AnAddressBelongsToOneUserAndEndsWithIt) {
  const std::string ana = MakeUser("ana@example.org");
  EXPECT_THAT(Create<v1::User>("", "", "email: 'ANA@example.org'"),
              StatusIs(StatusCode::kAlreadyExists, HasReason("EMAIL_TAKEN")));
  EXPECT_THAT(Create<v1::User>("", "", "email: 'nonsense'"),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("user.email", "EMAIL")));
  const auto tokens = SignInAs("ana@example.org");
  ASSERT_THAT(Do<v1::User>("Delete", ana), IsOk());
  EXPECT_EQ(SessionOf(tokens).revoke_reason(), v1::ACCOUNT_ENDED);
  EXPECT_THAT(SignInAs("ana@example.org"), StatusIs(StatusCode::kInvalidArgument));
  const auto second = Create<v1::User>("", "", "email: 'ana@example.org'");
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(Do<v1::User>("Undelete", ana),
              StatusIs(StatusCode::kAlreadyExists, HasReason("EMAIL_TAKEN")));
}

TEST_P(AccountsTest, APasswordIsChangedByItsOwnerAndEndsTheOtherSessions) {
  const std::string ana = MakeUser("ana@example.org");
  const auto here = SignInAs("ana@example.org");
  const auto there = SignInAs("ana@example.org");
  call::Caller caller = CallerOf(ana);
  caller.session = SessionOf(here).name();
  v1::SetPasswordRequest request;
  request.set_name(ana);
  request.set_new_password("eight grey trains");
  request.set_current_password("not the password");
  EXPECT_THAT(Ask<v1::SetPasswordResponse>("SetPassword", request, caller),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
  EXPECT_THAT(
      Ask<v1::SetPasswordResponse>("SetPassword", request, CallerOf(MakeUser("vera@example.org"))),
      StatusIs(StatusCode::kNotFound));
  request.set_current_password(kPassword);
  const auto set = Ask<v1::SetPasswordResponse>("SetPassword", request, caller);
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->ended(), 1);
  EXPECT_FALSE(SessionOf(here).has_revoke_time());
  EXPECT_EQ(SessionOf(there).revoke_reason(), v1::CREDENTIAL_CHANGED);
  EXPECT_THAT(Refresh(there->refresh_token()), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(SignInAs("ana@example.org"), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(SignInAs("ana@example.org", "eight grey trains"), IsOk());
}

TEST_P(AccountsTest, SessionsEndOneByOneOrAllAtOnce) {
  const std::string ana = MakeUser("ana@example.org");
  const auto one = SignInAs("ana@example.org");
  const auto two = SignInAs("ana@example.org");
  const auto three = SignInAs("ana@example.org");
  call::Caller caller = CallerOf(ana);
  EXPECT_THAT(Ask<v1::SignOutResponse>("SignOut", v1::SignOutRequest(), caller),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("NO_SESSION")));
  caller.session = SessionOf(one).name();
  EXPECT_THAT(Ask<v1::SignOutResponse>("SignOut", v1::SignOutRequest(), caller), IsOk());
  EXPECT_EQ(SessionOf(one).revoke_reason(), v1::SIGNED_OUT);
  v1::RevokeSessionRequest revoke;
  revoke.set_name(SessionOf(two).name());
  EXPECT_THAT(Ask<v1::Session>("RevokeSession", revoke, CallerOf(MakeUser("vera@example.org"))),
              StatusIs(StatusCode::kNotFound));
  const auto revoked = Ask<v1::Session>("RevokeSession", revoke, caller);
  ASSERT_THAT(revoked, IsOk());
  EXPECT_EQ(revoked->revoke_reason(), v1::REVOKED);
  v1::SignOutEverywhereRequest all;
  all.set_name(ana);
  const auto ended = Ask<v1::SignOutEverywhereResponse>("SignOutEverywhere", all, caller);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->ended(), 1);
  EXPECT_EQ(SessionOf(three).revoke_reason(), v1::SIGNED_OUT);
}

TEST_P(AccountsTest, KeysRotateByThemselvesAndAreKnownBeforeTheySign) {
  MakeUser("ana@example.org");
  const auto keys = [&] { return List<v1::SigningKey>("", "").size(); };
  const auto first = SignInAs("ana@example.org");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(keys(), 1u);
  Advance(TestOptions().signing_key_life - TestOptions().signing_key_notice);
  const auto second = SignInAs("ana@example.org");
  EXPECT_EQ(keys(), 2u);
  const auto kid = [](const absl::StatusOr<v1::TokenResponse>& tokens) {
    return tokens->access_token().substr(0, tokens->access_token().find('.'));
  };
  EXPECT_EQ(kid(second), kid(first));
  Advance(TestOptions().signing_key_notice);
  const auto third = SignInAs("ana@example.org");
  EXPECT_NE(kid(third), kid(first));
  EXPECT_EQ(keys(), 2u);
  EXPECT_THAT(Claims(third->access_token()), IsOk());
  EXPECT_THAT(Claims(SignInAs("ana@example.org")->access_token()), IsOk());
}

TEST_P(AccountsTest, AKeyThatIsKnownToOthersIsRefusedAtOnce) {
  MakeUser("ana@example.org");
  const auto before = SignInAs("ana@example.org");
  ASSERT_THAT(Claims(before->access_token()), IsOk());
  ASSERT_THAT(RotateKey(/*revoke=*/false), IsOk());
  EXPECT_THAT(Claims(before->access_token()), IsOk());
  ASSERT_THAT(RotateKey(/*revoke=*/true), IsOk());
  EXPECT_THAT(Claims(before->access_token()), StatusIs(StatusCode::kUnauthenticated));
  const auto next = Refresh(before->refresh_token());
  ASSERT_THAT(next, IsOk());
  EXPECT_THAT(Claims(next->access_token()), IsOk());
}

TEST_P(AccountsTest, AFeedKeyIsItsOwnersAndShownOnce) {
  const std::string ana = MakeUser("ana@example.org");
  const auto made = Create<v1::FeedKey>("", "", "display_name: 'Sheet'", CallerOf(ana));
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->owner(), ana);
  EXPECT_FALSE(made->key().empty());
  const auto read = Do<v1::FeedKey>("Get", made->name(), CallerOf(ana));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->key(), "");
  EXPECT_EQ(read->key_hash(), "");
  const std::string vera = MakeUser("vera@example.org");
  EXPECT_THAT(Do<v1::FeedKey>("Get", made->name(), CallerOf(vera)),
              StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(Create<v1::FeedKey>("", "", "owner: '" + ana + "'", CallerOf(vera)),
              StatusIs(StatusCode::kPermissionDenied));
  EXPECT_THAT(Do<v1::FeedKey>("Delete", made->name(), CallerOf(ana)), IsOk());
}

TEST_P(AccountsTest, AnErasedUserLeavesNothingOfTheCredentials) {
  const std::string ana = MakeUser("ana@example.org");
  ASSERT_THAT(SignInAs("ana@example.org"), IsOk());
  call::Call call;
  call.caller = Administrator();
  const auto erased =
      store::ResourceStore<v1::User>(store()).Modify(call, ana, "", [](v1::User& user) {
        user.set_erased(true);
        return absl::OkStatus();
      });
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(EverythingStored().find("ana@example.org"), std::string::npos);
  EXPECT_THAT(SignInAs("ana@example.org"), StatusIs(StatusCode::kInvalidArgument));
}

TEST_P(AccountsTest, TheFirstAdministratorIsMadeOnTheServer) {
  Bootstrap bootstrap(store(), identity());
  EXPECT_THAT(bootstrap.CreateAdministrator("root@example.org", "password1234"),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("password", "PASSWORD_COMMON")));
  const auto name = bootstrap.CreateAdministrator("root@example.org", kPassword);
  ASSERT_THAT(name, IsOk());
  EXPECT_EQ(*bootstrap.CreateAdministrator("root@example.org", kPassword), *name);
  EXPECT_EQ(List<v1::RoleGrant>("", "member = \"" + *name + "\"").size(), 1u);
  EXPECT_THAT(SignInAs("root@example.org"), IsOk());
  const auto token = bootstrap.IssueLongToken(*name, absl::Hours(100));
  ASSERT_THAT(token, IsOk());
  const auto claims = Claims(*token);
  ASSERT_THAT(claims, IsOk());
  EXPECT_EQ(claims->subject, *name);
  EXPECT_EQ(claims->expire_time - claims->issue_time, absl::Hours(24));
}

}  // namespace
}  // namespace mostove::identity
