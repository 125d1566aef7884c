// Compares a log with its seals.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/seal/seal.h"

namespace mostove::seal {

// One thing that is not as it was sealed.
struct Finding {
  enum class Kind {
    kRowChanged,
    kRowRemoved,
    kRowInserted,
    kSealChanged,
    kSealRemoved,
    kSealReplaced,
  };
  Kind kind;
  int64_t ordinal = 0;   // of the seal
  int64_t sequence = 0;  // of the row; 0 for findings about seals

  // "row 17 was changed (seal 3)"
  std::string ToString() const;
};

// Findings that are kept at most; the rest is counted.
inline constexpr size_t kFindingsMax = 100;

struct Report {
  std::vector<Finding> findings;
  int64_t findings_count = 0;
  int64_t seals = 0;
  int64_t rows = 0;           // sealed, and there
  int64_t rows_purged = 0;    // sealed, and gone by retention
  int64_t rows_unsealed = 0;  // after the last seal
  int64_t last_ordinal = 0;
  std::string head;  // 64 hexadecimal digits: the hash of the last seal; "" when there is none
  // Of the heads that were asked for, those that this log has or had.
  std::vector<std::string> heads_found;
};

struct VerifyOptions {
  std::vector<std::string> heads;  // noted earlier: 64 lower-case hexadecimal digits each
  // Called now and then with the rows compared so far; may be empty.
  std::function<void(int64_t rows)> progress;
};

// Reads the whole log, as it stands at the beginning of the call. An error where
// it cannot be read, not where it was tampered with.
absl::StatusOr<Report> Verify(sql::Connection& connection, const Log& log,
                              const VerifyOptions& options);

}  // namespace mostove::seal
