// HXL-tagged "who does what where" tables as organizations and activities. The
// one part of the program that knows what its resources mean.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/exchange/csv.h"
#include "libs/exchange/hxl.h"
#include "services/cli/catalog.h"
#include "services/cli/record.h"

namespace mostove::cli {

struct ThreeWOptions {
  std::string source;  // of every activity: where this is known from
  // What every record is given: {"organization.state", "LISTED"}.
  std::vector<std::pair<std::string, std::string>> constants;
};

// Each distinct organization name becomes one organization (names that differ
// in case only are told in the notes, never merged), each distinct row one
// activity under it. Ids come from the exact name and from the row's meaning, so
// that the same file always gives the same names.
// INVALID_ARGUMENT where no column is #org, or a constant names no field.
absl::StatusOr<RecordSet> ReadThreeW(const exchange::CsvTable& table,
                                     const exchange::HxlLayout& layout, const Catalog& catalog,
                                     const ThreeWOptions& options);

}  // namespace mostove::cli
