// Whether a PostgreSQL server is there, found out by asking it for nothing all the time: a
// statement that is slow and a server that is gone look alike to who waits for an answer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"

namespace mostove::sql {

class PostgresLink;

// Safe for all threads. Has a connection and a thread of its own.
class PostgresPulse {
 public:
  explicit PostgresPulse(std::string url);
  ~PostgresPulse();

  // False when the server has not answered for a second, or nothing listens there. Answers of the
  // last quarter of a second count.
  bool alive() const { return alive_.load(std::memory_order_relaxed); }

 private:
  void Run();
  bool Beat(std::unique_ptr<PostgresLink>& link) const;

  const std::string url_;
  std::atomic<bool> alive_ = true;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ = false;  // by mutex_
  std::thread thread_;
};

}  // namespace mostove::sql
