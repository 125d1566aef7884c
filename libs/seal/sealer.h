// Seals the logs of a process from time to time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/seal/seal.h"

namespace mostove::seal {

class Sealer {
 public:
  struct Target {
    std::string name;                   // "funding", for the program's own log lines
    sql::Database* database = nullptr;  // outlives the sealer
    Log log;
    // Rows that were sealed before are purged.
    absl::Duration retention = absl::InfiniteDuration();
  };

  // On a thread of its own, until the end of its life; then once more. A failure
  // is logged and tried again the next time. What was written since the last
  // look can be changed unnoticed: hence the interval. Once an hour the heads
  // are logged, where the lines of a program are kept elsewhere.
  explicit Sealer(std::vector<Target> targets, absl::Duration interval = absl::Seconds(10));
  ~Sealer();

 private:
  void Loop();
  void SealAll();
  void PurgeAll();
  void LogHeads();

  const std::vector<Target> targets_;
  const absl::Duration interval_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool end_ = false;
  absl::Time next_hour_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace mostove::seal
