// A bounded number of connections, lent to one thread at a time.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/random/random.h"
#include "libs/sql/sql.h"

namespace mostove::sql {

// Safe for all threads. Connections are made when first needed; after a failed
// attempt none is made for a while that grows from 50 ms to 2 s, then one at a
// time, and Take answers meanwhile with the error of that attempt.
template <typename SomeConnection>
class ConnectionPool {
 public:
  using Make = std::function<absl::StatusOr<std::unique_ptr<SomeConnection>>()>;

  ConnectionPool(int connections_max, Make make)
      : connections_max_(connections_max), make_(std::move(make)) {}

  // DEADLINE_EXCEEDED when all are lent until then.
  absl::StatusOr<std::unique_ptr<SomeConnection>> Take(absl::Time deadline);
  // An unhealthy one is closed.
  void GiveBack(std::unique_ptr<SomeConnection> connection);
  // The database did not answer: closes what is not lent, and acts as after a
  // failed attempt, so that not every caller finds out for itself.
  void Suspect(absl::Status failure);

 private:
  absl::StatusOr<std::unique_ptr<SomeConnection>> MakeOne();
  // Under the lock.
  void NoteFailure(absl::Status failure);

  const int connections_max_;
  const Make make_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SomeConnection>> idle_;
  int lent_ = 0;
  absl::Status last_failure_;
  absl::Time next_attempt_ = absl::InfinitePast();
  absl::Duration pause_ = absl::ZeroDuration();  // 0: the last attempt did not fail
  bool attempting_ = false;
  absl::InsecureBitGen random_;
};

}  // namespace mostove::sql

#include "libs/sql/connection_pool_inl.h"
