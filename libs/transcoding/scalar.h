// One value on its way into a field: conversion with bounds, and what to say
// when it does not fit. Shared by JSON, query parameters and paths.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/transcoding/json_table.h"

namespace mostove::transcoding {

enum class ScalarFault { kNone, kWrongType, kOutOfRange, kUnknownEnum, kInvalidValue, kNul };

// Which member holds the value follows from the field's type.
struct Scalar {
  bool boolean = false;
  int64_t integer = 0;   // signed numbers, enums
  uint64_t natural = 0;  // unsigned numbers
  double real = 0;       // float, double
  std::string text;      // text and bytes
};

// A number as it stands in JSON.
ScalarFault FromInt64(const JsonField& field, int64_t value, Scalar& scalar);
ScalarFault FromUint64(const JsonField& field, uint64_t value, Scalar& scalar);
ScalarFault FromReal(const JsonField& field, double value, Scalar& scalar);
// A text: of any type in a query or path; in JSON of all but booleans. Bytes are
// base64. `text` is valid UTF-8.
ScalarFault FromText(const JsonField& field, absl::string_view text, Scalar& scalar);
// The key of a map entry, in its one canonical spelling.
ScalarFault FromKey(const JsonField& key, absl::string_view text, Scalar& scalar);

// Sets the field, or adds to a repeated one.
void Store(const JsonField& field, Scalar scalar, google::protobuf::Message& message);

// Sets a message that has a text as its JSON form; see IsTextual.
ScalarFault SetFromText(const JsonTable& table, absl::string_view text,
                        google::protobuf::Message& message);

// "WRONG_TYPE" and so on.
absl::string_view ReasonOf(ScalarFault fault);
// What would be right: "must be a whole number from -2147483648 to 2147483647".
std::string DescriptionOf(ScalarFault fault, const JsonField& field);
std::string DescriptionOf(ScalarFault fault, const JsonTable& table);

}  // namespace mostove::transcoding
