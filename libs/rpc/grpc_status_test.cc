#include "libs/rpc/grpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using ::testing::AllOf;
using testing::HasReason;
using testing::HasViolation;
using ::testing::SizeIs;
using testing::StatusIs;

TEST(GrpcStatusTest, ErrorsComeBackAsTheyWent) {
  const absl::Status errors[] = {
      absl::OkStatus(),
      status::NotFound("x.bg/Shelf", "shelves/none"),
      status::InvalidField("title", "REQUIRED", "give it a title"),
      status::Unavailable("QUEUE_FULL", "busy", absl::Seconds(1)),
      absl::AbortedError("without details"),
  };
  for (const absl::Status& error : errors) EXPECT_EQ(FromGrpc(ToGrpc(error)), error);
}

TEST(GrpcStatusTest, WhatWentWrongInsideStaysInside) {
  const grpc::Status sent = ToGrpc(status::Internal("table secrets has no column x"));
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(sent.error_message() + sent.error_details(),
              ::testing::Not(::testing::HasSubstr("secrets")));
}

TEST(GrpcStatusTest, ManyViolationsAreCutToWhatClientsTake) {
  status::Violations violations;
  for (int i = 0; i < 100; ++i) {
    violations.Add(absl::StrCat("requests[", i, "].organization.legal_name"), "REQUIRED",
                   "a legal name is missing; give the name in the register");
  }
  const grpc::Status sent = ToGrpc(violations.ToStatus());
  EXPECT_LE(sent.error_details().size(), 3500u);
  EXPECT_LE(sent.error_message().size(), 710u);
  const absl::Status received = FromGrpc(sent);
  EXPECT_THAT(received,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasReason("INVALID_FIELDS"),
                             HasViolation("requests[0].organization.legal_name", "REQUIRED"))));
  EXPECT_THAT(status::FieldViolations(received), SizeIs(::testing::Gt(5u)));
}

TEST(GrpcStatusTest, TheTranslationStandsBesideTheEnglish) {
  const grpc::Status sent = ToGrpc(status::NotFound("x.bg/Shelf", "shelves/none"), "bg");
  EXPECT_EQ(sent.error_message(), "shelves/none does not exist");
  EXPECT_THAT(sent.error_details(), ::testing::HasSubstr("shelves/none не съществува"));
}

TEST(GrpcStatusTest, ALongTranslationGivesWayToTheDetails) {
  const std::string name(1800, 'x');
  const absl::Status error = status::NotFound("x.bg/Shelf", name);
  EXPECT_EQ(ToGrpc(error, "bg").error_details(), ToGrpc(error).error_details());
}

TEST(GrpcStatusTest, LongMessagesAreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "ж";
  const std::string message = ToGrpc(absl::AbortedError(text)).error_message();
  EXPECT_THAT(message, ::testing::StartsWith("жж"));
  EXPECT_THAT(message, ::testing::EndsWith("ж…"));
}

TEST(GrpcStatusTest, DetailsThatAreDamagedOrOfAnotherErrorAreIgnored) {
  EXPECT_EQ(FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "lost", "\xff\xff")),
            absl::AbortedError("lost"));
  const std::string other = ToGrpc(status::NotFound("a", "b")).error_details();
  EXPECT_EQ(FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "lost", other)),
            absl::AbortedError("lost"));
}

}  // namespace
}  // namespace mostove::rpc
