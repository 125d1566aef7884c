// What watchers are told, and what they are not.
#include "libs/live/watch.h"

#include <map>
#include <random>
#include <thread>

#include "absl/synchronization/notification.h"
#include "libs/store/store_fixture.h"

namespace mostove::live {
namespace {

namespace pb = ::mostove::testing::v1;
using ::absl::StatusCode;
using ::mostove::call::Call;
using ::mostove::changes::v1::WatchChangesRequest;
using ::mostove::changes::v1::WatchChangesResponse;
using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A stream, pulled by a test that waits.
class Watcher {
 public:
  Watcher(Tail& tail, const Call& call, const WatchChangesRequest& request,
          WatchOptions options = {})
      : stream_(WatchChanges(tail, options).run(call, request)) {}

  const absl::Status status() const { return stream_.status(); }

  // The next message, whenever it comes.
  absl::StatusOr<WatchChangesResponse> Next() {
    if (!stream_.ok()) return stream_.status();
    while (true) {
      auto woken = std::make_shared<absl::Notification>();
      auto next = (*stream_)->Next([woken] { woken->Notify(); });
      if (!next.ok()) return next.status();
      if (*next == nullptr) {
        woken->WaitForNotification();
        continue;
      }
      position_ = static_cast<const WatchChangesResponse&>(**next).position();
      return static_cast<const WatchChangesResponse&>(**next);
    }
  }
  // The next change: "UPDATED organizations/a 2", with " +" where children are
  // affected.
  std::string NextChange() {
    while (true) {
      auto next = Next();
      if (!next.ok()) return std::string(next.status().message());
      if (next->kind() == changes::v1::KIND_UNSPECIFIED) continue;
      return absl::StrCat(changes::v1::Kind_Name(next->kind()), " ", next->resource_name(), " ",
                          next->revision(), next->affects_children() ? " +" : "");
    }
  }
  std::vector<std::string> Until(const std::string& last) {
    std::vector<std::string> all;
    do {
      all.push_back(NextChange());
    } while (all.back() != last && all.size() < 1000);
    all.pop_back();
    return all;
  }
  const std::string& position() const { return position_; }
  bool HasMore() {
    auto next = (*stream_)->Next([] {});
    EXPECT_THAT(next, IsOk());
    return next.ok() && *next != nullptr;
  }

 private:
  absl::StatusOr<std::unique_ptr<call::MessageStream>> stream_;
  std::string position_;
};

class WatchTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    tail_ = MakeTail(*store_);
  }
  void TearDown() override {
    if (tail_ != nullptr) tail_->Stop();
  }

  static std::unique_ptr<Tail> MakeTail(store::Store& store) {
    auto tail = std::make_unique<Tail>(TailOptions{.store = &store, .recent_max = 64});
    store.OnCommit([tail = tail.get()](int64_t sequence) { tail->WakeForOwn(sequence); });
    tail->Start();
    return tail;
  }

  // Opened, with its first heartbeat taken.
  Watcher Watch(const Call& call, const std::string& request = "", WatchOptions options = {}) {
    Watcher watcher(*tail_, call, Text<WatchChangesRequest>(request), options);
    EXPECT_THAT(watcher.Next(), IsOk());
    return watcher;
  }
  static std::string From(const std::string& position) {
    return absl::StrCat("start_position: \"", position, "\"");
  }

  void SetState(const std::string& organization, pb::State state) {
    pb::Organization patch;
    patch.set_name("organizations/" + organization);
    patch.set_state(state);
    google::protobuf::FieldMask mask;
    mask.add_paths("state");
    ASSERT_THAT(organizations().Update(Administrator(), patch, mask, false, false), IsOk());
  }
  void Delete(const std::string& organization) {
    ASSERT_THAT(
        organizations().Delete(Administrator(), "organizations/" + organization, "", false, false),
        IsOk());
  }
  // The last change of every dialogue.
  void AddEnd() { AddOrganization("end"); }
  static constexpr char kEnd[] = "CREATED organizations/end 1";

  std::unique_ptr<Tail> tail_;
};
INSTANTIATE_ON_BOTH_ENGINES(WatchTest);

TEST_P(WatchTest, TheFirstMessageSaysWhereTheWatcherStands) {
  AddOrganization("before");
  Watcher watcher(*tail_, Administrator(), {});
  const auto first = watcher.Next();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->kind(), changes::v1::KIND_UNSPECIFIED);
  EXPECT_FALSE(first->position().empty());
  AddOrganization("after");
  EXPECT_EQ(watcher.NextChange(), "CREATED organizations/after 1");
}

TEST_P(WatchTest, AWatcherIsToldInOrderOfWhatIsAcceptedAndOfNothingElse) {
  Watcher watcher = Watch(Administrator());
  AddOrganization("a");
  pb::Organization again;
  again.set_title("again");
  EXPECT_THAT(organizations().Create(Administrator(), {"", "a", &again}, false),
              StatusIs(StatusCode::kAlreadyExists));
  EXPECT_THAT(organizations().Create(Administrator(), {"", "b", &again}, true), IsOk());
  SetState("a", pb::ARCHIVED);
  Delete("a");
  ASSERT_THAT(organizations().Undelete(Administrator(), "organizations/a", "", false), IsOk());
  AddEnd();
  EXPECT_THAT(watcher.Until(kEnd),
              ElementsAre("CREATED organizations/a 1", "UPDATED organizations/a 2",
                          "DELETED organizations/a 3", "UNDELETED organizations/a 4"));
  EXPECT_FALSE(watcher.HasMore());
}

TEST_P(WatchTest, AWatcherGoesOnFromAnyPosition) {
  std::vector<std::string> positions, told;
  {
    Watcher watcher = Watch(Administrator());
    positions.push_back(watcher.position());
    for (int i = 0; i < 200; ++i) AddOrganization(absl::StrCat("n", i));  // more than is kept
    for (int i = 0; i < 200; ++i) {
      told.push_back(watcher.NextChange());
      positions.push_back(watcher.position());
    }
  }
  for (const size_t from : {0, 1, 70, 150, 199}) {
    Watcher watcher = Watch(Administrator(), From(positions[from]));
    EXPECT_EQ(watcher.position(), positions[from]);
    for (size_t i = from; i < told.size(); ++i) ASSERT_EQ(watcher.NextChange(), told[i]);
    EXPECT_FALSE(watcher.HasMore());
  }
}

TEST_P(WatchTest, APositionOfAnotherLogIsRefusedAndSoIsNonsense) {
  const std::string other = changelog::Position{"another-epoch", 7}.ToString();
  WatchChangesRequest request;
  request.set_start_position(other);
  EXPECT_THAT(Watcher(*tail_, Administrator(), request).status(),
              StatusIs(StatusCode::kFailedPrecondition, HasReason("EPOCH_CHANGED")));
  request.set_start_position("nonsense");
  EXPECT_THAT(Watcher(*tail_, Administrator(), request).status(),
              StatusIs(StatusCode::kInvalidArgument, HasReason("POSITION_INVALID")));
  request.clear_start_position();
  request.add_resource_types("organizations.mostove.bg/Organisation");
  request.set_resource_name("nobody/knows");
  const absl::Status refused = Watcher(*tail_, Administrator(), request).status();
  EXPECT_THAT(refused, HasViolation("resource_types[0]", "TYPE"));
  EXPECT_THAT(refused, HasViolation("resource_name", "NAME"));
}

TEST_P(WatchTest, OnlyWhatWasAskedForIsTold) {
  AddOrganization("a");
  AddOrganization("b");
  Watcher shelves_of_all =
      Watch(Administrator(), absl::StrCat("resource_types: \"", shelves().type().type(), "\""));
  Watcher below_a = Watch(Administrator(), "resource_name: \"organizations/a\"");
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "t")pb"), IsOk());
  ASSERT_THAT(AddShelf(Administrator(), "b", "one", R"pb(title: "t")pb"), IsOk());
  SetState("a", pb::ARCHIVED);
  SetState("b", pb::ARCHIVED);
  ASSERT_THAT(AddShelf(Administrator(), "a", "end", R"pb(title: "t")pb"), IsOk());
  const std::string end = "CREATED organizations/a/shelves/end 1";
  EXPECT_THAT(shelves_of_all.Until(end), ElementsAre("CREATED organizations/a/shelves/one 1",
                                                     "CREATED organizations/b/shelves/one 1"));
  EXPECT_THAT(below_a.Until(end),
              ElementsAre("CREATED organizations/a/shelves/one 1", "UPDATED organizations/a 2"));
}

// One story, told to each according to what they see.
TEST_P(WatchTest, EachIsToldWhatTheyMaySeeAndWhatLeavesTheirSight) {
  AddOrganization("a", pb::LISTED);
  ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "t")pb"), IsOk());
  std::map<std::string, Watcher> watchers;
  watchers.emplace("administrator", Watch(Administrator()));
  watchers.emplace("owner", Watch(Member({"organizations/a"})));
  watchers.emplace("member", Watch(Member({"organizations/other"})));
  watchers.emplace("anonymous", Watch(Anonymous()));
  watchers.emplace("shelves", Watch(Anonymous(), absl::StrCat("resource_types: \"",
                                                              shelves().type().type(), "\"")));
  AddOrganization("draft", pb::DRAFT);
  SetState("draft", pb::ARCHIVED);
  Delete("draft");
  SetState("a", pb::ARCHIVED);  // the network sees it
  ASSERT_THAT(AddShelf(Administrator(), "a", "two", R"pb(title: "t")pb"), IsOk());
  SetState("a", pb::DRAFT);
  ASSERT_THAT(AddShelf(Administrator(), "a", "three", R"pb(title: "t")pb"), IsOk());
  SetState("a", pb::LISTED);
  Delete("a");
  AddEnd();
  ASSERT_THAT(AddShelf(Administrator(), "end", "one", R"pb(title: "t")pb"), IsOk());
  const auto told = [&](const std::string& who) {
    return watchers.at(who).Until("CREATED organizations/end/shelves/one 1");
  };
  EXPECT_THAT(told("administrator"),
              ElementsAre("CREATED organizations/draft 1", "UPDATED organizations/draft 2",
                          "DELETED organizations/draft 3", "UPDATED organizations/a 2",
                          "CREATED organizations/a/shelves/two 1", "UPDATED organizations/a 3",
                          "CREATED organizations/a/shelves/three 1", "UPDATED organizations/a 4",
                          "DELETED organizations/a 5", "CREATED organizations/end 1"));
  EXPECT_THAT(told("owner"),
              ElementsAre("CREATED organizations/draft 2 +", "GONE organizations/draft 3 +",
                          "UPDATED organizations/a 2", "CREATED organizations/a/shelves/two 1",
                          "UPDATED organizations/a 3 +", "CREATED organizations/a/shelves/three 1",
                          "UPDATED organizations/a 4 +", "DELETED organizations/a 5 +",
                          "CREATED organizations/end 1"));
  EXPECT_THAT(told("member"),
              ElementsAre("CREATED organizations/draft 2 +", "GONE organizations/draft 3 +",
                          "UPDATED organizations/a 2", "CREATED organizations/a/shelves/two 1",
                          "GONE organizations/a 3 +", "CREATED organizations/a 4 +",
                          "GONE organizations/a 5 +", "CREATED organizations/end 1"));
  EXPECT_THAT(told("anonymous"),
              ElementsAre("GONE organizations/a 2 +", "CREATED organizations/a 4 +",
                          "GONE organizations/a 5 +", "CREATED organizations/end 1"));
  EXPECT_THAT(told("shelves"),
              ElementsAre("GONE organizations/a 2 +", "CREATED organizations/a 4 +",
                          "GONE organizations/a 5 +"));
}

TEST_P(WatchTest, OwnersNamedByFieldsAreToldWhenTheyCeaseToBeOwners) {
  AddOrganization("a");
  AddOrganization("b");
  AddOrganization("c");
  Watcher a = Watch(Member({"organizations/a"}));
  Watcher b = Watch(Member({"organizations/b"}));
  Watcher c = Watch(Member({"organizations/c"}));
  pb::Loan loan;
  loan.set_recipient("organizations/a");
  loan.set_donor("organizations/c");
  ASSERT_THAT(loans().Create(Administrator(), {"", "one", &loan}, false), IsOk());
  pb::Loan patch;
  patch.set_name("loans/one");
  patch.set_recipient("organizations/b");
  ASSERT_THAT(loans().Update(Administrator(), patch, {}, false, false), IsOk());
  AddEnd();
  EXPECT_THAT(a.Until(kEnd), ElementsAre("CREATED loans/one 1", "GONE loans/one 2"));
  EXPECT_THAT(b.Until(kEnd), ElementsAre("CREATED loans/one 2"));
  EXPECT_THAT(c.Until(kEnd), ElementsAre("CREATED loans/one 1", "UPDATED loans/one 2"));
}

TEST_P(WatchTest, AnIdleWatcherHearsHowFarTheLogIs) {
  Watcher watcher = Watch(Anonymous(), "", {.heartbeat = absl::Milliseconds(1)});
  const std::string first = watcher.position();
  AddOrganization("hidden", pb::DRAFT);
  // Sooner or later it says that the hidden change was passed.
  while (watcher.position() == first) {
    const auto next = watcher.Next();
    ASSERT_THAT(next, IsOk());
    ASSERT_EQ(next->kind(), changes::v1::KIND_UNSPECIFIED);
  }
}

TEST_P(WatchTest, AWatcherThatTakesNothingIsDroppedAndGoesOnFromItsPosition) {
  Watcher watcher = Watch(Administrator(), "", {.slow = absl::ZeroDuration()});
  AddEnd();
  EXPECT_THAT(watcher.Next(), StatusIs(StatusCode::kAborted, HasReason("WATCHER_TOO_SLOW")));
  EXPECT_EQ(Watch(Administrator(), From(watcher.position())).NextChange(), kEnd);
}

TEST_P(WatchTest, AStoppedTailEndsItsStreams) {
  Watcher watcher = Watch(Administrator());
  std::thread stopper([&] { tail_->Stop(); });
  EXPECT_THAT(watcher.Next(), StatusIs(StatusCode::kUnavailable, HasReason("DRAINING")));
  stopper.join();
}

TEST_P(WatchTest, TooManyWatchersAreRefused) {
  Tail tail({.store = store_.get(), .watchers_max = 1});
  Watcher first(tail, Administrator(), {});
  EXPECT_THAT(first.status(), IsOk());
  EXPECT_THAT(Watcher(tail, Administrator(), {}).status(),
              StatusIs(StatusCode::kResourceExhausted, HasReason("TOO_MANY_WATCHERS")));
}

// A second store on the same database stands for another process.
TEST_P(WatchTest, WhatAnotherProcessWritesIsSeenAndKeptAnswersKnowOfIt) {
  if (engine() == sql::Engine::kSqlite) GTEST_SKIP() << "a SQLite file has one process";
  const auto other = OpenStore();
  ASSERT_NE(other, nullptr);
  AddOrganization("a");
  Watcher watcher = Watch(Administrator());
  changelog::Versions& versions = store_->versions();
  const auto before = versions.Of("organizations/a");
  pb::Organization patch;
  patch.set_name("organizations/a");
  patch.set_title("of the other");
  ASSERT_THAT(other->ByDescriptor(pb::Organization::descriptor())
                  ->Update(Administrator(), patch, {}, false, false),
              IsOk());
  EXPECT_EQ(watcher.NextChange(), "UPDATED organizations/a 2");
  EXPECT_NE(versions.Of("organizations/a"), before);
  const auto position = changelog::Position::Parse(watcher.position());
  ASSERT_THAT(position, IsOk());
  EXPECT_TRUE(versions.Knows(position->sequence));
  EXPECT_FALSE(versions.Knows(position->sequence + 1));
}

// A transaction that runs on holds the order up, but not the knowledge.
TEST_P(WatchTest, KeptAnswersKnowOfAChangeWhoseTurnHasNotCome) {
  if (engine() == sql::Engine::kSqlite) GTEST_SKIP() << "SQLite writes one by one";
  const auto other = OpenStore();
  ASSERT_NE(other, nullptr);
  Watcher watcher = Watch(Administrator());
  absl::Notification begun, finish;
  std::thread slow([&] {
    EXPECT_THAT(database().Write(absl::InfiniteFuture(),
                                 [&](sql::Transaction& transaction) {
                                   EXPECT_THAT(transaction.connection().Query(
                                                   "SELECT pg_current_xact_id()::text", {},
                                                   [](const sql::Row&) { return true; }),
                                               IsOk());
                                   begun.Notify();
                                   finish.WaitForNotification();
                                   return absl::OkStatus();
                                 }),
                IsOk());
  });
  begun.WaitForNotification();
  changelog::Versions& versions = store_->versions();
  const auto before = versions.Of("organizations/other");
  pb::Organization organization;
  organization.set_title("t");
  ASSERT_THAT(other->ByDescriptor(pb::Organization::descriptor())
                  ->Create(Administrator(), {"", "other", &organization}, false),
              IsOk());
  while (versions.Of("organizations/other") == before) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_FALSE(watcher.HasMore());
  finish.Notify();
  slow.join();
  tail_->Wake();
  EXPECT_EQ(watcher.NextChange(), "CREATED organizations/other 1");
}

// Writers at random, some of whose changes are refused; watchers that go away at
// random and come back.
TEST_P(WatchTest, EveryChangeIsToldOnceAndInTheOrderOfItsResource) {
  constexpr int kWriters = 4, kWatchers = 6, kOrganizations = 5, kEach = 40;
  for (int i = 0; i < kOrganizations; ++i) AddOrganization(absl::StrCat("o", i));
  std::vector<std::map<std::string, std::vector<int64_t>>> told(kWatchers);
  std::vector<std::thread> threads;
  for (int w = 0; w < kWatchers; ++w) {
    auto watcher = std::make_unique<Watcher>(Watch(Administrator()));
    threads.emplace_back([&, w, watcher = std::move(watcher)]() mutable {
      std::mt19937 random(w);
      for (bool end = false; !end;) {
        const auto next = watcher->Next();
        ASSERT_THAT(next, IsOk());
        end = next->resource_name() == "organizations/end";
        if (next->kind() != changes::v1::KIND_UNSPECIFIED) {
          told[w][next->resource_name()].push_back(next->revision());
        }
        if (random() % 10 == 0) {
          const std::string position = watcher->position();
          watcher = std::make_unique<Watcher>(Watch(Administrator(), From(position)));
        }
      }
    });
  }
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      std::mt19937 random(100 + w);
      for (int i = 0; i < kEach; ++i) {
        pb::Organization patch;
        patch.set_name(absl::StrCat("organizations/o", random() % kOrganizations));
        patch.set_title(absl::StrCat("by ", w, " for the time ", i));
        if (random() % 4 == 0) patch.set_etag("\"1\"");  // an old one: mostly refused
        (void)organizations().Update(Administrator(), patch, {}, false, random() % 4 == 0);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  AddEnd();
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kOrganizations; ++i) {
    const std::string name = absl::StrCat("organizations/o", i);
    const auto now = As<pb::Organization>(organizations().Get(Administrator(), name));
    ASSERT_THAT(now, IsOk());
    std::vector<int64_t> expected;
    for (int64_t r = 2; absl::StrCat("\"", r - 1, "\"") != now->etag(); ++r) expected.push_back(r);
    for (int w = 0; w < kWatchers; ++w) EXPECT_EQ(told[w][name], expected) << name;
  }
}

}  // namespace
}  // namespace mostove::live
