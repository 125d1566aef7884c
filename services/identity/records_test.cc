// What the access log has of sign-ins and grants, and how long identity keeps what
// has ended.
#include <tuple>

#include "gtest/gtest.h"
#include "libs/audit/access_log.h"
#include "mostove/audit/v1/audit.pb.h"
#include "services/identity/identity_fixture.h"
#include "services/identity/old_records.h"

namespace mostove::identity {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kHelp[] = "organizations/help";

class RecordsTest : public IdentityTest {
 protected:
  // Callers of the records of this kind, the newest first.
  std::vector<std::string> CallersOf(audit::v1::Kind kind, const std::string& owner,
                                     const call::Caller& reader = Administrator()) {
    EXPECT_TRUE(service().access().Flush());
    audit::v1::ListAccessRecordsRequest request;
    request.set_parent(owner);
    const auto records =
        Ask<audit::v1::ListAccessRecordsResponse>("ListAccessRecords", request, reader);
    EXPECT_THAT(records, IsOk());
    std::vector<std::string> callers;
    if (!records.ok()) return callers;
    for (const auto& record : records->access_records()) {
      if (record.kind() == kind) callers.push_back(record.caller());
    }
    return callers;
  }

  int64_t RowsOf(const std::string& table) {
    int64_t rows = -1;
    const auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT(reader, IsOk());
    EXPECT_THAT((*reader)->Query("SELECT COUNT(*) FROM " + table, {},
                                 [&](const sql::Row& row) {
                                   rows = row.Int64(0);
                                   return false;
                                 }),
                IsOk());
    return rows;
  }

  absl::Status Remove(absl::Duration retention) {
    call::Call call;
    call.clock = [now = Now()] { return now; };
    return RemoveOld(store(), call, retention);
  }
};
INSTANTIATE_ON_BOTH_ENGINES(RecordsTest);

TEST_P(RecordsTest, SignInsStandInTheAccessLog) {
  const std::string ana = MakeUser("ana@example.org");
  ASSERT_THAT(SignInAs("ana@example.org"), IsOk());
  EXPECT_THAT(SignInAs("ana@example.org", "wrong green boats"), HasReason("INVALID_GRANT"));
  EXPECT_THAT(SignInAs("nobody@example.org"), HasReason("INVALID_GRANT"));
  EXPECT_THAT(CallersOf(audit::v1::SIGN_IN, ana), ElementsAre(ana));
  EXPECT_THAT(CallersOf(audit::v1::SIGN_IN_REFUSED, ""), Contains(""));
}

TEST_P(RecordsTest, AnOrganizationsAdministratorSeesItsGrantsAndUsesOfItsKeys) {
  const std::string ana = MakeUser("ana@example.org");
  const std::string secret = MakeClient("app", "organization: 'organizations/help'");
  const auto grant = Grant("apiClients/app", "ORGANIZATION_READER", kHelp);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(Do<v1::RoleGrant>("Delete", grant->name()), IsOk());
  ASSERT_THAT(
      Issue("grant_type: 'client_credentials' client_id: 'app' client_secret: '" + secret + "'"),
      IsOk());
  const call::Caller admin = CallerOf(ana, kHelp, resource::v1::ORGANIZATION_ADMINISTRATOR);
  const std::string giver = Administrator().name;
  EXPECT_THAT(CallersOf(audit::v1::GRANT, kHelp, admin), ElementsAre(giver, giver));
  EXPECT_THAT(CallersOf(audit::v1::KEY_USE, kHelp, admin), ElementsAre("apiClients/app"));
}

TEST_P(RecordsTest, SessionsAndKeysAreRemovedSomeTimeAfterTheirEnd) {
  MakeUser("ana@example.org");
  const v1::Session session = SessionOf(SignInAs("ana@example.org"));
  Advance(TestOptions().session_life + absl::Hours(24 * 40));
  ASSERT_THAT(SignInAs("ana@example.org"), IsOk());  // keys rotate
  Advance(absl::Hours(24 * 3));
  const int64_t sessions = RowsOf("sessions"), owners = RowsOf("sessions_owners");
  const int64_t keys = RowsOf("signing_keys"), changes = RowsOf("change_log");
  ASSERT_THAT(Remove(absl::Hours(24 * 90)), IsOk());
  EXPECT_EQ(RowsOf("sessions"), sessions) << "its time is over, but not for so long";
  ASSERT_THAT(Remove(absl::Hours(24 * 30)), IsOk());
  EXPECT_EQ(RowsOf("sessions"), sessions - 1);
  EXPECT_EQ(RowsOf("sessions_owners"), owners - 1);
  EXPECT_THAT(Do<v1::Session>("Get", session.name()), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Remove(absl::ZeroDuration()), IsOk());
  EXPECT_EQ(RowsOf("signing_keys"), keys - 1);
  EXPECT_EQ(RowsOf("change_log"), changes + 2);
  EXPECT_THAT(SignInAs("ana@example.org"), IsOk()) << "the present key is kept";
}

}  // namespace
}  // namespace mostove::identity
