// Single values of HSDS and of ours.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"

namespace mostove::exchange::hsds {

// "2026-01-31"; nothing for what is no date of that form.
std::optional<google::type::Date> ParseDate(absl::string_view text);
// "" for a date without its day, which HSDS cannot write.
std::string FormatDate(const google::type::Date& date);

// 3 is "+03:00", -3.5 is "-03:30"; nothing for what is no offset.
std::optional<std::string> FormatOffset(double hours);
std::optional<double> ParseOffset(absl::string_view text);

// "foreign branch" for FOREIGN_BRANCH.
std::string EnumText(const google::protobuf::EnumValueDescriptor& value);
// In any case; null for what is no value, and for the unspecified one.
const google::protobuf::EnumValueDescriptor* FindEnum(
    const google::protobuf::EnumDescriptor& descriptor, absl::string_view text);

// "Urdu" for "ur"; "" for what is no language.
std::string LanguageName(absl::string_view tag);

// A part of a recurrence rule as RFC 5545 writes it, "UNTIL" and "2005-01-01"
// give "20050101", and back.
std::string ToRulePart(absl::string_view key, absl::string_view value);
std::string FromRulePart(absl::string_view key, absl::string_view value);

// A field somewhere inside a message.
struct Target {
  google::protobuf::Message* message = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
};

// Follows a path of proto names; of repeated messages it takes the first item.
// What is missing on the way is made.
Target MakeTarget(google::protobuf::Message& message, absl::string_view path);
// The same without making anything; a null message where something is missing,
// and where the field at the end is not set.
struct ConstTarget {
  const google::protobuf::Message* message = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
};
ConstTarget FindTarget(const google::protobuf::Message& message, absl::string_view path);
// Empties the field, and the messages around it that are empty then.
void ClearTarget(google::protobuf::Message& message, absl::string_view path);

}  // namespace mostove::exchange::hsds
