// Commands to Redis: those of concurrent callers travel together over a few
// connections.
//
// Whoever comes first on a connection leads: it sends what others have queued
// meanwhile together with its own, and reads the replies of all; when its own is
// there it hands over. Callers keep their own deadlines, and no command waits
// longer than `command_time`.
//
// Redis is never needed for a right answer: after some failures in a row nothing
// is sent for `pause`, then one caller tries. Everybody else is told at once.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/redis/connection.h"

namespace mostove::telemetry {
class Counter;
class Histogram;
class Metrics;
}  // namespace mostove::telemetry

namespace mostove::redis {

struct ClientOptions {
  Address address;
  int connections = 2;
  absl::Duration command_time = absl::Milliseconds(100);
  absl::Duration connect_time = absl::Milliseconds(200);
  int failures_max = 3;  // in a row, before it pauses
  absl::Duration pause = absl::Seconds(1);
  telemetry::Metrics* metrics = nullptr;  // may be null; outlives the client
};

// Safe for all threads. Connects when it is needed.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();

  // UNAVAILABLE, reason REDIS_AWAY: not reachable, or it pauses.
  // DEADLINE_EXCEEDED, reason REDIS_SLOW: the command may have been run. ABORTED,
  // reason REDIS_ERROR, with the words of Redis: a full memory among others.
  absl::StatusOr<Reply> Do(const Command& command, absl::Time deadline);

  // False while it pauses.
  bool available() const;

 private:
  class Lane;
  bool MayTry();
  void NoteSuccess();
  void NoteFailure();

  const ClientOptions options_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<unsigned> next_lane_ = 0;
  std::atomic<int> failures_ = 0;  // in a row
  std::atomic<int64_t> paused_until_micros_ = 0;
  telemetry::Counter& answered_;
  telemetry::Counter& failed_;
  telemetry::Counter& refused_;
  telemetry::Histogram& seconds_;
};

}  // namespace mostove::redis
