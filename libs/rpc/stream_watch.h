// Ends streams whose callers may not go on: a token has expired, a session was
// ended.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/call/call.h"

namespace mostove::rpc {

// What can be ended from outside, on any thread.
class Watched {
 public:
  virtual ~Watched() = default;
  virtual void End(const absl::Status& why) = 0;
};

// Asks about every stream again and again, on a thread of its own. Of streams
// without a session there is nothing to ask.
class StreamWatch {
 public:
  // OK while the caller is who it was; else how its streams end. Must not block.
  using Check = std::function<absl::Status(const call::Caller& caller)>;
  explicit StreamWatch(Check check, absl::Duration interval = absl::Milliseconds(500));
  ~StreamWatch();

  // For all threads.
  void Add(std::weak_ptr<Watched> stream, call::Caller caller);

 private:
  struct Entry {
    std::weak_ptr<Watched> stream;
    call::Caller caller;
  };
  void Loop();
  void CheckAll();

  const Check check_;
  const absl::Duration interval_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Entry> added_;    // guarded by mutex_
  bool end_ = false;            // guarded by mutex_
  std::vector<Entry> entries_;  // the thread's own
  std::thread thread_;
};

}  // namespace mostove::rpc
