// One thread that waits for sockets and timers, and what lives on it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/container/flat_hash_map.h"

namespace mostove::loop {

// The part on one loop of something that serves callers on every loop.
class Guest {
 public:
  virtual ~Guest() = default;
  // On the loop's thread, once: closes what is open, so that nothing of it waits
  // on the loop any more.
  virtual void End() = 0;
};

class Loop {
 public:
  Loop();
  ~Loop();  // Join
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Run();  // starts the thread
  // Ends the guests and then the thread, as soon as nothing waits on it any
  // more. Not on its own thread. Later calls have no effect.
  void Join();

  // Runs `work` on the thread, after what is ready now; false when the loop has
  // ended and will not. For any thread.
  bool Post(std::function<void()> work);

  // The loop whose thread this is; null on other threads.
  static Loop* Current();
  bool OnThisThread() const { return Current() == this; }
  boost::asio::io_context& context() { return context_; }

  // ---- on its thread

  // The guest of this owner; null if there is none.
  Guest* Find(const void* owner) const;
  void Add(const void* owner, std::shared_ptr<Guest> guest);
  void Dismiss(const void* owner);  // ends it

 private:
  void EndGuests();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  absl::flat_hash_map<const void*, std::shared_ptr<Guest>> guests_;
  std::mutex post_mutex_;
  bool ended_ = false;  // by post_mutex_
  std::thread thread_;
};

}  // namespace mostove::loop
