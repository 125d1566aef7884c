// Plain tables as resources of any type, by a mapping of columns to fields.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/exchange/csv.h"
#include "services/cli/catalog.h"
#include "services/cli/field_path.h"
#include "services/cli/record.h"

namespace mostove::cli {

struct MappedColumn {
  std::string column;  // header, exactly
  FieldPath field;
  char separator = '|';  // of a field that takes several values
  // What the file says -> what the field takes; other values pass as they are.
  std::map<std::string, std::string> values;
};

// Where an id comes from.
struct IdSource {
  enum Kind {
    kRow,     // a UUID made from all mapped values
    kColumn,  // the id as it stands, or a whole name
    kText,    // slug and hash of a column's text, as HXL imports make it
  };
  Kind kind = kRow;
  std::string column;
};

struct Mapping {
  const ResourceType* type = nullptr;
  std::vector<MappedColumn> columns;
  std::vector<std::pair<FieldPath, std::string>> constants;
  IdSource id;
  std::string parent;                     // "organizations/sofia-help"
  std::optional<IdSource> parent_column;  // instead of `parent`
  bool trim = true;                       // spaces around cells are no part of the value
};

// Reads a mapping in TOML; see the README for its form. INVALID_ARGUMENT names
// the line or the column that is wrong.
absl::StatusOr<Mapping> ParseMapping(absl::string_view toml, const Catalog& catalog);

// The mapping that an exported table carries in its header: a column "name" and
// else paths of fields of the type that the names in it are of. Nothing when
// the table is not of that form.
std::optional<Mapping> MappingFromHeader(const exchange::CsvTable& table, const Catalog& catalog);

// Reads all rows under the header. INVALID_ARGUMENT when a mapped column is not
// in the table. Cells that do not fit their field refuse their row, by column.
absl::StatusOr<RecordSet> ReadMapped(const exchange::CsvTable& table, const Mapping& mapping,
                                     const Catalog& catalog);

}  // namespace mostove::cli
