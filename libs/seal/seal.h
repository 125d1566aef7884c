// Makes append-only tables tamper-evident: a chain of hashes over their rows.
//
// A sealer takes the rows that nothing comes in before any more, in the order
// of the log, and adds a seal: the hash of every row, and one of all of these
// and of the seal before. Whoever knows the hash of a seal (a head) can tell
// later whether anything up to there was changed, removed or inserted; see
// verify.h. Writers of the log do nothing for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/sql/database.h"

namespace mostove::seal {

// A table whose rows are added in the order of `sequence` and never change.
struct Log {
  std::string table;
  // All of its columns; `sequence` first. What is hashed.
  std::vector<std::string> columns;
  // Number of the list of columns; a later list is a later version.
  int version = 1;
  // On PostgreSQL: the condition on rows below which nothing comes in any more.
  std::string settled;
};

// Rows of one seal at most.
inline constexpr int kRowsMax = 1000;

enum class Kind {
  kRows = 1,
  // Rows up to a place were purged because their time had passed.
  kPurge = 2,
};

// A row of the table log_seal.
struct Seal {
  int64_t ordinal = 0;  // 1, 2, 3, ... in each log
  Kind kind = Kind::kRows;
  int64_t version = 1;  // of the columns
  // Of kPurge: 0, and the last row that is gone.
  int64_t first_sequence = 0;
  int64_t through = 0;
  // Up to which row the log is sealed.
  int64_t last_sequence = 0;
  int64_t rows = 0;
  absl::Time time;
  std::string leaves;         // of each row: sequence (8 bytes, the highest first), hash
  std::string leaves_hash;    // kept when the leaves are purged
  std::string previous_hash;  // empty for the first
  std::string hash;
};

inline constexpr size_t kLeafBytes = 8 + 32;

// Makes the table.
absl::Status Install(sql::Database& database);

// Seals the next rows, kRowsMax at most; answers how many. 0 as well when
// another process was faster.
absl::StatusOr<int> SealNext(sql::Database& database, const Log& log, absl::Time now);

// Deletes the sealed rows whose seal was made before `before`, in whole seals,
// and says so in a seal of its own, so that the rest still verifies. Answers how
// many rows; a few thousand at most, so call it until it answers 0.
absl::StatusOr<int64_t> Purge(sql::Database& database, const Log& log, absl::Time before,
                              absl::Time now);

// The last seal; ordinal 0 when there is none.
absl::StatusOr<Seal> Last(sql::Connection& connection, const Log& log);

// For those who read seals: the columns of a seal, and a row of them.
extern const char kSealColumns[];
Seal ToSeal(const sql::Row& row);
// What a seal's hash has to be, and that of a row: columns as in the log.
std::string HashOf(const Log& log, const Seal& seal);
std::string HashOf(const Log& log, const sql::Row& row);

}  // namespace mostove::seal
