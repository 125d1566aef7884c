#include "services/gateway/client_address.h"

#include <gtest/gtest.h>

namespace mostove::gateway {
namespace {

TEST(ClientAddressTest, TheWordOfATrustedEdgeCountsAndOnlyItsOwn) {
  const TrustedEdges edges("127.0.0.1, 10.1.0.0/16,fd00::/8");
  struct Row {
    const char* peer;
    const char* forwarded_for;
    const char* client;
  };
  const Row rows[] = {
      {"127.0.0.1", "203.0.113.7", "203.0.113.7"},
      {"127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"},
      {"127.0.0.1", "198.51.100.1,203.0.113.7 ", "203.0.113.7"},
      {"::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"},
      {"10.1.200.3", "2001:db8::1", "2001:db8::1"},
      {"fd12::1", "203.0.113.7", "203.0.113.7"},
      {"127.0.0.2", "203.0.113.7", "127.0.0.2"},
      {"10.2.0.1", "203.0.113.7", "10.2.0.1"},
      {"fe80::1", "203.0.113.7", "fe80::1"},
      {"203.0.113.9", "127.0.0.1", "203.0.113.9"},
      {"127.0.0.1", "", "127.0.0.1"},
      {"127.0.0.1", "unknown", "127.0.0.1"},
      {"127.0.0.1", "203.0.113.7, ", "127.0.0.1"},
      {"127.0.0.1", "203.0.113.7:80", "127.0.0.1"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(edges.ClientAddress(row.peer, row.forwarded_for), row.client)
        << row.peer << " " << row.forwarded_for;
    EXPECT_EQ(TrustedEdges().ClientAddress(row.peer, row.forwarded_for), row.peer);
  }
}

TEST(ClientAddressTest, TheLastOfSeveralFieldsCounts) {
  http::Request request;
  request.remote_address = "127.0.0.1";
  request.headers.Add({"X-Forwarded-For", "198.51.100.1"});
  request.headers.Add({"x-forwarded-for", "203.0.113.7"});
  EXPECT_EQ(TrustedEdges("127.0.0.1").ClientAddress(request), "203.0.113.7");
}

TEST(ClientAddressTest, SettingsAreNetworks) {
  for (const char* good : {"", "127.0.0.1", "127.0.0.1,::1", " 10.0.0.0/8 , fd00::/8 "}) {
    EXPECT_EQ(TrustedEdges::Check(good), "") << good;
  }
  for (const char* bad : {"localhost", "127.0.0", "10.0.0.0/33", "10.0.0.0/", "*", "1.2.3.4;::1"}) {
    EXPECT_NE(TrustedEdges::Check(bad), "") << bad;
  }
}

}  // namespace
}  // namespace mostove::gateway
