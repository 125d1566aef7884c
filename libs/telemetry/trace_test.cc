#include "libs/telemetry/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mostove::telemetry {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr char kGiven[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceTest, IdsAreTakenApart) {
  const TraceIds ids = ParseTraceparent(kGiven);
  EXPECT_EQ(ids.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(ids.span_id, "b7ad6b7169203331");
}

TEST(TraceTest, WhatIsMalformedHasNoIds) {
  for (const char* text : {"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                           "00-somebody@example.org.aaaaaaaaaaaaa-b7ad6b7169203331-01"}) {
    EXPECT_EQ(ParseTraceparent(text).trace_id, "") << text;
  }
}

TEST(TraceTest, WorkWithinATraceKeepsItAndHasASpanOfItsOwn) {
  const std::string child = ContinueTrace(kGiven);
  EXPECT_THAT(child, MatchesRegex("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01"));
  EXPECT_NE(child, kGiven);
  EXPECT_NE(ParseTraceparent(child).trace_id, "");
}

TEST(TraceTest, WithoutOneATraceIsStartedUnlessThatIsSwitchedOff) {
  const std::string first = ContinueTrace(""), second = ContinueTrace("nonsense");
  EXPECT_THAT(first, MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
  EXPECT_NE(ParseTraceparent(first).trace_id, ParseTraceparent(second).trace_id);
  SetStartTraces(false);
  EXPECT_EQ(ContinueTrace(""), "");
  EXPECT_THAT(ContinueTrace(kGiven), StartsWith("00-0af7651916cd43dd8448eb211c80319c-"));
  SetStartTraces(true);
}

}  // namespace
}  // namespace mostove::telemetry
