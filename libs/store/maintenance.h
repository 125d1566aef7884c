// What a store does by itself from time to time: it forgets idempotency keys
// that are older than 24 hours, and takes personal fields out of rows that were
// deleted long ago or whose expire_time has passed.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "libs/store/store.h"

namespace mostove::store {

// Takes the personal fields out of rows that were deleted before `deleted_before`
// and of rows with a field expire_time that is past; they stay what they are
// otherwise. Answers of how many.
absl::StatusOr<int64_t> PurgePersonal(const Store& store, absl::Time deleted_before,
                                      absl::Time now);

class Maintenance {
 public:
  // Runs once a minute, and looks at personal fields once an hour, on a thread of
  // its own, until the end of its life. The stores outlive it. A failure is logged and tried again
  // the next time.
  explicit Maintenance(std::vector<const Store*> stores,
                       absl::Duration personal_retention = absl::Hours(24 * 90),
                       absl::Duration interval = absl::Minutes(1));
  ~Maintenance();

 private:
  void Loop();

  const std::vector<const Store*> stores_;
  const absl::Duration personal_retention_;
  const absl::Duration interval_;
  absl::Time next_hour_ = absl::InfinitePast();  // the thread's own
  std::mutex mutex_;
  std::condition_variable ending_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace mostove::store
