#include "libs/answers/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace mostove::answers {
namespace {

using changelog::Versions;
using ::testing::ElementsAre;
using ::testing::IsNull;
using ::testing::NotNull;

AnswerPtr Of(std::string bytes) {
  return std::make_shared<const Answer>(Answer{.bytes = std::move(bytes)});
}

class AnswersTest : public ::testing::Test {
 protected:
  Basis On(absl::string_view key) {
    Basis basis;
    basis.RestOn(versions_, key);
    return basis;
  }
  // As a caller alone: leads and finishes.
  void Put(absl::string_view key, std::string bytes, const Basis& basis) {
    ASSERT_TRUE(answers_.Lead(key, now_, nullptr));
    answers_.Finish(key, Of(std::move(bytes)), basis, now_);
  }
  // A waiter that notes what becomes of it: "answered x", "lead", "alone".
  Answers::Waiter Note() {
    return [this](Answers::Turn turn, const AnswerPtr& answer) {
      notes_.push_back(turn == Answers::Turn::kAnswered ? "answered " + answer->bytes
                       : turn == Answers::Turn::kLead   ? "lead"
                                                        : "alone");
    };
  }

  Versions versions_{/*exclusive=*/true};
  Answers answers_{1 << 20};
  const absl::Time now_ = absl::Now();
  std::vector<std::string> notes_;
};

TEST_F(AnswersTest, AnAnswerIsKeptUntilWhatItRestsOnChanges) {
  EXPECT_THAT(answers_.Find("k", now_), IsNull());
  Put("k", "one", On("organizations/a"));
  ASSERT_THAT(answers_.Find("k", now_), NotNull());
  EXPECT_EQ(answers_.Find("k", now_)->bytes, "one");
  versions_.Changed("organizations/b");
  EXPECT_THAT(answers_.Find("k", now_), NotNull());
  versions_.Changed("organizations/a");
  EXPECT_THAT(answers_.Find("k", now_), IsNull());
}

TEST_F(AnswersTest, ALateAnswerNeverPassesForANewerOne) {
  const Basis before = On("organizations/a");
  versions_.Changed("organizations/a");  // while it was read
  Put("k", "old", before);
  EXPECT_THAT(answers_.Find("k", now_), IsNull());
}

TEST_F(AnswersTest, WhatSaysNothingOfItsBasisIsNotKept) {
  Put("k", "one", Basis());
  EXPECT_THAT(answers_.Find("k", now_), IsNull());
}

TEST_F(AnswersTest, EverythingMayHaveChanged) {
  Put("k", "one", On("organizations/a"));
  versions_.AllChanged();
  EXPECT_THAT(answers_.Find("k", now_), IsNull());
}

TEST_F(AnswersTest, ADatabaseOfSeveralProcessesIsTrustedWhileItsLogIsFollowed) {
  Versions shared(/*exclusive=*/false);
  Basis basis;
  basis.RestOn(shared, "organizations/a");
  EXPECT_FALSE(basis.Holds(now_));
  shared.CaughtUp(now_);
  EXPECT_TRUE(basis.Holds(now_));
  EXPECT_FALSE(basis.Holds(now_ + absl::Seconds(2)));
}

TEST_F(AnswersTest, BytesAreBounded) {
  for (int i = 0; i < 5000; ++i) {
    Put(absl::StrCat("k", i), std::string(1000, 'x'), On("organizations/a"));
    ASSERT_LE(answers_.figures().bytes, 1 << 20);
  }
  EXPECT_GT(answers_.figures().answers, 400);
  EXPECT_THAT(answers_.Find("k4999", now_), NotNull());
  EXPECT_THAT(answers_.Find("k0", now_), IsNull());
}

TEST_F(AnswersTest, WhatIsTooLargeIsNotKept) {
  Put("small", "s", On("organizations/a"));
  Put("large", std::string(100000, 'x'), On("organizations/a"));
  EXPECT_THAT(answers_.Find("large", now_), IsNull());
  EXPECT_THAT(answers_.Find("small", now_), NotNull());
}

TEST_F(AnswersTest, ThoseWhoAskTheSameGetTheAnswerOfOneRead) {
  ASSERT_TRUE(answers_.Lead("k", now_, nullptr));
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  EXPECT_TRUE(answers_.Lead("other", now_, nullptr));
  EXPECT_THAT(notes_, ElementsAre());
  answers_.Finish("k", Of("one"), On("organizations/a"), now_);
  EXPECT_THAT(notes_, ElementsAre("answered one", "answered one"));
  // Who looked before that and asks to read now.
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  EXPECT_EQ(notes_.size(), 3u);
  EXPECT_EQ(answers_.figures().shared, 3);
}

TEST_F(AnswersTest, AnAnswerThatIsOldAtItsEndIsForItsReaderAlone) {
  ASSERT_TRUE(answers_.Lead("k", now_, nullptr));
  const Basis first = On("organizations/a");
  versions_.Changed("organizations/a");
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  answers_.Finish("k", Of("old"), first, now_);
  EXPECT_THAT(notes_, ElementsAre("lead"));  // one of the two
  const Basis second = On("organizations/a");
  versions_.Changed("organizations/a");
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  answers_.Finish("k", Of("new"), second, now_);
  // Read after the other one had come, but not after the last.
  EXPECT_THAT(notes_, ElementsAre("lead", "answered new", "lead"));
  answers_.Finish("k", Of("newest"), On("organizations/a"), now_);
  EXPECT_EQ(answers_.Find("k", now_)->bytes, "newest");
}

TEST_F(AnswersTest, ErrorsAreNotShared) {
  ASSERT_TRUE(answers_.Lead("k", now_, nullptr));
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  answers_.Finish("k", nullptr, On("organizations/a"), now_);
  EXPECT_THAT(notes_, ElementsAre("alone", "alone"));
  EXPECT_TRUE(answers_.Lead("k", now_, nullptr));
}

TEST_F(AnswersTest, WhenAReaderGoesAwayAnotherOneLeads) {
  ASSERT_TRUE(answers_.Lead("k", now_, nullptr));
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  EXPECT_FALSE(answers_.Lead("k", now_, Note()));
  answers_.Finish("k", nullptr, On("organizations/a"), now_, /*pass_on=*/true);
  EXPECT_THAT(notes_, ElementsAre("lead"));
  answers_.Finish("k", Of("one"), On("organizations/a"), now_);
  EXPECT_THAT(notes_, ElementsAre("lead", "answered one"));
}

// A number that threads raise and read: the answer is what it was at the read.
TEST_F(AnswersTest, NobodyGetsAnAnswerOlderThanItsQuestion) {
  std::atomic<int> number = 0, acknowledged = 0, wrong = 0;
  const auto read = [&] {
    const int at_least = acknowledged.load();
    const auto check = [&, at_least](const AnswerPtr& answer) {
      if (std::stoi(answer->bytes) < at_least) ++wrong;
    };
    std::function<void()> lead = [&] {
      const Basis basis = On("number");
      AnswerPtr answer = Of(absl::StrCat(number.load()));
      std::this_thread::yield();
      check(answer);
      answers_.Finish("k", std::move(answer), basis, now_);
    };
    if (const AnswerPtr kept = answers_.Find("k", now_)) return check(kept);
    std::atomic<bool> done = false;
    const bool leads =
        answers_.Lead("k", now_, [&, check](Answers::Turn turn, const AnswerPtr& answer) {
          turn == Answers::Turn::kAnswered ? check(answer) : lead();
          done = true;
        });
    if (leads) return lead();
    while (!done) std::this_thread::yield();
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) read();
    });
  }
  threads.emplace_back([&] {
    for (int i = 1; i <= 2000; ++i) {
      number = i;
      versions_.Changed("number");
      acknowledged = i;
      std::this_thread::yield();
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(answers_.figures().hits + answers_.figures().shared, 0);
}

}  // namespace
}  // namespace mostove::answers
