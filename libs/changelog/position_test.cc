#include "gmock/gmock.h"
#include "libs/changelog/changelog.h"
#include "libs/testing/matchers.h"
#include "rapidcheck.h"

namespace mostove::changelog {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

TEST(PositionTest, ParseTakesWhatToStringWroteAndNothingNearIt) {
  EXPECT_TRUE(rc::check([](const std::string& epoch, int64_t sequence) {
    const std::string text = Position{epoch, sequence}.ToString();
    const auto parsed = Position::Parse(text);
    RC_ASSERT(parsed.ok());
    RC_ASSERT(parsed->epoch == epoch);
    RC_ASSERT(parsed->sequence == sequence);
    RC_ASSERT(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_") == std::string::npos);
    std::string changed = text;
    const size_t place = *rc::gen::inRange<size_t>(0, text.size());
    changed[place] = changed[place] == 'A' ? 'B' : 'A';
    RC_ASSERT(!Position::Parse(changed).ok());
  }));
}

TEST(PositionTest, AnythingElseIsRefused) {
  const std::string good = Position{"epoch", 7}.ToString();
  for (const std::string& text :
       {std::string(), std::string("7"), good + "=", good + "A", " " + good, good + "\n",
        good.substr(1), good.substr(0, good.size() - 1), std::string("AAAAAAAAAAAAAAAAAAAA"),
        std::string("п"), std::string(1, '\0')}) {
    EXPECT_THAT(Position::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasReason("POSITION_INVALID")))
        << text;
  }
}

}  // namespace
}  // namespace mostove::changelog
