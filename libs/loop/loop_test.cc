#include "libs/loop/loop.h"

#include <gmock/gmock.h>

#include <future>
#include <vector>

namespace mostove::loop {
namespace {

class Counted : public Guest {
 public:
  explicit Counted(int* ends) : ends_(ends) {}
  void End() override {
    EXPECT_NE(Loop::Current(), nullptr);
    ++*ends_;
  }

 private:
  int* const ends_;
};

TEST(LoopTest, WorkRunsOnItsThreadInOrder) {
  Loop loop;
  loop.Run();
  EXPECT_EQ(Loop::Current(), nullptr);
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(loop.Post([&, i] {
      EXPECT_TRUE(loop.OnThisThread());
      order.push_back(i);
    }));
  }
  loop.Join();
  EXPECT_THAT(order, ::testing::ElementsAre(0, 1, 2));
}

TEST(LoopTest, AfterItsEndNothingIsTaken) {
  Loop loop;
  loop.Run();
  loop.Join();
  EXPECT_FALSE(loop.Post([] { FAIL(); }));
  loop.Join();
}

TEST(LoopTest, GuestsAreFoundByTheirOwnerAndEndOnce) {
  int ends = 0, first = 0, second = 0;
  Loop loop;
  loop.Run();
  std::promise<void> done;
  loop.Post([&] {
    EXPECT_EQ(loop.Find(&first), nullptr);
    const auto guest = std::make_shared<Counted>(&ends);
    loop.Add(&first, guest);
    loop.Add(&second, std::make_shared<Counted>(&ends));
    EXPECT_EQ(loop.Find(&first), guest.get());
    loop.Dismiss(&first);
    EXPECT_EQ(ends, 1);
    EXPECT_EQ(loop.Find(&first), nullptr);
    loop.Dismiss(&first);
    EXPECT_EQ(ends, 1);
    done.set_value();
  });
  done.get_future().wait();
  loop.Join();
  EXPECT_EQ(ends, 2) << "the second went with the loop";
}

}  // namespace
}  // namespace mostove::loop
