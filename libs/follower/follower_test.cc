#include "libs/follower/follower.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::follower {
namespace {

using ::absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A log in memory: positions are "epoch:count".
class Log {
 public:
  void Add(const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    names_.push_back(name);
  }
  void BeginAnew() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++epoch_;
    names_.clear();
  }
  void Break(std::optional<absl::Status> error) {
    const std::lock_guard<std::mutex> lock(mutex_);
    error_ = std::move(error);
  }

  absl::StatusOr<changes::v1::ListChangesResponse> Read(
      const changes::v1::ListChangesRequest& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error_.has_value()) return *error_;
    size_t from = 0;
    if (!request.after().empty()) {
      if (request.after()[0] != static_cast<char>('a' + epoch_)) {
        return status::Precondition("EPOCH_CHANGED", "another log");
      }
      from = std::stoul(request.after().substr(2));
    }
    changes::v1::ListChangesResponse response;
    for (size_t i = from; i < names_.size() && i < from + 3; ++i) {
      auto& change = *response.add_changes();
      change.set_resource_name(names_[i]);
      change.set_position(Position(i + 1));
    }
    response.set_next_position(Position(from + static_cast<size_t>(response.changes_size())));
    return response;
  }

 private:
  std::string Position(size_t count) const {
    return absl::StrCat(std::string(1, static_cast<char>('a' + epoch_)), ":", count);
  }

  std::mutex mutex_;
  std::vector<std::string> names_;
  int epoch_ = 0;
  std::optional<absl::Status> error_;
};

// Writes the names that it is told into a table, each in a step of its own.
class Notes : public Handler {
 public:
  absl::Status Restart(sql::Transaction& transaction) override {
    return transaction.connection().Execute("DELETE FROM notes", {}).status();
  }
  absl::Status Handle(const Changes& changes, Cursor& cursor) override {
    for (const changes::v1::Change& change : changes) {
      if (change.resource_name() == fails_at) return absl::UnavailableError("not now");
      if (change.resource_name() == "boring") continue;
      RETURN_IF_ERROR(cursor.Advance(change.position(), [&](sql::Transaction& transaction) {
        return transaction.connection()
            .Execute("INSERT INTO notes (name) VALUES (?1)", {change.resource_name()})
            .status();
      }));
      if (after_each) after_each();
    }
    return absl::OkStatus();
  }

  std::string fails_at;
  std::function<void()> after_each;
};

class FollowerTest : public ::mostove::testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(database().Migrate("notes", {{1, "notes", "CREATE TABLE notes (name TEXT);"}}),
                IsOk());
    follower_ = Open(notes_);
  }

  std::unique_ptr<Follower> Open(Notes& notes) {
    auto follower =
        Follower::Open({.database = &database(),
                        .reader = "notes",
                        .source = "log",
                        .read = [this](const auto& request) { return log_.Read(request); },
                        .handler = &notes,
                        .interval = absl::Milliseconds(1)});
    EXPECT_THAT(follower, IsOk());
    return *std::move(follower);
  }

  static void ToTheEnd(Follower& follower) {
    for (int steps = 0; steps < 100; ++steps) {
      const auto more = follower.Step();
      ASSERT_THAT(more, IsOk());
      if (!*more) return;
    }
    FAIL() << "the log does not end";
  }

  std::vector<std::string> Noted() {
    std::vector<std::string> names;
    auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT((*reader)->Query("SELECT name FROM notes", {},
                                 [&](const sql::Row& row) {
                                   names.emplace_back(row.Text(0));
                                   return true;
                                 }),
                IsOk());
    return names;
  }

  Log log_;
  Notes notes_;
  std::unique_ptr<Follower> follower_;
};

INSTANTIATE_ON_BOTH_ENGINES(FollowerTest);

TEST_P(FollowerTest, ChangesAreHandledOnceInTheirOrder) {
  EXPECT_THAT(follower_->Step(), IsOkAndHolds(true));  // learns the epoch
  EXPECT_THAT(follower_->Step(), IsOkAndHolds(false));
  for (const char* name : {"a", "b", "boring", "c", "boring"}) log_.Add(name);
  ToTheEnd(*follower_);
  EXPECT_THAT(Noted(), ElementsAre("a", "b", "c"));
  log_.Add("d");
  ToTheEnd(*follower_);
  EXPECT_THAT(Noted(), ElementsAre("a", "b", "c", "d"));
}

TEST_P(FollowerTest, AfterAnErrorItGoesOnWhereItHadCome) {
  for (const char* name : {"a", "b", "c"}) log_.Add(name);
  notes_.fails_at = "b";
  EXPECT_THAT(follower_->Step(), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(follower_->Step(), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(Noted(), ElementsAre("a"));
  notes_.fails_at = "";
  follower_ = Open(notes_);  // as a process that starts again
  ToTheEnd(*follower_);
  EXPECT_THAT(Noted(), ElementsAre("a", "b", "c"));
}

TEST_P(FollowerTest, ACopyThatWasOvertakenDoesNothing) {
  for (const char* name : {"a", "b", "c"}) log_.Add(name);
  Notes others;
  const std::unique_ptr<Follower> other = Open(others);
  notes_.after_each = [&] {
    notes_.after_each = nullptr;
    ToTheEnd(*other);  // after the first change, the other copy does all
  };
  EXPECT_THAT(follower_->Step(), IsOkAndHolds(true));
  EXPECT_THAT(Noted(), ElementsAre("a", "b", "c"));
  ToTheEnd(*follower_);
  EXPECT_THAT(Noted(), ElementsAre("a", "b", "c"));
}

TEST_P(FollowerTest, SeveralCopiesAtOnceDoTheWorkOnce) {
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(absl::StrCat("n", i));
    log_.Add(expected.back());
  }
  std::vector<std::thread> copies;
  for (int i = 0; i < 4; ++i) {
    copies.emplace_back([this] {
      Notes notes;
      const std::unique_ptr<Follower> copy = Open(notes);
      for (bool more = true; more;) {
        const auto step = copy->Step();
        EXPECT_THAT(step, IsOk());
        more = step.ok() && *step;
      }
    });
  }
  for (std::thread& copy : copies) copy.join();
  EXPECT_EQ(Noted(), expected);
}

TEST_P(FollowerTest, ALogThatBeginsAnewIsReadFromItsBeginning) {
  log_.Add("a");
  ToTheEnd(*follower_);
  log_.BeginAnew();
  log_.Add("b");
  ToTheEnd(*follower_);
  EXPECT_THAT(Noted(), ElementsAre("b"));
}

TEST_P(FollowerTest, TheThreadComesBackWhenTheSourceDoes) {
  log_.Break(absl::UnavailableError("away"));
  std::mutex mutex;
  std::condition_variable noted;
  bool done = false;
  notes_.after_each = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    done = true;
    noted.notify_one();
  };
  log_.Add("a");
  follower_->Start();
  log_.Break(std::nullopt);
  follower_->Wake();
  std::unique_lock<std::mutex> lock(mutex);
  noted.wait(lock, [&] { return done; });
  lock.unlock();
  follower_->Stop();
  EXPECT_THAT(Noted(), ElementsAre("a"));
}

TEST_P(FollowerTest, TheLagIsTheTimeSinceItSawTheEnd) {
  const absl::Time before = absl::Now();
  ToTheEnd(*follower_);
  EXPECT_LE(follower_->Lag(), absl::Now() - before);
  log_.Break(absl::UnavailableError("away"));
  EXPECT_THAT(follower_->Step(), StatusIs(StatusCode::kUnavailable));
  const absl::Duration first = follower_->Lag();
  EXPECT_GT(follower_->Lag(), first);
}

}  // namespace
}  // namespace mostove::follower
