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
// rows and of those below one parent; what is indexed, in the default order;
// and each side table by its key in every order.
std::vector<Index> WantedIndexes(const Layout& layout);

// CREATE statements for both databases. Fails where a name is longer than
// PostgreSQL keeps (63 bytes).
absl::StatusOr<std::string> SchemaScript(const Layout& layout);

}  // namespace mostove::store
