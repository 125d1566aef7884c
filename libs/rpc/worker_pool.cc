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
#include "libs/telemetry/log.h"

namespace mostove::rpc {
namespace {

class Pool : public WorkerPool {
 public:
  explicit Pool(const WorkerPoolOptions& options) : queue_max_(options.queue_max) {
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

 private:
  bool Push(std::function<void()> work, size_t queue_max) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= queue_max) return false;
      queue_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
  }

  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      Do(work);
      work = nullptr;  // what it holds is released without the lock
      lock.lock();
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
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<WorkerPool> WorkerPool::Start(const WorkerPoolOptions& options) {
  return std::make_unique<Pool>(options);
}

}  // namespace mostove::rpc
