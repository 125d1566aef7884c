// Filters (AIP-160): the whole grammar, compiled to SQL with bound values.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/resource/aliases.h"
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
  // appended to `values`, and numbered from values.size() + 1 on (`?7`); one
  // may appear twice. Rows where it is NULL do not match. Columns appear as
  // `alias.column`, repeated ones as EXISTS over their own table. On PostgreSQL
  // texts have to have the collation C. `known` is one of equalities() that
  // every row fulfils anyhow: it is left out. "TRUE" when nothing is left.
  virtual std::string ToSql(sql::Engine engine, absl::string_view table_alias,
                            std::vector<sql::Value>& values, const FilterEquality* known) const = 0;
  std::string ToSql(sql::Engine engine, absl::string_view table_alias,
                    std::vector<sql::Value>& values) const {
    return ToSql(engine, table_alias, values, nullptr);
  }

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
// OR binds tighter than AND; NOT and - negate; juxtaposition is AND. Fields by
// their proto or JSON names. Values with or without quotes (" or '); a value
// that holds white space or any of ( ) , : = < > " ' needs them. In quotes a
// backslash stands before a backslash, quote or asterisk that is meant itself,
// and before n, r and t.
//
// - Text is compared byte by byte, in NFC. With = and != an asterisk at an end
//   of the value stands for any text; "\*" is the character itself. text:x
//   contains x; with an asterisk it asks the same as =.
// - Enums by name and bools as true and false: with = != and : only.
// - Numbers within the range of the field. Times in RFC 3339 and durations as
//   20s or 1.5s, both to the microsecond.
// - Dates as 2026-01-31, also 2026-01 and 2026, which stand for the whole month
//   or year: = is within it, < before and > after it, <= not after it. A stored
//   date of which no more than the year is known is in its year, but in none of
//   its months: it comes before them, as in the order of lists.
// - On repeated fields only tags:x (one of them is x; texts may have asterisks).
// - field:* is set: not NULL, and of a field without presence not its default;
//   of a repeated field, not empty.
// - Equality of a field that refers to resources counts all names of the one that
//   is named (`aliases`; may be null).
// - Comparisons (=, !=, <, <=, >, >=, :) through an unset field never match, not
//   even !=; so NOT field = x matches where the field is unset.
absl::StatusOr<std::unique_ptr<const Filter>> ParseFilter(const Type& type, absl::string_view text,
                                                          absl::string_view field,
                                                          const Aliases* aliases = nullptr);

}  // namespace mostove::resource
