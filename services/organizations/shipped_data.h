// Records that every installation begins with: lines of JSON, as `mostove
// export` writes them.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/store/store.h"

namespace mostove::organizations {

absl::string_view ShippedFrameworks();  // data/capacity_frameworks.jsonl
absl::string_view ShippedCompliance();  // data/compliance.jsonl: rules, calendars

// Creates those that are not there, in one transaction. What is there stays as
// it is, also what was deleted. A sentence about a line that is no record.
absl::Status LoadShipped(const store::Store& store, absl::string_view lines);

}  // namespace mostove::organizations
