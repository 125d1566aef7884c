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
#include "mostove/identity/v1/operation.pb.h"
#include "services/identity/identity_fixture.h"

namespace mostove::identity {
namespace {

using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
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

  v1::Operation Read(const std::string& name) {
    v1::GetOperationRequest request;
    request.set_name(name);
    const auto operation = Ask<v1::Operation>("GetOperation", request);
    EXPECT_THAT(operation, IsOk());
    return operation.ok() ? *operation : v1::Operation();
  }

  // "table.column" of every value that has the text.
  std::vector<std::string> PlacesOf(const std::string& text) {
    std::vector<std::string> places;
    const auto columns = database().Columns();
    EXPECT_THAT(columns, IsOk());
    const auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT(reader, IsOk());
    for (const auto& column : *columns) {
      EXPECT_THAT(
          (*reader)->Query(absl::StrCat("SELECT \"", column.name, "\" FROM ", column.table), {},
                           [&](const sql::Row& row) {
                             const sql::Value value = row.Get(0);
                             const auto* words = std::get_if<std::string>(&value);
                             const auto* blob = std::get_if<sql::Blob>(&value);
                             const std::string bytes = words != nullptr  ? *words
                                                       : blob != nullptr ? blob->bytes
                                                                         : "";
                             if (!absl::StrContains(bytes, text)) return true;
                             places.push_back(absl::StrCat(column.table, ".", column.name));
                             return false;
                           }),
          IsOk());
    }
    return places;
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
  const auto begun = Begin("ExportPerson", Administrator());
  ASSERT_THAT(begun, IsOk());
  FinishOthers(begun->name());
  Follow();
  const v1::Operation done = Read(begun->name());
  ASSERT_TRUE(done.done());
  std::string data;
  for (const auto& part : done.parts()) data += part.data();
  EXPECT_THAT(data, HasSubstr(kEmail));
  EXPECT_THAT(data, HasSubstr(kName));
  const absl::Time later = absl::Now() + absl::Hours(24 * 365 * 10);
  ASSERT_THAT(store::PurgePersonal(store(), absl::InfinitePast(), later), IsOk());
  for (const auto& part : Read(begun->name()).parts()) EXPECT_EQ(part.data(), "");
}

TEST_P(PersonsTest, OthersLearnNothing) {
  EXPECT_THAT(Begin("ErasePerson", MemberOf({"organizations/x"})),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Begin("ExportPerson", MemberOf({user_})), IsOk());
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

}  // namespace
}  // namespace mostove::identity
