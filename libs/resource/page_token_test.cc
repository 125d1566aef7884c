#include "libs/resource/page_token.h"

#include <cmath>
#include <limits>

#include "libs/testing/matchers.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;

constexpr char kQuery[] = "organizations/a|state = LISTED|title";

PageToken Token() {
  return {{sql::Null{}, int64_t{-5}, std::numeric_limits<int64_t>::min(), 2.5, -0.0,
           std::string("Поезия\0x", 14), sql::Blob{std::string("\0\xff", 2)}, std::string()}};
}

TEST(PageTokenTest, ComesBackAsItWasMade) {
  for (const PageToken& token :
       {Token(), PageToken{}, PageToken{{std::string("organizations/a")}}}) {
    const std::string text = EncodePageToken(token, kQuery);
    const auto back = DecodePageToken(text, kQuery, "page_token");
    ASSERT_THAT(back, IsOk());
    EXPECT_TRUE(back->key == token.key);
    EXPECT_EQ(
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
        std::string::npos);
  }
}

TEST(PageTokenTest, BelongsToItsQuery) {
  const std::string text = EncodePageToken(Token(), kQuery);
  EXPECT_THAT(DecodePageToken(text, "another", "page_token"),
              HasViolation("page_token", "PAGE_TOKEN"));
  EXPECT_THAT(DecodePageToken(text, "", "page_token"), HasViolation("page_token", "PAGE_TOKEN"));
}

TEST(PageTokenTest, DamageIsNoticedWhereverItIs) {
  const std::string text = EncodePageToken(Token(), kQuery);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    const auto token = DecodePageToken(damaged, kQuery, "page_token");
    // The last character has bits that mean nothing.
    if (token.ok()) {
      EXPECT_TRUE(token->key == Token().key) << i;
    }
    EXPECT_THAT(DecodePageToken(text.substr(0, i), kQuery, "page_token"),
                HasViolation("page_token", "PAGE_TOKEN"))
        << i;
  }
  for (const std::string& wrong : {std::string("!"), std::string(1, '\0'), std::string("AQ"),
                                   std::string(100000, 'A'), std::string("\xff\xfe")}) {
    EXPECT_THAT(DecodePageToken(wrong, kQuery, "page_token"),
                HasViolation("page_token", "PAGE_TOKEN"));
  }
}

TEST(PageTokenTest, TheLongestKeyStillMakesATokenThatIsTaken) {
  // A text of 500 characters of four bytes and a name.
  const PageToken token{{std::string(2000, 'x'), std::string(300, 'n')}};
  const std::string text = EncodePageToken(token, kQuery);
  EXPECT_LE(text.size(), 4000u);
  EXPECT_THAT(DecodePageToken(text, kQuery, "page_token"), IsOk());
}

}  // namespace
}  // namespace mostove::resource
