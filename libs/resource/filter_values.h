// The values of a filter, typed by the column that they are compared with.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/resource/type.h"
#include "libs/sql/sql.h"

namespace mostove::resource::filter {

// What a value stands for on the column: `low` to `high`, both included. They
// are the same, except that the date 2026-03 stands for every date in March and
// 2026 for every date in the year, also for dates of which no more is known.
struct ValueRange {
  sql::Value low;
  sql::Value high;
};

// INVALID_ARGUMENT with what the column takes: "a whole number from 0 to
// 4294967295". The wrong value itself is not repeated.
absl::StatusOr<ValueRange> ParseValue(const ColumnInfo& column, absl::string_view text);

// What a column holds whose field without presence was never set: 0 or "".
sql::Value DefaultValue(ColumnKind kind);

// The smallest text that is greater than every text that begins with `prefix`,
// by bytes. "" where there is none. `prefix` is valid UTF-8, and so is the answer.
std::string PrefixSuccessor(absl::string_view prefix);

// At most 40 names, joined with commas.
std::string NameList(const std::vector<std::string>& names);

}  // namespace mostove::resource::filter
