#include "libs/store/idempotency.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "google/protobuf/wrappers.pb.h"
#include "libs/status/status.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::store {
namespace {

using ::google::protobuf::Message;
using ::google::protobuf::StringValue;
using ::mostove::testing::EqualsProto;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;

class IdempotencyTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(database().Migrate("test", {{1, "effect", "CREATE TABLE effect (n BIGINT)"}}),
                IsOk());
    Install();
  }

  void Install() {
    auto installed = Idempotency::Install(database());
    ASSERT_THAT(installed, IsOk());
    idempotency_ = *std::move(installed);
  }

  static call::Call CallWith(const std::string& key, const std::string& hash = "hash") {
    call::Call call;
    call.caller.name = "users/1";
    call.method = "test.Service/Create";
    call.idempotency_key = key;
    call.request_hash = hash;
    return call;
  }

  // Has an effect and answers "answer N".
  static absl::Status Change(sql::Transaction& transaction, Message& response) {
    static std::atomic<int> count = 0;
    static_cast<StringValue&>(response).set_value("answer " + std::to_string(++count));
    return transaction.connection().Execute("INSERT INTO effect VALUES (1)", {}).status();
  }

  int64_t Effects() {
    int64_t effects = -1;
    auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT(reader, IsOk());
    EXPECT_THAT((*reader)->Query("SELECT count(*) FROM effect", {},
                                 [&](const sql::Row& row) {
                                   effects = row.Int64(0);
                                   return true;
                                 }),
                IsOk());
    return effects;
  }

  std::unique_ptr<Idempotency> idempotency_;
};
INSTANTIATE_ON_BOTH_ENGINES(IdempotencyTest);

TEST_P(IdempotencyTest, ARepeatedRequestIsAnsweredAsAtFirstAlsoAfterARestart) {
  StringValue first;
  ASSERT_THAT(idempotency_->Write(CallWith("k"), sql::Extent::kShort, first, Change), IsOk());
  for (int round = 0; round < 2; ++round) {
    StringValue again;
    again.set_value("left over");
    EXPECT_THAT(idempotency_->Write(CallWith("k"), sql::Extent::kShort, again, Change), IsOk());
    EXPECT_THAT(again, EqualsProto(first));
    EXPECT_EQ(Effects(), 1);
    Reopen();
    Install();
  }
}

TEST_P(IdempotencyTest, AKeyBelongsToItsCallerAndMethod) {
  StringValue response;
  call::Call other_caller = CallWith("k"), other_method = CallWith("k");
  other_caller.caller.name = "users/2";
  other_method.method = "test.Service/Delete";
  for (const call::Call& call : {CallWith("k"), other_caller, other_method, CallWith("k2")}) {
    EXPECT_THAT(idempotency_->Write(call, sql::Extent::kShort, response, Change), IsOk());
  }
  EXPECT_EQ(Effects(), 4);
}

TEST_P(IdempotencyTest, WithoutAKeyEveryRequestHasItsEffect) {
  StringValue response;
  EXPECT_THAT(idempotency_->Write(CallWith(""), sql::Extent::kShort, response, Change), IsOk());
  EXPECT_THAT(idempotency_->Write(CallWith(""), sql::Extent::kShort, response, Change), IsOk());
  EXPECT_EQ(Effects(), 2);
}

TEST_P(IdempotencyTest, AnotherBodyUnderTheKeyIsRefused) {
  StringValue response;
  ASSERT_THAT(idempotency_->Write(CallWith("k"), sql::Extent::kShort, response, Change), IsOk());
  EXPECT_THAT(idempotency_->Write(CallWith("k", "other"), sql::Extent::kShort, response, Change),
              StatusIs(absl::StatusCode::kAborted, HasReason("IDEMPOTENCY_KEY_REUSED")));
  EXPECT_EQ(Effects(), 1);
}

TEST_P(IdempotencyTest, AFailedWriteIsNotKept) {
  StringValue response;
  EXPECT_THAT(idempotency_->Write(CallWith("k"), sql::Extent::kShort, response,
                                  [](sql::Transaction& transaction, Message& response) {
                                    EXPECT_THAT(Change(transaction, response), IsOk());
                                    return status::Precondition("NO", "not now");
                                  }),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Effects(), 0);
  EXPECT_THAT(idempotency_->Write(CallWith("k"), sql::Extent::kShort, response, Change), IsOk());
  EXPECT_EQ(Effects(), 1);
}

TEST_P(IdempotencyTest, WhileTheFirstRunsTheSecondIsToldToComeBack) {
  // The second through the same process, and on PostgreSQL through another one.
  std::unique_ptr<sql::Database> other;
  std::unique_ptr<Idempotency> elsewhere;
  if (engine() == sql::Engine::kPostgres) {
    sql::DatabaseOptions options;
    options.url = url();
    auto opened = sql::Database::Open(options);
    ASSERT_THAT(opened, IsOk());
    other = *std::move(opened);
    auto installed = Idempotency::Install(*other);
    ASSERT_THAT(installed, IsOk());
    elsewhere = *std::move(installed);
  }
  absl::Notification running, finish;
  std::thread first([&] {
    StringValue response;
    EXPECT_THAT(idempotency_->Write(CallWith("k"), sql::Extent::kShort, response,
                                    [&](sql::Transaction& transaction, Message& response) {
                                      // The lock on the key is among what is queued.
                                      EXPECT_THAT(transaction.connection().Flush(), IsOk());
                                      running.Notify();
                                      finish.WaitForNotification();
                                      return Change(transaction, response);
                                    }),
                IsOk());
  });
  running.WaitForNotification();
  for (Idempotency* idempotency : {idempotency_.get(), elsewhere.get()}) {
    if (idempotency == nullptr) continue;
    StringValue response;
    const absl::Status refused =
        idempotency->Write(CallWith("k"), sql::Extent::kShort, response, Change).status();
    EXPECT_THAT(refused,
                StatusIs(absl::StatusCode::kAborted, HasReason("IDEMPOTENCY_IN_PROGRESS")));
    EXPECT_GT(status::RetryAfter(refused), absl::ZeroDuration());
  }
  finish.Notify();
  first.join();
  EXPECT_EQ(Effects(), 1);
}

TEST_P(IdempotencyTest, ManyAtOnceWithOneKeyHaveOneEffectAndOneAnswer) {
  std::vector<StringValue> responses(32);
  std::vector<std::thread> threads;
  for (StringValue& response : responses) {
    threads.emplace_back([&] {
      while (true) {
        const absl::Status written =
            idempotency_->Write(CallWith("k"), sql::Extent::kShort, response, Change).status();
        if (written.ok()) break;
        ASSERT_THAT(written,
                    StatusIs(absl::StatusCode::kAborted, HasReason("IDEMPOTENCY_IN_PROGRESS")));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Effects(), 1);
  EXPECT_THAT(responses, ::testing::Each(EqualsProto(responses[0])));
}

TEST_P(IdempotencyTest, PurgeTakesTheOldestAndOnlyAfterADay) {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  for (int i = 0; i < 5; ++i) {
    call::Call call = CallWith("k" + std::to_string(i));
    call.clock = [=] { return start + absl::Hours(i); };
    StringValue response;
    ASSERT_THAT(idempotency_->Write(call, sql::Extent::kShort, response, Change), IsOk());
  }
  EXPECT_THAT(idempotency_->Purge(start + absl::Hours(23), 10), IsOkAndHolds(0));
  const absl::Time after_three = start + absl::Hours(24 + 2) + absl::Minutes(1);
  EXPECT_THAT(idempotency_->Purge(after_three, 2), IsOkAndHolds(2));
  EXPECT_THAT(idempotency_->Purge(after_three, 2), IsOkAndHolds(1));
  EXPECT_THAT(idempotency_->Purge(after_three, 2), IsOkAndHolds(0));
  StringValue response;
  EXPECT_THAT(idempotency_->Write(CallWith("k4"), sql::Extent::kShort, response, Change), IsOk());
  EXPECT_EQ(Effects(), 5) << "the newest ones are still kept";
}

}  // namespace
}  // namespace mostove::store
