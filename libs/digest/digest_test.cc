#include "libs/digest/digest.h"

#include "gtest/gtest.h"

namespace mostove::digest {
namespace {

// FIPS 180-4's own example.
TEST(DigestTest, IsSha256) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256("abc").size(), 32u);
}

}  // namespace
}  // namespace mostove::digest
