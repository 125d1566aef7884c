#include "libs/rpc/wire.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(TimeoutTest, HasAtMostEightDigitsAndIsNeverShorter) {
  const struct {
    absl::Duration timeout;
    const char* text;
  } cases[] = {{absl::Nanoseconds(5), "5n"},           {absl::Milliseconds(99), "99000000n"},
               {absl::Milliseconds(100), "100000u"},   {absl::Seconds(30), "30000000u"},
               {absl::Seconds(100), "100000m"},        {absl::Hours(30), "108000S"},
               {absl::ZeroDuration(), "1n"},           {-absl::Seconds(1), "1n"},
               {absl::InfiniteDuration(), "99999999H"}};
  for (const auto& c : cases) {
    EXPECT_EQ(EncodeTimeout(c.timeout), c.text);
    EXPECT_GE(*DecodeTimeout(c.text), std::min(c.timeout, absl::Hours(99'999'999)));
  }
  for (const char* text : {"", "5", "m", "-5m", "5x", "123456789m", "+5m", " 5m"}) {
    EXPECT_FALSE(DecodeTimeout(text).has_value()) << text;
  }
}

TEST(TextTest, EveryTextComesBack) {
  for (const char* text : {"", "plain", "100 %", "не е намерено", "%41", "a\r\nb", "%"}) {
    EXPECT_EQ(PercentDecode(PercentEncode(text)), text);
    EXPECT_EQ(DecodeBinary(EncodeBinary(text)), text);
  }
  EXPECT_EQ(PercentEncode("не%"), "%D0%BD%D0%B5%25");
  EXPECT_EQ(PercentDecode("%4"), "%4") << "what is malformed stays";
  EXPECT_EQ(PercentDecode("%zz"), "%zz");
  EXPECT_EQ(DecodeBinary("YQ=="), "a") << "with padding or without";
  EXPECT_FALSE(DecodeBinary("?").has_value());
}

TEST(MessageReaderTest, MessagesComeWholeHoweverTheirBytesCome) {
  testing::v1::Shelf shelf;
  shelf.set_title("poetry");
  const auto framed = FrameMessage(shelf, 1000);
  ASSERT_THAT(framed, IsOk());
  const std::string bytes = *framed + *framed;
  for (size_t step = 1; step <= bytes.size(); ++step) {
    MessageReader reader(1000);
    int messages = 0;
    for (size_t i = 0; i < bytes.size(); i += step) {
      ASSERT_THAT(reader.Feed(absl::string_view(bytes).substr(i, step)), IsOk());
      for (; reader.HasWhole(); ++messages) {
        EXPECT_EQ(reader.Front(), shelf.SerializeAsString());
        ASSERT_THAT(reader.Pop(), IsOk());
      }
    }
    EXPECT_EQ(messages, 2) << step;
    EXPECT_TRUE(reader.empty());
  }
}

TEST(MessageReaderTest, LargeAndCompressedOnesAreRefused) {
  MessageReader reader(10);
  EXPECT_THAT(reader.Feed(FramePrefix(11)), StatusIs(absl::StatusCode::kResourceExhausted));
  MessageReader compressed(10);
  EXPECT_THAT(compressed.Feed(absl::string_view("\1\0\0\0\0", 5)),
              StatusIs(absl::StatusCode::kUnimplemented));
  MessageReader second(10);
  ASSERT_THAT(second.Feed(FramePrefix(0) + FramePrefix(11)), IsOk());
  EXPECT_THAT(second.Pop(), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace mostove::rpc
