// A checked filter as SQL. Only names of columns and tables stand in the text;
// every value is bound.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/resource/filter_check.h"
#include "libs/sql/sql.h"

namespace mostove::resource::filter {

// See Filter::ToSql. `left_out` (or null) stands in the top level's conjunction;
// `table` is the resource's table.
std::string ToSql(const Condition& condition, const Condition* left_out, sql::Engine engine,
                  absl::string_view table, absl::string_view alias,
                  std::vector<sql::Value>& values);

}  // namespace mostove::resource::filter
