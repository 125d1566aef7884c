// One connection to Redis, by hiredis, which has no time limits of its own: every
// wait here ends at a deadline.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/redis/address.h"

struct redisContext;

namespace mostove::redis {

using Command = std::vector<std::string>;  // {"SET", "key", "value"}

struct Reply {
  enum class Kind { kNil, kInteger, kText, kArray, kError };
  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text;  // of an error too
  std::vector<Reply> elements;
};

// For one thread at a time. After an error it is of no use. The program has to
// ignore SIGPIPE, as service::Program does.
class Connection {
 public:
  // Finds the master by its Sentinels where there are some. UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Address& address,
                                                          absl::Time deadline);
  ~Connection();
  Connection(const Connection&) = delete;

  // Goes out with the next Exchange.
  void Append(const Command& command);
  // Sends what is appended and reads, until at least one reply is there or the
  // deadline passes: then none, and it may be called again. `interrupt`: a file
  // descriptor that ends the wait when it can be read; -1 for none. UNAVAILABLE
  // when the connection is lost.
  absl::StatusOr<std::vector<Reply>> Exchange(absl::Time deadline, int interrupt = -1);
  // One command and its reply. DEADLINE_EXCEEDED; ABORTED for an error of Redis.
  absl::StatusOr<Reply> Do(const Command& command, absl::Time deadline);

 private:
  explicit Connection(redisContext* context);
  absl::Status Lost() const;
  absl::Status Flush();
  absl::StatusOr<std::vector<Reply>> TakeReplies();

  redisContext* const context_;
  bool unsent_ = false;
};

}  // namespace mostove::redis
