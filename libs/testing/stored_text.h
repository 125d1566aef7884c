// Where in a database a text stands.
#pragma once

#include <string>
#include <vector>

#include "libs/sql/database.h"

namespace mostove::testing {

// "table.column" for every column of every table that has a value with the text
// in it, as bytes. A test fails on what cannot be read.
std::vector<std::string> PlacesOf(sql::Database& database, const std::string& text);

}  // namespace mostove::testing
