// An import file of any form, read into records.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/cli/catalog.h"
#include "services/cli/record.h"

namespace mostove::cli {

struct ImportFileOptions {
  std::string format;    // "hxl" (or "3w"), "csv", "jsonl", "hsds"; "" looks at the content
  std::string encoding;  // "" finds out
  std::string mapping;   // TOML, for "csv"
  std::string source;    // for "hxl"
  std::vector<std::pair<std::string, std::string>> constants;  // for "hxl" and "hsds"
  std::string language;  // of the texts, for "hsds"; "" for none in particular
  std::string into;      // organization that locations belong to, for "hsds"
};

// INVALID_ARGUMENT where the file as a whole cannot be read; what is wrong with
// single rows stands in the refusals.
absl::StatusOr<RecordSet> ReadImportFile(absl::string_view bytes, const Catalog& catalog,
                                         const ImportFileOptions& options);

// Each line one resource with its name; types may be mixed.
RecordSet ReadJsonLines(absl::string_view text, const Catalog& catalog);

}  // namespace mostove::cli
