// Many writers at once: revisions, change log and rows agree.
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "libs/store/store_fixture.h"

namespace mostove::store {
namespace {

using ::absl::StatusCode;

class ConcurrencyTest : public StoreTest {
 protected:
  static constexpr char kName[] = "organizations/a/shelves/one";

  void SetUp() override {
    StoreTest::SetUp();
    AddOrganization("a");
    ASSERT_THAT(AddShelf(Administrator(), "a", "one", R"pb(title: "0")pb"), IsOk());
  }

  // Runs `work(thread)` on so many threads at once.
  static void Together(int threads, const std::function<void(int)>& work) {
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(work, i);
    for (std::thread& thread : running) thread.join();
  }
};

INSTANTIATE_ON_BOTH_ENGINES(ConcurrencyTest);

TEST_P(ConcurrencyTest, OfTwoWritersWithTheSameEtagOneWins) {
  for (int round = 1; round <= 20; ++round) {
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    Together(2, [&](int writer) {
      pb::Shelf patch;
      patch.set_name(kName);
      patch.set_etag(absl::StrCat("\"", round, "\""));
      patch.set_title(absl::StrCat(round, "-", writer));
      const auto updated = shelves().Update(Administrator(), patch, {}, false, false);
      if (updated.ok()) ++won;
      if (absl::IsAborted(updated.status())) ++lost;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 1);
  }
}

TEST_P(ConcurrencyTest, UpdatesWithoutEtagAllHappenAndAPollingReaderSeesEachOnceInOrder) {
  constexpr int kThreads = 20;
  constexpr int kUpdatesEach = 25;
  std::atomic<bool> done = false;
  std::vector<int64_t> seen;
  std::thread reader([&] {
    changes::v1::ListChangesRequest request;
    request.set_page_size(7);
    for (bool last = false;;) {
      const auto page = ListChanges(*store_, Administrator(), request);
      ASSERT_THAT(page, IsOk());
      for (const auto& change : page->changes()) {
        if (change.resource_name() == kName) seen.push_back(change.revision());
      }
      request.set_after(page->next_position());
      if (page->changes_size() > 0) continue;
      if (last) break;
      last = done;  // one more look after the writers are done
    }
  });
  Together(kThreads, [&](int thread) {
    for (int i = 0; i < kUpdatesEach; ++i) {
      pb::Shelf patch;
      patch.set_name(kName);
      patch.set_title(absl::StrCat(thread, "-", i));
      EXPECT_THAT(shelves().Update(Administrator(), patch, {}, false, false), IsOk());
    }
  });
  done = true;
  reader.join();
  std::vector<int64_t> expected;
  for (int64_t i = 1; i <= 1 + kThreads * kUpdatesEach; ++i) expected.push_back(i);
  EXPECT_EQ(seen, expected);
  const auto row = As<pb::Shelf>(shelves().Get(Administrator(), kName));
  ASSERT_THAT(row, IsOk());
  EXPECT_EQ(row->etag(), absl::StrCat("\"", 1 + kThreads * kUpdatesEach, "\""));
}

TEST_P(ConcurrencyTest, OneOfManyCreatesWithTheSameIdWins) {
  std::atomic<int> created = 0;
  std::atomic<int> taken = 0;
  Together(16, [&](int) {
    const auto shelf = AddShelf(Administrator(), "a", "two", R"pb(title: "t")pb");
    if (shelf.ok()) ++created;
    if (absl::IsAlreadyExists(shelf.status())) ++taken;
  });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(taken, 15);
}

// A child that is created while its parent goes out of sight must not stay
// visible.
TEST_P(ConcurrencyTest, ChildrenCreatedWhileTheParentChangesGetItsAudience) {
  Together(8, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      if (thread == 0) {
        pb::Organization patch;
        patch.set_name("organizations/a");
        patch.set_state(i % 2 == 0 ? pb::DRAFT : pb::LISTED);
        EXPECT_THAT(organizations().Update(Administrator(), patch, {}, false, false), IsOk());
      } else {
        EXPECT_THAT(AddShelf(Administrator(), "a", "", R"pb(title: "t")pb"), IsOk());
      }
    }
  });
  const auto all = Walk(shelves(), Administrator(), {.parent = "organizations/a"});
  const auto seen = Walk(shelves(), Anonymous(), {.parent = "organizations/a"});
  ASSERT_THAT(all, IsOk());
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(all->size(), 71u);
  EXPECT_EQ(seen->size(), 71u);  // the last state is LISTED
  pb::Organization patch;
  patch.set_name("organizations/a");
  patch.set_state(pb::DRAFT);
  EXPECT_THAT(organizations().Update(Administrator(), patch, {}, false, false), IsOk());
  EXPECT_THAT(Walk(shelves(), Anonymous(), {.parent = "organizations/-"}),
              IsOkAndHolds(::testing::IsEmpty()));
}

}  // namespace
}  // namespace mostove::store
