#include "libs/seal/verify.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::seal {
namespace {

constexpr int kSealsPerRead = 50;

struct Leaf {
  int64_t sequence;
  std::string hash;
};

std::vector<Leaf> ToLeaves(absl::string_view text) {
  std::vector<Leaf> leaves;
  for (; text.size() >= kLeafBytes; text.remove_prefix(kLeafBytes)) {
    leaves.push_back({static_cast<int64_t>(absl::big_endian::Load64(text.data())),
                      std::string(text.substr(8, kLeafBytes - 8))});
  }
  return leaves;
}

// Goes through the seals of one log in their order.
class Verification {
 public:
  Verification(sql::Connection& connection, const Log& log, const VerifyOptions& options)
      : connection_(connection), log_(log), options_(options) {
    rows_statement_ =
        absl::StrCat("SELECT ", absl::StrJoin(log.columns, ", "), " FROM ", log.table,
                     " WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3");
  }

  absl::StatusOr<Report> Run() {
    RETURN_IF_ERROR(ReadPurgeEnd());
    while (true) {
      ASSIGN_OR_RETURN(const std::vector<Seal> seals, ReadSeals());
      for (const Seal& seal : seals) RETURN_IF_ERROR(Check(seal));
      if (seals.size() < kSealsPerRead) break;
    }
    RETURN_IF_ERROR(CountUnsealed());
    report_.last_ordinal = ordinal_;
    report_.head = absl::BytesToHexString(hash_);
    return std::move(report_);
  }

 private:
  void Found(Finding::Kind kind, int64_t ordinal, int64_t sequence = 0) {
    ++report_.findings_count;
    if (report_.findings.size() < kFindingsMax) {
      report_.findings.push_back({kind, ordinal, sequence});
    }
  }

  absl::Status ReadPurgeEnd() {
    return connection_.Query(
        "SELECT coalesce(max(through), 0) FROM log_seal WHERE log = ?1 AND kind = 2", {log_.table},
        [&](const sql::Row& row) {
          purged_through_ = row.Int64(0);
          return false;
        });
  }

  absl::StatusOr<std::vector<Seal>> ReadSeals() {
    std::vector<Seal> seals;
    RETURN_IF_ERROR(connection_.Query(
        absl::StrCat("SELECT ", kSealColumns,
                     " FROM log_seal WHERE log = ?1 AND ordinal > ?2 ORDER BY ordinal LIMIT ?3"),
        {log_.table, ordinal_, int64_t{kSealsPerRead}}, [&](const sql::Row& row) {
          seals.push_back(ToSeal(row));
          return true;
        }));
    return seals;
  }

  absl::Status Check(const Seal& seal) {
    const bool gap = seal.ordinal != ordinal_ + 1;
    for (int64_t gone = ordinal_ + 1; gone < seal.ordinal; ++gone) {
      if (gone > ordinal_ + static_cast<int64_t>(kFindingsMax)) break;
      Found(Finding::Kind::kSealRemoved, gone);
    }
    if (!gap && seal.previous_hash != hash_) Found(Finding::Kind::kSealReplaced, ordinal_);
    bool intact = HashOf(log_, seal) == seal.hash && seal.last_sequence >= last_sequence_;
    const bool rows = seal.kind == Kind::kRows;
    const bool purged = rows && seal.last_sequence <= purged_through_;
    if (!purged) intact = intact && digest::Sha256(seal.leaves) == seal.leaves_hash;
    if (rows && seal.version != log_.version) {
      return status::Precondition(
          "SEAL_VERSION", absl::StrCat("seal ", seal.ordinal, " of ", log_.table, " has version ",
                                       seal.version, ", which this program does not know"));
    }
    ++report_.seals;
    if (!intact) {
      Found(Finding::Kind::kSealChanged, seal.ordinal);
    } else if (rows) {
      // What a removed seal was about is not this one's.
      if (gap) last_sequence_ = std::max(last_sequence_, seal.first_sequence - 1);
      RETURN_IF_ERROR(purged ? CheckPurged(seal) : CheckRows(seal));
    }
    const std::string hash = absl::BytesToHexString(seal.hash);
    for (const std::string& head : options_.heads) {
      if (intact && head == hash) report_.heads_found.push_back(head);
    }
    ordinal_ = seal.ordinal;
    hash_ = seal.hash;
    last_sequence_ = std::max(last_sequence_, seal.last_sequence);
    if (options_.progress) options_.progress(report_.rows);
    return absl::OkStatus();
  }

  // Gives every row up to the end of the seal to `each`.
  template <class Each>
  absl::Status ForEachRow(const Seal& seal, const Each& each) {
    int64_t after = last_sequence_;
    for (int read = kRowsMax; read == kRowsMax;) {
      read = 0;
      RETURN_IF_ERROR(connection_.Query(rows_statement_,
                                        {after, seal.last_sequence, int64_t{kRowsMax}},
                                        [&](const sql::Row& row) {
                                          ++read;
                                          after = row.Int64(0);
                                          each(after, row);
                                          return true;
                                        }));
    }
    return absl::OkStatus();
  }

  absl::Status CheckPurged(const Seal& seal) {
    report_.rows_purged += seal.rows;
    return ForEachRow(seal, [&](int64_t sequence, const sql::Row&) {
      Found(Finding::Kind::kRowInserted, seal.ordinal, sequence);
    });
  }

  // Both are in the order of sequences.
  absl::Status CheckRows(const Seal& seal) {
    const std::vector<Leaf> leaves = ToLeaves(seal.leaves);
    size_t next = 0;
    const auto removed_before = [&](int64_t sequence) {
      while (next < leaves.size() && leaves[next].sequence < sequence) {
        Found(Finding::Kind::kRowRemoved, seal.ordinal, leaves[next++].sequence);
      }
    };
    RETURN_IF_ERROR(ForEachRow(seal, [&](int64_t sequence, const sql::Row& row) {
      ++report_.rows;
      removed_before(sequence);
      if (next == leaves.size() || leaves[next].sequence != sequence) {
        return Found(Finding::Kind::kRowInserted, seal.ordinal, sequence);
      }
      if (leaves[next++].hash != HashOf(log_, row)) {
        Found(Finding::Kind::kRowChanged, seal.ordinal, sequence);
      }
    }));
    while (next < leaves.size()) {
      Found(Finding::Kind::kRowRemoved, seal.ordinal, leaves[next++].sequence);
    }
    return absl::OkStatus();
  }

  absl::Status CountUnsealed() {
    return connection_.Query(
        absl::StrCat("SELECT count(*) FROM ", log_.table, " WHERE sequence > ?1"), {last_sequence_},
        [&](const sql::Row& row) {
          report_.rows_unsealed = row.Int64(0);
          return false;
        });
  }

  sql::Connection& connection_;
  const Log& log_;
  const VerifyOptions& options_;
  std::string rows_statement_;
  Report report_;
  int64_t purged_through_ = 0;
  // Of the seal before.
  int64_t ordinal_ = 0;
  int64_t last_sequence_ = std::numeric_limits<int64_t>::min();
  std::string hash_;
};

}  // namespace

std::string Finding::ToString() const {
  switch (kind) {
    case Kind::kRowChanged:
      return absl::StrCat("row ", sequence, " was changed (seal ", ordinal, ")");
    case Kind::kRowRemoved:
      return absl::StrCat("row ", sequence, " was removed (seal ", ordinal, ")");
    case Kind::kRowInserted:
      return absl::StrCat("row ", sequence, " was inserted (seal ", ordinal, ")");
    case Kind::kSealChanged:
      return absl::StrCat("seal ", ordinal, " was changed");
    case Kind::kSealRemoved:
      return absl::StrCat("seal ", ordinal, " was removed");
    case Kind::kSealReplaced:
      return absl::StrCat("seal ", ordinal, " was replaced: the next one does not follow it");
  }
  return "";
}

absl::StatusOr<Report> Verify(sql::Connection& connection, const Log& log,
                              const VerifyOptions& options) {
  const bool postgres = connection.engine() == sql::Engine::kPostgres;
  RETURN_IF_ERROR(
      connection.Script(postgres ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN"));
  const absl::Cleanup end = [&] { (void)connection.Script("ROLLBACK"); };
  return Verification(connection, log, options).Run();
}

}  // namespace mostove::seal
