// Filters (AIP-160): the whole grammar, compiled to SQL with bound values.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/resource/type.h"
#include "libs/sql/sql.h"

namespace mostove::resource {

// An equality that every match fulfils (a conjunct of the top level), which an
// index can drive: column = value; for repeated columns "has the value".
struct FilterEquality {
  const ColumnInfo* column;
  sql::Value value;
};

// A checked filter. Immutable; the type has to outlive it.
class Filter {
 public:
  virtual ~Filter() = default;

  // True for the empty filter: matches everything.
  virtual bool empty() const = 0;

  // A boolean SQL expression over the table's alias `table_alias`; values are
  // appended to `values`, and numbered from values.size() + 1 on (`?7`). Rows
  // where it is NULL do not match. Columns appear as `alias.column`, repeated
  // ones as EXISTS over their own table.
  virtual std::string ToSql(sql::Engine engine, absl::string_view table_alias,
                            std::vector<sql::Value>& values) const = 0;

  // Equalities of the top level's conjunction on columns that are `indexed` or
  // repeated; what comes first in the filter comes first here.
  virtual const std::vector<FilterEquality>& equalities() const = 0;

  // The narrowest visibility among the fields that are named anywhere in it:
  // OWNER restricts the whole query to rows that the caller owns, NETWORK asks
  // for a member of the network.
  virtual Audience narrowest() const = 0;
};

// Limits: 4,000 characters, 100 terms, depth 32. INVALID_ARGUMENT on `field`,
// reason FILTER, that says where (1-based character) and what would be right;
// a field without a column is refused by name with the list of those that have
// one, functions and bare words ("global restrictions") by name as well.
//
// Values: text = "x", with * at its ends as wildcards; text : "x" contains;
// enums by name; true and false; numbers; timestamps RFC 3339; dates
// 2026-01-31, also 2026-01 and 2026; durations 20s. field:* is set. Comparisons
// (=, !=, <, <=, >, >=) through an unset field never match, not even !=.
// OR binds tighter than AND; NOT and - negate; juxtaposition is AND.
absl::StatusOr<std::unique_ptr<const Filter>> ParseFilter(const Type& type, absl::string_view text,
                                                          absl::string_view field);

}  // namespace mostove::resource
