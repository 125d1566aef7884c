// The tables and indexes that a resource asks for, as a migration writes them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/store/row.h"

namespace mostove::store {

struct Index {
  std::string name, table;
  std::vector<std::string> columns;
};

// What lists walk (list_statement.h): every order, for each audience, of all
// rows, of those below one parent and of those of one owner; what is indexed or
// repeated by its value, in the default order.
std::vector<Index> WantedIndexes(const Layout& layout);

// CREATE statements for both databases. Fails where a name is longer than
// PostgreSQL keeps (63 bytes).
absl::StatusOr<std::string> SchemaScript(const Layout& layout);

}  // namespace mostove::store
