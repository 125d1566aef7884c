// Matchers for absl::Status, absl::StatusOr and protobuf messages.
//
//   EXPECT_THAT(store.Get("trainings/none"),
//               StatusIs(absl::StatusCode::kNotFound, HasReason("RESOURCE_NOT_FOUND")));
//   EXPECT_THAT(answer, IsOkAndHolds(EqualsProto(R"pb(title: "First aid")pb")));
#pragma once

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"

namespace mostove::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

// "INTERNAL: words [reason R; field f: REQUIRED]" for failing tests.
std::string Describe(const absl::Status& status);
bool ReasonIs(const absl::Status& status, absl::string_view reason);
bool ViolationIsAmong(const absl::Status& status, absl::string_view field,
                      absl::string_view reason);
// Empty when equal, else what differs.
std::string Difference(const google::protobuf::Message& expected,
                       const google::protobuf::Message& actual);
// Parses the text form as a message of the kind of `like`; a wrong text fails
// the comparison with its message.
std::string DifferenceFromText(const std::string& expected,
                               const google::protobuf::Message& actual);

// The following match a Status or a StatusOr.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << Describe(StatusOf(arg));
  return StatusOf(arg).ok();
}

MATCHER_P(StatusIs, code, absl::StrCat("has the code ", absl::StatusCodeToString(code))) {
  *result_listener << Describe(StatusOf(arg));
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, inner,
           absl::StrCat("has the code ", absl::StatusCodeToString(code), " and ",
                        ::testing::DescribeMatcher<absl::Status>(inner))) {
  *result_listener << Describe(StatusOf(arg));
  return StatusOf(arg).code() == code &&
         ::testing::SafeMatcherCast<const absl::Status&>(inner).Matches(StatusOf(arg));
}

MATCHER_P(HasReason, reason, absl::StrCat("has the reason ", reason)) {
  *result_listener << Describe(StatusOf(arg));
  return ReasonIs(StatusOf(arg), reason);
}

MATCHER_P2(HasViolation, field, reason,
           absl::StrCat("names the field ", field, " with the reason ", reason)) {
  *result_listener << Describe(StatusOf(arg));
  return ViolationIsAmong(StatusOf(arg), field, reason);
}

// The words of the error, by a matcher of strings.
MATCHER_P(HasMessage, inner,
          absl::StrCat("has a message that ", ::testing::DescribeMatcher<std::string>(inner))) {
  return ::testing::ExplainMatchResult(inner, std::string(StatusOf(arg).message()),
                                       result_listener);
}

MATCHER_P(IsOkAndHolds, inner, "is OK and holds the expected value") {
  if (!arg.ok()) {
    *result_listener << Describe(arg.status());
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

// `expected` is a message or its text form.
MATCHER_P(EqualsProto, expected, "equals the expected message") {
  std::string difference;
  if constexpr (std::is_convertible_v<decltype(expected), std::string>) {
    difference = DifferenceFromText(expected, arg);
  } else {
    difference = Difference(expected, arg);
  }
  *result_listener << difference;
  return difference.empty();
}

}  // namespace mostove::testing

namespace absl {
// How GoogleTest prints them.
inline void PrintTo(const Status& status, std::ostream* out) {
  *out << mostove::testing::Describe(status);
}
}  // namespace absl
