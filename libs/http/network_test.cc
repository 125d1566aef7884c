#include "libs/http/network.h"

#include "gtest/gtest.h"

namespace mostove::http {
namespace {

TEST(NetworkTest, AnIpv4AddressIsItsOwn) {
  EXPECT_EQ(NetworkOf("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(NetworkOf("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_NE(NetworkOf("::ffff:203.0.113.7"), NetworkOf("::ffff:203.0.113.8"));
}

TEST(NetworkTest, AnIpv6HostHasItsWholeNetwork) {
  EXPECT_EQ(NetworkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(NetworkOf("2001:db8:1:2:3:4:5:6"), NetworkOf("2001:db8:1:2:ffff::1"));
  EXPECT_NE(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:3::1"));
}

TEST(NetworkTest, WhatIsNoAddressIsItsOwn) {
  EXPECT_EQ(NetworkOf("nonsense"), "nonsense");
  EXPECT_EQ(NetworkOf(""), "");
}

}  // namespace
}  // namespace mostove::http
