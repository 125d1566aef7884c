// Follows the change log of another service, or of its own: the one way to
// learn what happened there.
//
// Most readers keep in their own database how far they have come, and move in
// the transaction of what they do about the changes. So nothing is lost and
// nothing done out of order, whatever ends in between; and of several copies of
// a service that follow at once, one does the work. A reader that keeps what it
// learns in memory (Sink) starts at the beginning of the log.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/sql/database.h"
#include "mostove/changes/v1/changes.pb.h"

namespace mostove::follower {

using Changes = google::protobuf::RepeatedPtrField<changes::v1::Change>;

// Where a reader stands in a log, and the transactions in which it moves on.
class Cursor {
 public:
  // Makes the table, and the place of a reader that is new: "".
  static absl::Status Prepare(sql::Database& database, const std::string& reader,
                              const std::string& source);
  // The stored place.
  static absl::StatusOr<Cursor> Load(sql::Database& database, const std::string& reader,
                                     const std::string& source);

  const std::string& position() const { return position_; }  // "": the beginning

  // Runs `change` in a transaction in which no other copy moves. ABORTED, reason
  // OVERTAKEN, when one has moved since: its changes are not ours to do.
  absl::Status Run(const sql::Change& change) const;
  // The same, and the place becomes `position`.
  absl::Status Advance(const std::string& position, const sql::Change& change);

 private:
  Cursor(sql::Database& database, std::string reader, std::string source)
      : database_(&database), reader_(std::move(reader)), source_(std::move(source)) {}
  absl::Status Check(sql::Connection& connection) const;

  sql::Database* database_;
  std::string reader_, source_;
  std::string position_;
};

// What is done about the changes.
class Handler {
 public:
  virtual ~Handler() = default;
  // The log begins anew, for its database was restored or emptied: what was
  // taken from it before is void.
  virtual absl::Status Restart(sql::Transaction& transaction) = 0;
  // In the order of the log. It may advance the cursor step by step, to the
  // position of the change that it has done with; what comes after the last
  // step is seen again after an error or a crash. Passes errors of the cursor
  // on as they are. When it has returned OK, the cursor moves behind all.
  virtual absl::Status Handle(const Changes& changes, Cursor& cursor) = 0;
};

// Where the changes go, stretch by stretch, with the place that the reader has
// come to. Called by the follower only.
class Sink {
 public:
  virtual ~Sink() = default;
  // "": the beginning.
  virtual absl::StatusOr<std::string> Position() = 0;
  // The log begins anew: so does the reader.
  virtual absl::Status Restart() = 0;
  // In the order of the log. From then on Position is the page's next_position.
  // ABORTED, reason OVERTAKEN, is no failure: it goes on where Position says.
  virtual absl::Status Take(const changes::v1::ListChangesResponse& page) = 0;
  // There was nothing behind Position.
  virtual void AtEnd() {}
};

struct Options {
  sql::Database* database = nullptr;  // for Open: the reader's own; outlives the follower
  std::string reader;                 // what follows: "references"
  std::string source;                 // whose log: "mostove.organizations.v1.OrganizationsService"
  std::vector<std::string> resource_types;  // empty: all
  // Asks the source; returns within some seconds, whatever happens there.
  std::function<absl::StatusOr<changes::v1::ListChangesResponse>(
      const changes::v1::ListChangesRequest&)>
      read;
  Handler* handler = nullptr;  // for Open; outlives the follower
  // A look that follows a wake-up comes so long after the one before: many
  // commits, one look.
  absl::Duration pace = absl::Milliseconds(100);
  // Between two looks, more or less, and at most after failures.
  absl::Duration interval = absl::Seconds(1);
  absl::Duration pause_max = absl::Seconds(5);
};

class Follower {
 public:
  // Keeps the place in the database; makes the table. No thread runs before Start.
  static absl::StatusOr<std::unique_ptr<Follower>> Open(Options options);
  Follower(Options options, std::unique_ptr<Sink> sink);
  ~Follower();  // stops

  void Start();
  // There is something new: look soon. From any thread; does not block.
  void Wake();
  const std::string& source() const { return options_.source; }
  // Finishes the stretch that it handles.
  void Stop();

  // Handles one stretch; false when there was nothing new. For Start's thread,
  // or for a test without it.
  absl::StatusOr<bool> Step();

  // How old what the reader knows may be: the time since it last saw the end of
  // the log.
  absl::Duration Lag() const;

 private:
  void Loop();
  bool WaitForEnd(absl::Duration pause);
  void Report(const absl::Status& status);

  const Options options_;
  const std::unique_ptr<Sink> sink_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool end_ = false;
  bool woken_ = false;
  absl::Time caught_up_;
  bool failing_ = false;  // the thread's own, and:
  absl::Time looked_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace mostove::follower
