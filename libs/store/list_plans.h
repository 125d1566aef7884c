// For tests of schemas: whether every list has the index that it walks.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/sql/database.h"
#include "libs/store/row.h"

namespace mostove::store {

// Asks the database for its plans of the resource's lists: every order, every
// index that a filter or a parent can drive, every kind of caller, first and
// later pages, totals. Answers with those plans that sort or that walk a table
// without an index, each with its statement: none, if the schema is right.
absl::StatusOr<std::vector<std::string>> SlowLists(sql::Database& database, const Layout& layout);

}  // namespace mostove::store
