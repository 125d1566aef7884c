#include "libs/status/status.h"

#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace mostove::status {
namespace {

TEST(StatusTest, ReportsEveryWrongFieldAtOnce) {
  Violations violations;
  violations.Add("organization.legal_name", "REQUIRED", "has to be given");
  violations.Add("page_size", "TOO_SMALL", "has to be 0 or more");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Reason(status), "INVALID_FIELDS");
  EXPECT_EQ(status.message(), "organization.legal_name: has to be given (and 1 more wrong field)");
  ASSERT_EQ(FieldViolations(status).size(), 2u);
  EXPECT_EQ(FieldViolations(status)[1].field, "page_size");
}

TEST(StatusTest, SendsABoundedNumberOfViolations) {
  Violations violations;
  for (int i = 0; i < 5000; ++i) violations.Add("f", "REQUIRED", "has to be given");
  EXPECT_EQ(FieldViolations(violations.ToStatus()).size(), 100u);
}

TEST(StatusTest, NoViolationIsNoError) { EXPECT_TRUE(Violations().ToStatus().ok()); }

TEST(StatusTest, SurvivesTheWire) {
  const absl::Status status =
      Unavailable("QUEUE_FULL", "too many requests wait", absl::Milliseconds(1500));
  const absl::Status back = FromProto(ToProto(status));
  EXPECT_EQ(back, status);
  EXPECT_EQ(RetryAfter(back), absl::Milliseconds(1500));
}

TEST(StatusTest, WhatWentWrongInsideStaysInside) {
  const auto proto = ToProto(Internal("disk /var/lib/x is full"));
  EXPECT_THAT(proto.message(), testing::Not(testing::HasSubstr("disk")));
  EXPECT_EQ(Reason(FromProto(proto)), "INTERNAL");
}

TEST(StatusTest, NotFoundNamesTheResource) {
  const absl::Status status = NotFound("organizations.mostove.bg/Organization", "organizations/x");
  EXPECT_EQ(status.message(), "organizations/x does not exist");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace mostove::status
