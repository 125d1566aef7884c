#include "services/identity/persons.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/audit/access_log.h"
#include "libs/changelog/changelog.h"
#include "libs/privacy/part.h"
#include "libs/rpc/invoker.h"
#include "libs/rpc/worker_pool.h"
#include "libs/seal/verify.h"
#include "libs/service/directory.h"
#include "libs/store/maintenance.h"
#include "libs/testing/stored_text.h"
#include "mostove/identity/v1/operation.pb.h"
#include "services/identity/identity_fixture.h"

namespace mostove::identity {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kEmail[] = "zlatoust.quagga@planted.example";
constexpr char kName[] = "Златоуст Квага-Планирана";

class PersonsTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    pool_ = rpc::WorkerPool::Start({});
    invoker_ = rpc::MakeLocalInvoker({&service().table()}, pool_.get());
    auto part =
        privacy::Part::Open({.store = &store(), .name = "identity", .peers = invoker_.get()});
    ASSERT_THAT(part, IsOk());
    part_ = *std::move(part);
    auto user =
        Create<v1::User>("", "", absl::StrCat("email: '", kEmail, "' display_name: '", kName, "'"));
    ASSERT_THAT(user, IsOk());
    user_ = user->name();
  }

  void TearDown() override {
    part_.reset();
    pool_.reset();
  }

  absl::StatusOr<v1::Operation> Begin(const std::string& method, const call::Caller& caller) {
    v1::ErasePersonRequest erase;
    erase.set_name(user_);
    if (method == "ErasePerson") return Ask<v1::Operation>(method, erase, caller);
    v1::ExportPersonRequest take;
    take.set_name(user_);
    return Ask<v1::Operation>(method, take, caller);
  }

  void FinishOthers(const std::string& operation) {
    for (const auto& entry : service::Directory()) {
      if (entry.name == "identity") continue;
      v1::FinishPartRequest request;
      request.set_name(operation);
      request.set_service(entry.name);
      request.set_resources(1);
      ASSERT_THAT(Ask<v1::FinishPartResponse>("FinishPart", request,
                                              call::Program(absl::StrCat("services/", entry.name))),
                  IsOk());
    }
  }

  void Follow() {
    while (true) {
      const auto more = part_->follower().Step();
      ASSERT_THAT(more, IsOk());
      if (!*more) return;
    }
  }

  v1::Operation Read(const std::string& name, const call::Caller& caller = Administrator()) {
    v1::GetOperationRequest request;
    request.set_name(name);
    const auto operation = Ask<v1::Operation>("GetOperation", request, caller);
    EXPECT_THAT(operation, IsOk());
    return operation.ok() ? *operation : v1::Operation();
  }

  std::vector<std::string> PlacesOf(const std::string& text) {
    return ::mostove::testing::PlacesOf(database(), text);
  }

  void ExpectLogsVerify() {
    service().access().Flush();
    for (const seal::Log* log : {&changelog::SealedLog(), &audit::SealedLog()}) {
      ASSERT_THAT(seal::SealNext(database(), *log, absl::Now()), IsOk());
      const auto reader = sql::OpenForReading(url());
      ASSERT_THAT(reader, IsOk());
      const auto report = seal::Verify(**reader, *log, {});
      ASSERT_THAT(report, IsOk());
      EXPECT_EQ(report->findings_count, 0);
      EXPECT_GT(report->rows, 0);
    }
  }

  std::unique_ptr<rpc::WorkerPool> pool_;
  std::unique_ptr<rpc::Invoker> invoker_;
  std::unique_ptr<privacy::Part> part_;
  std::string user_;
};
INSTANTIATE_ON_BOTH_ENGINES(PersonsTest);

TEST_P(PersonsTest, AfterAnErasureNoTableHasThePersonAndTheLogsVerify) {
  EXPECT_THAT(PlacesOf(kEmail), Not(IsEmpty()));
  const auto begun = Begin("ErasePerson", Administrator());
  ASSERT_THAT(begun, IsOk());
  EXPECT_FALSE(begun->done());
  Follow();
  EXPECT_FALSE(Read(begun->name()).done()) << "others need the address still";
  FinishOthers(begun->name());
  Follow();
  EXPECT_TRUE(Read(begun->name()).done());
  const auto user = Do<v1::User>("Get", user_);
  ASSERT_THAT(user, IsOk());
  EXPECT_TRUE(user->erased());
  EXPECT_TRUE(user->disabled());
  EXPECT_THAT(PlacesOf(kEmail), IsEmpty());
  EXPECT_THAT(PlacesOf(kName), IsEmpty());
  ExpectLogsVerify();
}

TEST_P(PersonsTest, AnErasureEndsTheAccountAtOnce) {
  ASSERT_THAT(Begin("ErasePerson", Administrator()), IsOk());
  EXPECT_TRUE(Do<v1::User>("Get", user_)->disabled());
}

TEST_P(PersonsTest, AnExportHasWhatIsThereUntilItExpires) {
  const call::Caller person = CallerOf(user_);
  const auto begun = Begin("ExportPerson", person);
  ASSERT_THAT(begun, IsOk());
  FinishOthers(begun->name());
  Follow();
  const v1::Operation done = Read(begun->name(), person);
  ASSERT_TRUE(done.done());
  std::string data;
  for (const auto& part : done.parts()) data += part.data();
  EXPECT_THAT(data, HasSubstr(kEmail));
  EXPECT_THAT(data, HasSubstr(kName));
  const absl::Time later = absl::Now() + absl::Hours(24 * 365 * 10);
  ASSERT_THAT(store::PurgePersonal(store(), absl::InfinitePast(), later), IsOk());
  const v1::Operation purged = Read(begun->name());
  EXPECT_EQ(purged.parts_size(), done.parts_size());
  for (const auto& part : purged.parts()) EXPECT_EQ(part.data(), "");
}

TEST_P(PersonsTest, AnErasureTakesWhatWasExportedAndLeavesNamesakes) {
  const auto namesake = Create<v1::User>(
      "", "", absl::StrCat("email: 'other.", kEmail, "' display_name: '", kName, "'"));
  ASSERT_THAT(namesake, IsOk());
  const auto exported = Begin("ExportPerson", Administrator());
  ASSERT_THAT(exported, IsOk());
  FinishOthers(exported->name());
  Follow();
  const auto erased = Begin("ErasePerson", Administrator());
  ASSERT_THAT(erased, IsOk());
  FinishOthers(erased->name());
  Follow();
  EXPECT_TRUE(Read(erased->name()).done());
  EXPECT_THAT(PlacesOf(kName), ElementsAre("users.payload"));
  EXPECT_EQ(Do<v1::User>("Get", namesake->name())->display_name(), kName);
}

TEST_P(PersonsTest, APersonIsGoneWhenTheAccountWasDeletedLongAgo) {
  v1::SetPasswordRequest password;
  password.set_name(user_);
  password.set_new_password(kPassword);
  ASSERT_THAT(Ask<v1::SetPasswordResponse>("SetPassword", password), IsOk());
  ASSERT_THAT(Do<v1::User>("Delete", user_), IsOk());
  const absl::Time soon = Now() - absl::Hours(1);
  EXPECT_THAT(store::PurgePersonal(store(), soon, Now()), IsOkAndHolds(0));
  EXPECT_THAT(PlacesOf(kEmail), ElementsAre("users.payload"));
  EXPECT_THAT(store::PurgePersonal(store(), Now() + absl::Hours(1), Now()), IsOkAndHolds(1));
  EXPECT_THAT(PlacesOf(kEmail), IsEmpty());
  EXPECT_THAT(PlacesOf(kName), IsEmpty());
  EXPECT_THAT(PlacesOf("$argon2"), IsEmpty());
  EXPECT_THAT(store::PurgePersonal(store(), Now() + absl::Hours(1), Now()), IsOkAndHolds(0));
  ExpectLogsVerify();
}

TEST_P(PersonsTest, TheLastAdministratorIsNotErased) {
  ASSERT_THAT(Grant(user_, "NETWORK_ADMINISTRATOR", "network"), IsOk());
  EXPECT_THAT(Begin("ErasePerson", Administrator()), HasReason("LAST_ADMINISTRATOR"));
  EXPECT_FALSE(Do<v1::User>("Get", user_)->disabled());
}

TEST_P(PersonsTest, OthersLearnNothing) {
  EXPECT_THAT(Begin("ErasePerson", MemberOf({"organizations/x"})),
              StatusIs(absl::StatusCode::kNotFound));
  const auto begun = Begin("ExportPerson", CallerOf(user_));
  ASSERT_THAT(begun, IsOk());
  v1::GetOperationRequest request;
  request.set_name(begun->name());
  EXPECT_THAT(Ask<v1::Operation>("GetOperation", request, MemberOf({"organizations/x"})),
              StatusIs(absl::StatusCode::kNotFound));
  v1::DescribePersonRequest question;
  question.set_name(begun->name());
  question.set_service("funding");
  EXPECT_THAT(Ask<v1::DescribePersonResponse>("DescribePerson", question, CallerOf(user_)),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_P(PersonsTest, WhoIsDoneIsToldNothingMore) {
  const auto begun = Begin("ErasePerson", Administrator());
  ASSERT_THAT(begun, IsOk());
  v1::DescribePersonRequest request;
  request.set_name(begun->name());
  request.set_service("funding");
  const call::Caller funding = call::Program("services/funding");
  EXPECT_EQ(Ask<v1::DescribePersonResponse>("DescribePerson", request, funding)->email(), kEmail);
  FinishOthers(begun->name());
  const auto again = Ask<v1::DescribePersonResponse>("DescribePerson", request, funding);
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->wanted());
  EXPECT_EQ(again->email(), "");
}

TEST_P(PersonsTest, AProgramSpeaksForItselfAlone) {
  const auto begun = Begin("ErasePerson", Administrator());
  ASSERT_THAT(begun, IsOk());
  const auto refused = StatusIs(absl::StatusCode::kPermissionDenied, HasReason("NOT_OWN_PART"));
  for (const char* other : {"services/trainings", "services/gateway"}) {
    v1::DescribePersonRequest question;
    question.set_name(begun->name());
    question.set_service("funding");
    EXPECT_THAT(Ask<v1::DescribePersonResponse>("DescribePerson", question, call::Program(other)),
                refused);
    v1::FinishPartRequest finished;
    finished.set_name(begun->name());
    finished.set_service("funding");
    EXPECT_THAT(Ask<v1::FinishPartResponse>("FinishPart", finished, call::Program(other)), refused);
  }
  EXPECT_EQ(Read(begun->name()).parts_size(), 0);
}

}  // namespace
}  // namespace mostove::identity
