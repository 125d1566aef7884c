// Takes what was deleted or replaced out of a database's own files.
#pragma once

#include "absl/status/status.h"
#include "libs/sql/database.h"

namespace mostove::sql {

// What a database does that can.
class Scrubs {
 public:
  virtual ~Scrubs() = default;
  virtual absl::Status Scrub() = 0;
};

// As far as the engine does it beside others: SQLite's log is moved into the file
// and emptied (the file itself keeps no deleted bytes); PostgreSQL removes dead
// rows (their bytes in free space go when it is used again). Blocks.
inline absl::Status Scrub(Database& database) {
  auto* scrubs = dynamic_cast<Scrubs*>(&database);
  return scrubs == nullptr ? absl::OkStatus() : scrubs->Scrub();
}

}  // namespace mostove::sql
