// The meaning of a filter: its syntax checked against the columns of a type.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/resource/filter_parser.h"
#include "libs/resource/type.h"
#include "libs/sql/sql.h"

namespace mostove::resource::filter {

// A test of a column. On a column that is NULL no test holds, negated or not;
// kNot is true where its child is not.
struct Condition {
  enum class Kind {
    kAnd,
    kOr,
    kNot,
    kPresent,  // not NULL
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kBetween,  // `value` to `upper`, both included
    kPrefix,   // texts
    kSuffix,
    kContains,
  };
  Kind kind = Kind::kAnd;
  std::vector<Condition> children;  // of kAnd, kOr (two or more) and kNot (one)

  // Of the other kinds. On a repeated column: one of its values passes.
  const ColumnInfo* column = nullptr;
  bool negated = false;  // never on a repeated column
  sql::Value value;
  sql::Value upper;
};

// INVALID_ARGUMENT with "at character 7: ...".
absl::StatusOr<Condition> Check(const Type& type, const Expression& expression);

}  // namespace mostove::resource::filter
