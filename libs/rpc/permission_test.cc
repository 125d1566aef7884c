#include "libs/rpc/permission.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "libs/resource/roles.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr uint32_t kRead = call::kScopeRead;
constexpr uint32_t kWrite = call::kScopeWrite;

Permission Of(const std::string& annotation, uint32_t scopes = kWrite) {
  resource::v1::Permission proto;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(annotation, &proto)) << annotation;
  Permission permission = MakePermission(proto);
  permission.scopes = scopes;
  return permission;
}

// Edits one organization, and reads another.
call::Caller Editor() {
  return {.name = "users/1",
          .network = true,
          .organizations = {"organizations/a", "organizations/b", "users/1"},
          .grants = {{"organizations/a", resource::RoleBit(resource::v1::ORGANIZATION_EDITOR)},
                     {"organizations/b", resource::RoleBit(resource::v1::ORGANIZATION_READER)}}};
}

constexpr char kEditors[] = "allow: OWNER roles: [ORGANIZATION_ADMINISTRATOR, ORGANIZATION_EDITOR]";

TEST(PermissionTest, ACallerActsForWhatItHasOneOfTheRolesOn) {
  call::Caller caller = Editor();
  ASSERT_THAT(Permit(Of(kEditors), caller), IsOk());
  EXPECT_THAT(caller.acts_for, ElementsAre("organizations/a"));
  EXPECT_EQ(caller.organizations, Editor().organizations) << "a write narrows no sight";
}

TEST(PermissionTest, AReadForOwnersShowsWhatTheRolesAreOnOnly) {
  call::Caller caller = Editor();
  ASSERT_THAT(Permit(Of(kEditors, kRead), caller), IsOk());
  EXPECT_THAT(caller.organizations, ElementsAre("organizations/a"));
}

TEST(PermissionTest, NobodyBringsWhomItActsFor) {
  call::Caller caller = Editor();
  caller.grants.clear();
  caller.acts_for = {"organizations/a"};
  EXPECT_THAT(Permit(Of(kEditors), caller),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       ::testing::AllOf(HasReason("ROLE_REQUIRED"),
                                        HasMessage(HasSubstr("ORGANIZATION_ADMINISTRATOR or "
                                                             "ORGANIZATION_EDITOR")))));
  EXPECT_THAT(caller.acts_for, IsEmpty());
  caller.acts_for = {"organizations/a"};
  ASSERT_THAT(Permit(Of("allow: PUBLIC"), caller), IsOk());
  EXPECT_THAT(caller.acts_for, IsEmpty());
}

TEST(PermissionTest, EverybodyActsForItselfWhereThatIsEnough) {
  call::Caller caller = {.name = "users/2"};
  ASSERT_THAT(Permit(Of("allow: OWNER self: true"), caller), IsOk());
  EXPECT_THAT(caller.acts_for, ElementsAre("users/2"));
  caller = Editor();
  ASSERT_THAT(Permit(Of("allow: OWNER roles: ORGANIZATION_READER self: true", kRead), caller),
              IsOk());
  EXPECT_THAT(caller.organizations, UnorderedElementsAre("organizations/b", "users/1"));
  call::Caller nobody;
  EXPECT_THAT(Permit(Of("allow: OWNER self: true"), nobody),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(PermissionTest, ATokenIsGoodForItsScopes) {
  struct Try {
    uint32_t has, needs;
    bool feeds, allowed;
  };
  for (const Try& each : std::vector<Try>{{kRead, kRead, false, true},
                                          {kRead, kWrite, false, false},
                                          {kWrite, kRead, false, false},
                                          {kWrite, kRead | kWrite, false, true},
                                          {0, kRead | kWrite, false, false},
                                          {call::kScopeFeeds, kRead, false, false},
                                          {call::kScopeFeeds, kRead, true, true},
                                          {call::kScopeFeeds, kWrite, false, false}}) {
    for (const bool administrator : {false, true}) {
      call::Caller caller = {.name = "users/1", .administrator = administrator};
      caller.scopes = each.has;
      Permission permission = Of("allow: PUBLIC", each.needs);
      permission.feeds = each.feeds;
      const absl::Status permitted = Permit(permission, caller);
      EXPECT_EQ(permitted.ok(), each.allowed) << each.has << " for " << each.needs;
      if (!each.allowed) {
        EXPECT_THAT(permitted, HasReason("INSUFFICIENT_SCOPE"));
      }
    }
  }
}

TEST(PermissionTest, ProgramsCallWhatIsForThemAndNothingElse) {
  for (const char* annotation : {"allow: PUBLIC", "allow: ADMINISTRATOR", kEditors}) {
    call::Caller program = call::Program("services/funding");
    EXPECT_THAT(Permit(Of(annotation), program), HasReason("PROGRAM_NOT_ALLOWED")) << annotation;
  }
  // However it came in.
  call::Caller program = {.name = "services/funding", .service = true};
  ASSERT_THAT(Permit(Of("allow: ADMINISTRATOR services: true"), program), IsOk());
  EXPECT_TRUE(program.administrator) << "it sees everything";
}

TEST(PermissionTest, AnAnnotationThatContradictsItselfIsAFault) {
  EXPECT_EQ(FaultOf(Of("")), "has no permission annotation");
  EXPECT_EQ(FaultOf(Of("allow: OWNER")), "allows OWNER and names no roles");
  EXPECT_EQ(FaultOf(Of("allow: OWNER services: true")), "allows OWNER and names no roles");
  EXPECT_EQ(FaultOf(Of("allow: NETWORK roles: TRAINER")), "names roles, which only OWNER asks for");
  EXPECT_EQ(FaultOf(Of("allow: PUBLIC self: true")), "names roles, which only OWNER asks for");
  EXPECT_EQ(FaultOf(Of("allow: OWNER roles: ROLE_UNSPECIFIED")),
            "names ROLE_UNSPECIFIED, which grants nothing");
  EXPECT_EQ(FaultOf(Of(kEditors)), "");
  EXPECT_EQ(FaultOf(Of("allow: OWNER self: true")), "");
  EXPECT_EQ(FaultOf(Of("allow: ADMINISTRATOR services: true")), "");
}

}  // namespace
}  // namespace mostove::rpc
