// A bounded pool of threads: a queue that is full says so at once.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"

namespace mostove::telemetry {
class Histogram;
}

namespace mostove::rpc {

struct WorkerPoolOptions {
  int threads = 64;  // most of them wait for a commit
  int queue_max = 1024;
  // While the oldest work has waited longer, the queue counts as full: latency does not grow with
  // the load, and who is refused is told at once.
  absl::Duration queue_time_max = absl::Milliseconds(250);
  telemetry::Histogram* wait = nullptr;  // of work for its thread; may be null
};

class WorkerPool {
 public:
  static std::unique_ptr<WorkerPool> Start(const WorkerPoolOptions& options);
  virtual ~WorkerPool() = default;  // runs what is queued, then joins
  // False when the queue is full or the pool is stopping: the work is not run.
  virtual bool TryRun(std::function<void()> work) = 0;
  // Queues beyond the bound: for work that is bounded elsewhere, as that of open
  // streams is. False when the pool is stopping.
  virtual bool Run(std::function<void()> work) = 0;
  virtual int queued() const = 0;
  virtual int busy() const = 0;  // threads that run something
};

}  // namespace mostove::rpc
