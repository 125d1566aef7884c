// What a store does by itself from time to time: it forgets idempotency keys
// that are older than 24 hours.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "libs/store/store.h"

namespace mostove::store {

class Maintenance {
 public:
  // Runs once a minute, on a thread of its own, until the end of its life. The
  // stores outlive it. A failure is logged and tried again the next time.
  explicit Maintenance(std::vector<const Store*> stores,
                       absl::Duration interval = absl::Minutes(1));
  ~Maintenance();

 private:
  void Loop();

  const std::vector<const Store*> stores_;
  const absl::Duration interval_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace mostove::store
