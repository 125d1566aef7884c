// Files of HSDS 3.0 as records.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/cli/catalog.h"
#include "services/cli/record.h"

namespace mostove::cli {

struct HsdsImportOptions {
  std::string language;  // of the texts; "" for none in particular
  std::string into;      // the organization of locations that name none, or another
  std::vector<std::pair<std::string, std::string>> constants;  // {"organization.state", ...}
};

// Organizations under the ids of the file; locations as parts of theirs. Rows
// are counted from 1 in the order of the file.
absl::StatusOr<RecordSet> ReadHsdsRecords(absl::string_view text, const Catalog& catalog,
                                          const HsdsImportOptions& options);

}  // namespace mostove::cli
