#include "libs/rpc/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "libs/telemetry/counters.h"
#include "libs/telemetry/log.h"

namespace mostove::rpc {
namespace {

class Pool : public WorkerPool {
 public:
  explicit Pool(const WorkerPoolOptions& options)
      : queue_max_(options.queue_max),
        queue_time_max_(options.queue_time_max),
        wait_(options.wait) {
    threads_.reserve(options.threads);
    for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Work(); });
  }

  ~Pool() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  bool TryRun(std::function<void()> work) override {
    return Push(std::move(work), static_cast<size_t>(queue_max_));
  }

  bool Run(std::function<void()> work) override {
    return Push(std::move(work), std::numeric_limits<size_t>::max());
  }

  int queued() const override {
    std::lock_guard lock(mutex_);
    return static_cast<int>(queue_.size());
  }

  int busy() const override {
    std::lock_guard lock(mutex_);
    return busy_;
  }

 private:
  struct Item {
    std::function<void()> work;
    absl::Time since;
  };

  bool Push(std::function<void()> work, size_t queue_max) {
    const absl::Time now = absl::Now();
    {
      std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= queue_max) return false;
      const bool bounded = queue_max < std::numeric_limits<size_t>::max();
      if (bounded && !queue_.empty() && now - queue_.front().since > queue_time_max_) return false;
      queue_.push_back({std::move(work), now});
    }
    wake_.notify_one();
    return true;
  }

  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Item item = std::move(queue_.front());
      queue_.pop_front();
      ++busy_;
      lock.unlock();
      if (wait_ != nullptr) wait_->Observe(absl::Now() - item.since);
      Do(item.work);
      item.work = nullptr;  // what it holds is released without the lock
      lock.lock();
      --busy_;
    }
  }

  static void Do(const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& e) {
      telemetry::Log(telemetry::Level::kError, "work_threw",
                     {{"error", absl::string_view(e.what())}});
    }
  }

  const int queue_max_;
  const absl::Duration queue_time_max_;
  telemetry::Histogram* const wait_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;  // guarded by mutex_
  int busy_ = 0;            // guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<WorkerPool> WorkerPool::Start(const WorkerPoolOptions& options) {
  return std::make_unique<Pool>(options);
}

}  // namespace mostove::rpc
