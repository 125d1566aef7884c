// The texts that Timestamp, Duration and FieldMask have in JSON, and the parsing
// of numbers that stand in a text. Messages are read and written by reflection,
// so dynamic ones work too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mostove::transcoding {

struct SecondsAndNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};

enum class TextFault {
  kNone,
  kForm,   // not of the form at all
  kRange,  // of the form, but beyond what the type holds
};

// "2026-01-31T08:00:00.123Z", years 1 to 9999. Reading takes any offset and up
// to nine digits of fraction. Appending returns false, and appends nothing, out
// of range.
bool AppendTimestamp(SecondsAndNanos time, std::string& out);
TextFault ParseTimestamp(absl::string_view text, SecondsAndNanos& time);

// "-1.500s", up to 10,000 years.
bool AppendDuration(SecondsAndNanos duration, std::string& out);
TextFault ParseDuration(absl::string_view text, SecondsAndNanos& duration);

// One path of a mask between proto names and JSON names. Steps that are no field
// names (keys of maps such as "uk-UA", or in backquotes) stay as they are, and
// so do underscores that no capital letter could stand for.
std::string MaskPathToJson(absl::string_view path);
std::string MaskPathFromJson(absl::string_view path);
// "displayName,seat.countryCode" into proto paths; commas in backquotes belong
// to the path. False for an empty path between commas. "" is the empty mask.
bool ParseMask(absl::string_view text, std::vector<std::string>& paths);

// A number as RFC 8259 spells it.
bool IsJsonNumber(absl::string_view text);

}  // namespace mostove::transcoding
