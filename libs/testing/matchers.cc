#include "libs/testing/matchers.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/status/status.h"

namespace mostove::testing {

using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;

std::string Describe(const absl::Status& status) {
  if (status.ok()) return "OK";
  std::string description = absl::StrCat(absl::StatusCodeToString(status.code()), ": ",
                                         status.message(), " [reason ", status::Reason(status));
  for (const status::Violation& violation : status::FieldViolations(status)) {
    absl::StrAppend(&description, "; field ", violation.field, ": ", violation.reason);
  }
  return absl::StrCat(description, "]");
}

bool ReasonIs(const absl::Status& status, absl::string_view reason) {
  return status::Reason(status) == reason;
}

bool ViolationIsAmong(const absl::Status& status, absl::string_view field,
                      absl::string_view reason) {
  const auto violations = status::FieldViolations(status);
  return std::any_of(violations.begin(), violations.end(), [&](const auto& violation) {
    return violation.field == field && violation.reason == reason;
  });
}

std::string Difference(const Message& expected, const Message& actual) {
  if (expected.GetDescriptor() != actual.GetDescriptor()) {
    return absl::StrCat("a ", actual.GetTypeName(), " cannot equal a ", expected.GetTypeName());
  }
  std::string difference;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  if (differencer.Compare(expected, actual)) return "";
  return absl::StrCat("the differences from what was expected:\n", difference, "of the whole:\n",
                      actual.DebugString());
}

std::string DifferenceFromText(const std::string& expected, const Message& actual) {
  const std::unique_ptr<Message> message(actual.New());
  if (!TextFormat::ParseFromString(expected, message.get())) {
    return absl::StrCat("the expected text is not a ", actual.GetTypeName(), ": ", expected);
  }
  return Difference(*message, actual);
}

}  // namespace mostove::testing
