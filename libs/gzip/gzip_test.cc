#include "libs/gzip/gzip.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"

namespace mostove::gzip {
namespace {

using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;

TEST(Gzip, UnpacksWhatItPacked) {
  std::string text;
  for (const size_t size : {0, 1, 70'000, 300'000}) {
    while (text.size() < size) text += static_cast<char>(text.size() * 7919 >> 3);
    EXPECT_THAT(Unpack(Pack(text)), IsOkAndHolds(text)) << size;
  }
}

TEST(Gzip, PacksTheSameTextToTheSameBytes) { EXPECT_EQ(Pack("bridges"), Pack("bridges")); }

TEST(Gzip, UnpacksUpToTheLimit) {
  const std::string packed = Pack(std::string(100'000, 'a'));
  EXPECT_THAT(Unpack(packed, 100'000), IsOkAndHolds(std::string(100'000, 'a')));
  EXPECT_THAT(Unpack(packed, 99'999),
              StatusIs(absl::StatusCode::kInvalidArgument, HasReason("TOO_LARGE")));
}

TEST(Gzip, RefusesWhatIsCutOffOrFollowedByMore) {
  const std::string packed = Pack("bridges over rivers");
  for (const std::string& wrong :
       {std::string(), packed.substr(0, 5), packed.substr(0, packed.size() - 1), packed + "x",
        std::string("not gzip at all")}) {
    EXPECT_THAT(Unpack(wrong),
                StatusIs(absl::StatusCode::kInvalidArgument, HasReason("MALFORMED_GZIP")));
  }
}

}  // namespace
}  // namespace mostove::gzip
