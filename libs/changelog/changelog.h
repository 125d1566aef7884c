// A database's append-only log of accepted writes.
//
// Readers see it in the order of commits: one that has seen sequence 7 is never
// shown a new 6. Sequences have gaps on PostgreSQL. The tables are made by
// Install().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/seal/seal.h"
#include "libs/sql/database.h"

namespace mostove::changelog {

// Equal to mostove.changes.v1.Kind.
enum class Kind {
  kCreated = 1,
  kUpdated = 2,
  kDeleted = 3,
  kUndeleted = 4,
  kMerged = 6,
  kUnmerged = 7
};

struct Entry {
  int64_t sequence = 0;  // given by Append
  absl::Time time;
  std::string caller;
  std::string request_id;
  std::string resource_type;
  std::string name;
  int64_t revision = 0;
  Kind kind = Kind::kUpdated;
  std::string payload;  // the message after the change, personal fields taken out
  std::string sight;    // who saw it before and sees it after: the store's words
  std::vector<std::string> personal_paths;
};

// A place in the log: the epoch of the database and a sequence. Its text form
// is opaque to callers and safe in URLs.
struct Position {
  std::string epoch;
  int64_t sequence = 0;

  std::string ToString() const;
  // INVALID_ARGUMENT for what ToString never wrote.
  static absl::StatusOr<Position> Parse(absl::string_view text);
};

// Makes or upgrades the tables, and the epoch of a database that has none.
absl::Status Install(sql::Database& database);

// What of the log is sealed.
const seal::Log& SealedLog();
// On PostgreSQL: the condition that nothing comes in before a sequence any more,
// for tables whose sequences come from NextSequence.
extern const char kSettled[];
// The next sequence of a transaction. For PostgreSQL; INVALID_ARGUMENT after
// 4,096 of them.
absl::StatusOr<int64_t> NextSequence(sql::Transaction& transaction);

// Adds an entry within the transaction of the change and answers its sequence.
// `last_sequence` is that of the row's change before (0 for a new row). On
// PostgreSQL ABORTED when the transaction is numbered below it: the writer
// runs the change again. Lock the row before the call.
absl::StatusOr<int64_t> Append(sql::Transaction& transaction, const Entry& entry,
                               int64_t last_sequence);

struct Page {
  std::vector<Entry> entries;
  Position next;  // read on from here
};

// Entries after `after` (an empty epoch: from the beginning) in commit order.
// FAILED_PRECONDITION, reason EPOCH_CHANGED, for another epoch.
absl::StatusOr<Page> Read(sql::Connection& connection, const Position& after, int limit);

// An entry without its content: for those who only have to know of it.
struct Head {
  int64_t sequence = 0;
  std::string resource_type;
  std::string name;
  int64_t revision = 0;
  Kind kind = Kind::kUpdated;
  std::string sight;
  // Nothing comes in before it any more. Always so on SQLite.
  bool settled = true;
};

struct Heads {
  std::vector<Head> heads;  // in the order of sequences
  std::string epoch;
};

enum class Show { kSettled, kAll };

// As Read, without content. With kAll also what is committed and has not found
// its last place in the order: such a head is shown again later.
absl::StatusOr<Heads> ReadHeads(sql::Connection& connection, const Position& after, int limit,
                                Show show);

// Where the log ends now: all that is accepted from here on comes behind it.
absl::StatusOr<Position> End(sql::Connection& connection);

// Revisions of one resource, newest first, those below `below_revision`
// (0: all).
absl::StatusOr<std::vector<Entry>> History(sql::Connection& connection, absl::string_view name,
                                           int64_t below_revision, int limit);

}  // namespace mostove::changelog
